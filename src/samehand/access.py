"""Commands that let others in: accounts, tokens, webhooks."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from samehand.cases.model import Role
from samehand.options import DEFAULT_DB, DbOption, examples
from samehand.telling import note, say

users = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
tokens = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
webhook = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

_Name = Annotated[str, typer.Argument(help="Name of the account.", metavar="NAME")]
_FromPipe = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, not the terminal.")
]


@users.command(short_help="Make an account.", epilog=examples("samehand cases user add ann --role admin"))
def add(
    name: _Name,
    db: DbOption = DEFAULT_DB,
    role: Annotated[
        Role, typer.Option("--role", metavar="ROLE", help="viewer, reviewer, lead or admin.")
    ] = Role.reviewer,
    from_pipe: _FromPipe = False,
) -> None:
    """Make an account. The password is asked for; there is no default one."""
    from samehand.cases.people import People
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        made = People(store.database).add(name, role, _password(from_pipe), actor=getpass.getuser())
    say(f"{made.name}: {made.role}")


@users.command(
    short_help="Change an account's role or password, or close it.",
    epilog=examples("samehand cases user change ann --role lead", "samehand cases user change ann --close"),
)
def change(
    name: _Name,
    db: DbOption = DEFAULT_DB,
    role: Annotated[
        Role | None, typer.Option("--role", metavar="ROLE", help="viewer, reviewer, lead or admin.")
    ] = None,
    password: Annotated[bool, typer.Option("--password", help="Ask for a new password.")] = False,
    from_pipe: _FromPipe = False,
    active: Annotated[bool | None, typer.Option("--open/--close", help="Whether it may sign in.")] = None,
) -> None:
    """Change an account. Whoever is signed in by it is signed out."""
    from samehand.cases.people import People
    from samehand.cases.store import CaseStore

    given = _password(from_pipe) if password or from_pipe else None
    with CaseStore.open(db) as store:
        made = People(store.database).change(
            name, actor=getpass.getuser(), role=role, password=given, active=active
        )
    say(f"{made.name}: {made.role}{'' if made.active else ', closed'}")


@users.command("list", short_help="List accounts.", epilog=examples("samehand cases user list"))
def list_users(db: DbOption = DEFAULT_DB) -> None:
    """List accounts."""
    from samehand.cases.people import People
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        for one in People(store.database).users():
            say(f"{one.name}: {one.role}{'' if one.active else ', closed'}")


def _password(from_pipe: bool) -> str:
    if from_pipe:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


@tokens.command(
    "add",
    short_help="Make a token with the rights of an account.",
    epilog=examples("samehand cases token add ann --purpose 'nightly export'"),
)
def add_token(
    name: _Name,
    purpose: Annotated[str, typer.Option("--purpose", metavar="TEXT", help="What it is for.")],
    db: DbOption = DEFAULT_DB,
) -> None:
    """Make a token with the rights of an account. It is shown once."""
    from samehand.cases.people import People
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        made, secret = People(store.database).add_token(name, purpose, actor=getpass.getuser())
    note(f"Token {made.token_id} of {name}; it is shown only now:")
    say(secret)


@tokens.command("list", short_help="List tokens.", epilog=examples("samehand cases token list"))
def list_tokens(db: DbOption = DEFAULT_DB) -> None:
    """List tokens, without their secrets."""
    from samehand.cases.people import People
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        for one in People(store.database).tokens():
            over = ", revoked" if one.revoked else ""
            say(f"{one.token_id}: {one.name}, {one.purpose}, since {one.created_at:%Y-%m-%d}{over}")


@tokens.command(short_help="End a token.", epilog=examples("samehand cases token revoke 3"))
def revoke(
    token: Annotated[int, typer.Argument(help="Number of the token.", metavar="TOKEN", min=1)],
    db: DbOption = DEFAULT_DB,
) -> None:
    """End a token."""
    from samehand.cases.people import People
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        People(store.database).revoke_token(token, actor=getpass.getuser())
    say(f"token {token}: revoked")


@webhook.command(
    "set",
    short_help="Send a signed message about every decision to an address.",
    epilog=examples("samehand cases webhook set https://example.org/samehand"),
)
def set_webhook(
    url: Annotated[str, typer.Argument(help="Where to; HTTPS beyond this machine.", metavar="URL")],
    db: DbOption = DEFAULT_DB,
) -> None:
    """Send a signed message about every decision to an address, from now on. The secret is shown once."""
    from samehand.cases.outbox import configure
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        secret = configure(store.database, url, actor=getpass.getuser())
    note("Secret of the signatures; it is shown only now:")
    say(str(secret))


@webhook.command(short_help="Send no more messages.", epilog=examples("samehand cases webhook off"))
def off(db: DbOption = DEFAULT_DB) -> None:
    """Send no more messages. Those that wait stay, for the next address."""
    from samehand.cases.outbox import configure
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        configure(store.database, None, actor=getpass.getuser())
    say("no messages are sent")


@webhook.command(
    short_help="Send what waits, and say how the outbox stands.",
    epilog=examples("samehand cases webhook deliver"),
)
def deliver(db: DbOption = DEFAULT_DB) -> None:
    """Send what waits, and say how the outbox stands. `samehand review` does so all the time."""
    from samehand.cases.outbox import deliver as send
    from samehand.cases.outbox import delivery
    from samehand.cases.store import CaseStore

    with CaseStore.open(db) as store:
        send(store.database)
        stands = delivery(store.database)
    failure = f"; the last try failed: {stands.last_failure}" if stands.last_failure else ""
    say(f"{stands.n_delivered} delivered, {stands.n_waiting} wait{failure}")
