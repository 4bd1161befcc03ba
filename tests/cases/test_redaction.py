"""Redaction: the same id looks the same, and tells nothing."""

from __future__ import annotations

from samehand.cases.redaction import Redaction, redaction_of
from samehand.cases.store import CaseStore


def test_ids_stay_the_same_within_a_store_and_differ_between(store, tmp_path) -> None:
    shown = redaction_of(store.database, on=True)
    assert shown.on
    assert shown.id("ann") == redaction_of(store.database, on=True).id("ann")
    assert shown.id("ann") != shown.id("bob")
    with CaseStore.open(tmp_path / "other.sqlite") as other:
        assert redaction_of(other.database, on=True).id("ann") != shown.id("ann")
    assert shown.original(shown.id("bob"), ["ann", "bob"]) == "bob"
    assert shown.original("~nobody", ["ann"]) == "~nobody"


def test_off_shows_everything(lite) -> None:
    plain = redaction_of(lite.database, on=False)
    assert (plain.on, plain.id("ann"), plain.text("call me"), plain.original("ann", [])) == (
        False,
        "ann",
        "call me",
        "ann",
    )


def test_nothing_of_the_original_is_left() -> None:
    shown = Redaction(b"salt")
    for text in ("", "张三", "a@b.example", "<script>", "\ud800", "x" * 10_000):
        for part in (shown.id(text), shown.text(text)):
            assert part.isprintable()
            assert not text or text not in part
        assert len(shown.id(text)) == 17
