"""The catalogues say the same things, and exactly what the code asks for."""

import ast
import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

import samehand
from samehand.errors import OptionError
from samehand.texts import LANGUAGES, has, label, say
from samehand.texts.catalogue import FILES, _catalogue, _file

SOURCE = Path(samehand.__file__).parent
HOW = {"", "number", "percent", "p", "duration", "moment", "day", "text"}
LABELS = ("layer", "behaviour", "explanation_title", "role")


def fields(sentence):
    return {(name, how) for _, name, how, _ in Formatter().parse(sentence) if name is not None}


def asked_for():
    """Patterns of the keys that the code and the templates ask for."""
    patterns = set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                patterns.add(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(p.value) if isinstance(p, ast.Constant) else r"\w+" for p in node.values]
                patterns.add("".join(parts))
    for file in SOURCE.rglob("*.j2"):
        for call in re.findall(r'\bt\(((?:"[^"]*"|\'[^\']*\'|[^,()])+)', file.read_text(encoding="utf-8")):
            parts = [part.strip() for part in call.split("~")]
            patterns.add("".join(re.escape(p.strip("\"'")) if p[0] in "\"'" else r"\w+" for p in parts))
    return patterns


def keys_in_calls():
    """Keys that stand as constants in calls of ``say`` and ``t``."""
    for file in SOURCE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "samehand.texts" in text else ():
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
                        yield part.value if isinstance(node.args[0], ast.Constant | ast.IfExp) else None
    for file in SOURCE.rglob("*.j2"):
        yield from re.findall(r"\bt\([\"']([\w.]+)[\"'](?! ~)", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_same_keys_and_figures_as_english(lang):
    other, english = _catalogue(lang), _catalogue("en")
    assert other.keys() == english.keys()
    for key in english:
        names = [{name for name, _ in fields(catalogue[key])} for catalogue in (english, other)]
        assert names[0] == names[1], key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figures_are_written_in_known_ways_and_nouns_have_their_forms(lang):
    nouns = _file(lang)["noun"]
    assert nouns.keys() == _file("en")["noun"].keys()
    forms = {"one", "other"} if lang == "en" else {"other"}
    assert all(noun.keys() == forms for noun in nouns.values())
    assert all("{n}" in noun["other"] for noun in nouns.values())
    used = {how for sentence in _catalogue(lang).values() for _, how in fields(sentence)}
    assert used <= HOW | nouns.keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_key_stands_twice_and_none_is_empty(lang):
    files = [SOURCE / "texts" / name.format(lang=lang) for name in FILES]
    read = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    assert sum(map(len, read)) == len(_file(lang))
    assert {file.name for file in (SOURCE / "texts").glob(f"*{lang}.toml")} == {file.name for file in files}
    assert [key for key, value in _catalogue(lang).items() if not value] in ([], ["list.space"])


def test_every_key_that_is_asked_for_exists():
    asked = {key for key in keys_in_calls() if key is not None}
    assert len(asked) > 150
    assert sorted(key for key in asked if not has(key)) == []


def test_every_key_is_asked_for():
    patterns = [re.compile(p) for p in asked_for() if "." in p or "_" in p]
    unused = [
        key
        for key in _catalogue("en")
        if key.partition(".")[0] not in LABELS and not any(p.fullmatch(key) for p in patterns)
    ]
    assert unused == []


def test_nouns_follow_their_number():
    assert say("answer.fleets", "en", n_fleets=1) == "1 suspected fleet"
    assert say("answer.fleets", "en", n_fleets=0) == "0 suspected fleets"
    assert say("against.alone", "en", n=1200, share=0.5).startswith("1,200 events")
    assert say("against.others", "en", n=1).endswith("once over the rows of evidence.")


def test_a_figure_cannot_smuggle_in_a_field():
    sentence = say("answer.weakest", "en", fleet="{bits} {0} %s", bits=3)
    assert "{bits} {0} %s" in sentence


def test_what_is_unknown_is_an_error_or_keeps_its_name():
    with pytest.raises(OptionError, match="no texts in language 'fr'"):
        say("answer.fleets", "fr", n_fleets=1)
    with pytest.raises(KeyError):
        say("no.such.key", "en")
    with pytest.raises(KeyError):
        say("answer.fleets", "en")
    assert label("layer", "<new>", "zh") == "<new>"
    assert label("layer", "rhythm", "zh") == "同一节奏"


def test_no_verdicts_in_the_words():
    for lang, words in {
        "en": r"\bbots?\b|\bprove[dns]?\b|\bguilty\b|\bcriminal",
        "zh": "机器人|证实|有罪|罪犯",
    }.items():
        found = {key: s for key, s in _catalogue(lang).items() if re.search(words, s, re.IGNORECASE)}
        assert found == {}
