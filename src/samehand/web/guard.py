"""Stands before every page and the API: who calls the app by which name, how often, from which page, and how much.

It also gives each browser the secret that its session and its forms hang on, and sets the security headers of answers.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samehand.web.limits import RateLimit
from samehand.web.settings import AppSettings

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
LARGEST_BODY: Final = 1_048_576
"""Bytes that a request may send."""
_MOST_FIELDS: Final = 50_000
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers by which a proxy says that it speaks for somebody else."""
_N_SECRET: Final = 43
"""Characters of a secret."""
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # "no-referrer" would hide the origin of our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def cookie_name(settings: AppSettings) -> str:
    """Name of the cookie that holds a browser's secret."""
    return "__Host-samehand" if settings.secure else "samehand"


def csrf_of(secret: str) -> str:
    """What forms of a browser with this secret must send along; nobody else can know it."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def set_secret(response: Response | MutableHeaders, secret: str, settings: AppSettings) -> None:
    """Give a browser a secret."""
    headers = response.headers if isinstance(response, Response) else response
    secure = "; Secure" if settings.secure else ""
    headers.append("Set-Cookie", f"{cookie_name(settings)}={secret}; HttpOnly; Path=/; SameSite=Lax{secure}")


class Guard:
    """ASGI middleware; ``scope["samehand_secret"]`` is the secret of the browser, old or new."""

    def __init__(self, app: ASGIApp, settings: AppSettings, limit: RateLimit) -> None:
        self._app = app
        self._settings = settings
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        secret = _secret_in(headers, cookie_name(self._settings))
        scope["samehand_secret"] = secret or secrets.token_urlsafe(32)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(MutableHeaders(scope=message), scope, new=secret is None)
            await send(message)

        refused = self._refused(scope, headers)
        if refused is None and scope["method"] not in _SAFE:
            read = await _body(receive)
            if read is None:
                refused = _answer(headers, 413, f"a request may have {LARGEST_BODY:,} bytes")
            elif not self._from_here(headers, read, secret):
                refused = _answer(headers, 403, "this form is not of this session; load the page again")
            else:
                receive = _replayed(read, receive)
        await (refused or self._app)(scope, receive, send_with_headers)

    def _refused(self, scope: Scope, headers: Headers) -> Response | None:
        """Refuse by name and by rate."""
        name = headers.get("host", "").rpartition(":")[0] if _has_port(headers) else headers.get("host", "")
        if self._settings.hosts and name.lower() not in self._settings.hosts:
            return _answer(headers, 421, "this app is not called by that name")
        if not self._settings.sign_in and any(one in headers for one in _FORWARDED):
            return _answer(
                headers, 403, "this app has a single user, and no proxy may stand before it; set up accounts"
            )
        client = scope.get("client")
        wait = self._limit.take(client[0] if client else "")
        if wait > 0:
            return _answer(headers, 429, "too many requests", {"Retry-After": str(math.ceil(wait))})
        return None

    def _from_here(self, headers: Headers, body: bytes, secret: str | None) -> bool:
        """Tell whether a changing request comes from a page of ours, or from a program that uses no cookie."""
        if headers.get("authorization", "").lower().startswith("bearer "):
            return True
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return False
        if site not in {None, "same-origin", "none"}:
            return False
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if secret is None:
            by_program = origin is None and site is None and kind == "application/json"
            return by_program and not self._settings.sign_in
        given = headers.get(CSRF_HEADER)
        if given is None and kind == "application/x-www-form-urlencoded":
            given = _field(body)
        return given is not None and hmac.compare_digest(given.encode(), csrf_of(secret).encode())

    def _dress(self, headers: MutableHeaders, scope: Scope, *, new: bool) -> None:
        for name, value in _HEADERS.items():
            headers[name] = value
        if self._settings.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if not scope["path"].startswith("/static/"):
            headers["Cache-Control"] = "no-store"
        given = any(one.startswith(cookie_name(self._settings)) for one in headers.getlist("set-cookie"))
        if new and not given and not scope["path"].startswith("/api/"):  # programs need none
            set_secret(headers, scope["samehand_secret"], self._settings)


def _field(body: bytes) -> str | None:
    """Read the token in a form."""
    try:
        return parse_qs(body.decode("latin-1"), max_num_fields=_MOST_FIELDS).get(CSRF_FIELD, [None])[0]
    except ValueError:  # too many fields
        return None


def _has_port(headers: Headers) -> bool:
    return headers.get("host", "").rpartition(":")[2].isdigit()


def _secret_in(headers: Headers, name: str) -> str | None:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    fits = morsel is not None and len(morsel.value) == _N_SECRET and morsel.value.isascii()
    return morsel.value if morsel is not None and fits else None


async def _body(receive: Receive) -> bytes | None:
    """Read the whole body; None: it is too long."""
    parts, n_bytes, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        part = message.get("body", b"")
        n_bytes += len(part)
        if n_bytes > LARGEST_BODY:
            return None
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give the body that was read once more, then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _answer(asked: Headers, status: int, found: str, headers: dict[str, str] | None = None) -> Response:
    """Say no: in a sentence to a browser that wants a page, else in JSON."""
    if "text/html" in asked.get("accept", ""):
        return PlainTextResponse(found, status, headers)
    return JSONResponse({"found": found, "where": "", "hint": ""}, status, headers)
