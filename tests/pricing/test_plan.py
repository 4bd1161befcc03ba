"""Plans: what is refused, and what a log has room for."""

from __future__ import annotations

import pytest

from samehand.errors import InputError, OptionError
from samehand.pricing.plan import DAY_US, Cell, Plan, cells_of

ROOMY = {"n_ordinary": 10_000, "span_us": 14 * DAY_US, "min_accounts": 5}


@pytest.mark.parametrize(
    "bad",
    [
        {"sizes": ()}, {"sizes": (2,)}, {"sizes": (5.5,)}, {"delays_s": (0,)}, {"delays_s": (float("nan"),)},
        {"rates": (2, 1)}, {"rates": (1, 1)}, {"rates": (-1,)}, {"order": 1}, {"replicates": 0},
        {"surrogates": -1}, {"seed": -1}, {"rates": (float("inf"),)},
    ],
)  # fmt: skip
def test_bad_plans_are_refused(bad):
    with pytest.raises(OptionError, match=next(iter(bad))):
        Plan(**bad)


def test_the_defaults_are_four_sizes_and_five_delays_of_half_a_fleet():
    cells = cells_of(Plan(), **ROOMY)
    assert sorted({cell.n_accounts for cell in cells}) == [5, 10, 20, 50]
    assert {cell.n_serving for cell in cells if cell.n_accounts == 50} == {25}
    assert {cell.n_serving for cell in cells if cell.n_accounts == 5} == {2}
    assert len(cells) == 20


def test_a_small_log_has_room_for_small_fleets_and_short_delays():
    cells = cells_of(Plan(), n_ordinary=250, span_us=DAY_US // 2, min_accounts=5)
    assert {cell.n_accounts for cell in cells} == {5, 10}
    assert max(cell.delay_us for cell in cells) == 3_600_000_000


@pytest.mark.parametrize(
    ("plan", "log", "kind", "says"),
    [
        (Plan(), {"n_ordinary": 60}, InputError, "too few accounts"),
        (Plan(), {"span_us": 1_000_000}, InputError, "too short"),
        (Plan(sizes=(5, 501)), {}, OptionError, "room for fleets of 500"),
        (Plan(sizes=(4,)), {}, OptionError, "min_accounts"),
        (Plan(), {"min_accounts": 80}, OptionError, "no size fits"),
        (Plan(delays_s=(10, 7 * 86_400)), {}, OptionError, "604800 s"),
        (Plan(sizes=(5,), order=6), {}, OptionError, "fleet of 5"),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_why(plan, log, kind, says):
    with pytest.raises(kind, match=says):
        cells_of(plan, **(ROOMY | log))


def test_orders_give_each_account_its_actions():
    cell = Cell(n_accounts=10, delay_us=1, n_serving=4)
    assert cell.n_orders(2.0, 7.0) * 4 == pytest.approx(2.0 * 7 * 10, abs=4)
    assert cell.n_orders(0.001, 1.0) == 0
