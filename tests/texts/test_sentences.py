"""The sentences that tables carry."""

from datetime import UTC, datetime, timedelta

import pytest

from samehand.fleets import innocent
from samehand.texts import evidence_sentence, explanation_sentence, fleet_summary, has
from samehand.texts.points import Explained, Standing, points_against, points_for
from tests.report.fake_run import EXPLANATIONS

START = datetime(2024, 3, 1, tzinfo=UTC)
ROW = {
    "layer": "co_target", "feature": "like -> post_17", "action": "like", "target": "post_17",
    "scale_us": 60_000_000, "n_fleet": 60, "n_accounts": 37, "n_events": 37, "first_time": START,
    "last_time": START + timedelta(seconds=58), "expected": 0.2,
}  # fmt: skip


def test_co_target():
    assert (
        evidence_sentence("en", **ROW)
        == "37 of 60 accounts did like on post_17 within 58 s; chance gives 0.2"
    )
    assert (
        evidence_sentence("zh", **ROW)
        == "60 个账号中有 37 个在 58 秒内对 post_17 执行了 like；随机情况下预计 0.2 个"
    )


def test_within_one_tick_of_the_clock():
    assert "within 1 s" in evidence_sentence("en", **ROW | {"last_time": START})


def test_rhythm_counts_occasions_or_events():
    rhythm = ROW | {
        "layer": "rhythm",
        "target": None,
        "action": "add_friend",
        "scale_us": 2_000_000,
        "n_accounts": 41,
    }
    once = evidence_sentence("en", **rhythm | {"last_time": START})
    assert once.startswith("41 accounts acted (add_friend) in the same 2 s, each on another target")
    often = evidence_sentence("en", **rhythm, n_occasions=23)
    assert often.startswith(
        "41 accounts acted (add_friend) in the same 2 s on 23 occasions, each on another target"
    )
    assert "37 times in all" in evidence_sentence("en", **rhythm)
    assert "any action" in evidence_sentence("en", **rhythm | {"action": None})


@pytest.mark.parametrize(
    "layer", ["script", "co_content", "co_device", "co_address", "registration", "fan_out", "of_a_plugin"]
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_other_layer_names_its_feature(layer, lang):
    sentence = evidence_sentence(lang, **ROW | {"layer": layer, "target": None})
    assert "like -> post_17" in sentence
    assert "37" in sentence


def test_a_target_without_action():
    assert evidence_sentence("en", **ROW | {"action": None}).startswith("37 of 60 accounts acted on post_17")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_cause_that_is_tested_has_its_words(lang):
    """A new cause, or a new fact behind one, needs its line in the catalogues."""
    for cause in innocent.CAUSES:
        assert has(f"explanation.{cause.name}"), cause.name
        assert has(f"explanation_title.{cause.name}"), cause.name
        figures = dict.fromkeys(cause.figures, 0.25)
        assert [name for name in figures if not has(f"fact.{name}")] == []
        sentence = explanation_sentence(
            lang, explanation=cause.name, tested=True, figures=figures, sentence=None
        )
        assert (
            sum(sentence.count(found) for found in ("0.25", "25%", "0 s", "0 秒", "0 µs")) >= len(figures) - 1
        )


@pytest.mark.parametrize("name", EXPLANATIONS)
def test_every_explanation_has_a_title_and_an_introduction(name):
    assert has(f"explanation.{name}")
    assert has(f"explanation_title.{name}")


def test_an_explanation_says_its_facts_in_their_order():
    given = {"explanation": "syndication", "tested": True, "sentence": "x"}
    figures = {"audience": 7.25, "audience_usual": 2.0, "of_a_plugin": None}
    assert explanation_sentence("en", figures=figures, **given) == (
        "Newsrooms and other publishers put out the same items at the same time, openly, and have an"
        " audience. Found: accounts outside that act on the median member: 7.2; usual for an account that"
        " anybody acts on:"
        " 2; of_a_plugin: —."
    )
    assert explanation_sentence("en", figures={}, **given).endswith("have an audience.")


def test_an_explanation_that_is_not_known_keeps_its_sentence():
    given = {"explanation": "of_a_plugin", "tested": True, "figures": {}, "sentence": "Plugin says so."}
    assert explanation_sentence("zh", **given) == "Plugin says so."
    assert explanation_sentence("en", **given | {"sentence": None}) == "Tested; no sentence was recorded."


def test_an_explanation_that_was_not_tested_names_what_is_missing():
    given = {"explanation": "household", "tested": False, "figures": {"device": 0.0}, "sentence": "x"}
    assert explanation_sentence("en", **given) == "Not tested: the log has no device."
    assert explanation_sentence("zh", **given) == "未检验：日志中没有 设备。"
    assert "lacks" in explanation_sentence("en", **given | {"figures": {}, "sentence": None})


def test_summary_says_when_chance_is_unknown():
    given = {
        "n_accounts": 1, "n_events": 10, "n_coactions": 5, "first_time": START, "last_time": START,
        "scale_us": None, "chance_count": None, "innocent": None, "innocent_weight": None,
    }  # fmt: skip
    summary = fleet_summary("en", **given)
    assert summary.startswith("1 account made 5 of their 10 events (50%) together")
    assert "was not estimated" in summary
    assert "0.5 such groups" in fleet_summary("en", **given | {"chance_count": 0.5})


def standing(**changes):
    given = {
        "n_events": 100, "n_coactions": 40, "score_bits": 50.0, "q_value": 0.01, "chance_count": 0.1,
        "coordination": 0.9, "inauthenticity": 0.8, "leave_one_out_bits": [20.0, 3.0], "strongest": "S",
        "n_evidence": 3, "n_others": 2, "explanations": [],
    }  # fmt: skip
    return Standing(**given | changes)


def test_part_time_members_speak_against_blaming_all_of_it():
    assert not any("real people" in p for p in points_against(standing(n_part_time=0), "en"))
    (point,) = [p for p in points_against(standing(n_part_time=3), "en") if "real people" in p]
    assert "3 members" in point


def test_points_against_are_never_empty_and_name_what_was_not_tested():
    assert points_against(standing(n_coactions=100, n_others=0, leave_one_out_bits=[]), "en")
    explained = [
        Explained(name="fan_club", weight=0.4, sentence="F."),
        Explained(name="protest", weight=0.01, sentence="P."),
        Explained(name="household", weight=None, sentence="H."),
    ]
    text = "\n".join(points_against(standing(explanations=explained), "en"))
    assert "Weight 40%, fan club: F." in text
    assert "were tested (1) weigh at most 1% each" in text
    assert "P." not in text
    assert "household" in text
    assert "less than 10 bits of evidence for 1 account" in text


def test_no_explanation_is_said_to_weigh_less_than_it_does():
    weights = [0.5, 0.4, 0.3, 0.2, 0.01]
    explained = [Explained(name=f"e{w}", weight=w, sentence="S.") for w in weights]
    text = "\n".join(points_against(standing(explanations=explained), "en"))
    assert "were tested (2) weigh at most 20% each" in text
    few = "\n".join(points_against(standing(explanations=explained[4:]), "en"))
    assert "tested (1) fits well: they weigh at most 1% each" in few


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_stability_speaks_for_or_against(lang):
    windows = {"carrying_scales_us": [10_000_000, 60_000_000]}
    many, few = standing(stability=0.5, **windows), standing(stability=0.49, carrying_scales_us=[])
    said = [["\n".join(points(one, lang)) for points in (points_for, points_against)] for one in (many, few)]
    assert ["50%" in text for text in said[0]] == [True, False]
    assert ["49%" in text for text in said[1]] == [False, True]
    assert {"en": "10 s, 60 s", "zh": "10 秒、60 秒"}[lang] in said[0][0]
    assert {"en": "none by itself", "zh": "没有单独一个"}[lang] in said[1][1]


def test_points_for_do_not_claim_a_rate_that_was_not_estimated():
    text = "\n".join(points_for(standing(q_value=None, chance_count=None), "en"))
    assert "was not estimated" in text
    assert "expected share" not in text
    assert "1 of 2 accounts still have at least 10 bits" in text
