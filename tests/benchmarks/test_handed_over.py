"""What there is to find: fleets handed over to the scoring."""

from __future__ import annotations

from handed_over import measure, sections
from harness.cells import Cell, Done


def test_a_fleet_that_does_not_hide_could_be_told_and_is_found():
    cell = Cell("handed", {"evasion": 0, "seed": 5, "accounts": 1_500, "days": 3})
    fleets = measure(cell)["fleets"]
    assert len(fleets) > 3
    boost = [one for one in fleets if one["kind"] == "boost"]
    assert all(one["score_bits"] > 0 and one["innocent_weight"] < 0.05 for one in boost)
    assert all(one["n_found"] > 0.9 * one["size"] for one in boost)


def test_each_member_is_counted_once():
    def fleet(size, found, score, weight):
        return {
            "kind": "boost",
            "size": size,
            "n_found": found,
            "score_bits": score,
            "innocent_weight": weight,
        }

    fleets = [fleet(10, 0, -3.0, 1.0), fleet(20, 2, 30.0, 0.9), fleet(30, 30, 30.0, 0.01)]
    done = Done(Cell("handed", {"evasion": 3, "seed": 0}), {"fleets": fleets}, 1.0)
    (section,) = sections([done])
    row = next(line for line in section.text.splitlines() if "all" in line and line.startswith("|"))
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "3", "all", "3", "60", "16.6", "33.3", "50.0", "53.3",
    ]  # fmt: skip
