"""
The running median that stops; that it follows its definition is a law in `test_derived.py`.
"""

from __future__ import annotations

import pytest
from canarypolicy.derived.window import Missing

from derived.histories import DOUBLE, GAP, INT, fold, minutes

_ = None


def frozen(series, entries, *, at="full", like=DOUBLE, **written):
    """
    Give the value at each sample, or why it is missing.
    """
    found = fold("frozen", {"of": "a", "over": "4m", "at": at, **written}, (like,), minutes(series, entries=entries))
    return [getattr(value, "why", value) for value in found]


LITTLE = "0s of 4m covered, half is needed"
SOME = "1m of 4m covered, half is needed"
NEVER = "nothing to fix when `full` was entered: 1m of 4m covered, half is needed"


@pytest.mark.parametrize(
    ("series", "entries", "expected"),
    [
        pytest.param(
            [1.0, 2.0, 9.0, 4.0, 5.0, 6.0], [], [LITTLE, SOME, 2.0, 3.0, 4.5, 5.5], id="until the entry the median runs"
        ),
        pytest.param(
            [1.0, 2.0, 9.0, 4.0, 5.0, 6.0], [("full", 3)], [LITTLE, SOME, 2.0, 3.0, 3.0, 3.0], id="at the entry it stops"
        ),
        pytest.param(
            [1.0, 2.0, 9.0, 4.0, 5.0, 6.0],
            [("full", 2.5)],
            [LITTLE, SOME, 2.0, 2.0, 2.0, 2.0],
            id="an entry between samples leaves out the sample after it",
        ),
        pytest.param(
            [1.0, 2.0, 9.0, 4.0, 5.0, 6.0],
            [("full", 2)],
            [LITTLE, SOME, 2.0, 2.0, 2.0, 2.0],
            id="the sample at the very entry belongs to the window",
        ),
        pytest.param(
            [1.0, 2.0, 9.0, _, 5.0, 6.0],
            [("full", 3)],
            [LITTLE, SOME, 2.0, 2.0, 2.0, 2.0],
            id="missing at the very entry it stops all the same",
        ),
        pytest.param(
            [1.0, 2.0, 9.0, _, _, 6.0],
            [("full", 4)],
            [LITTLE, SOME, 2.0, "`a` is missing: no value", 5.5, 5.5],
            id="missing before the entry there is none, at the entry there is",
        ),
        pytest.param(
            [1.0, 2.0, 9.0, 4.0, _, _],
            [("full", 3)],
            [LITTLE, SOME, 2.0, 3.0, 3.0, 3.0],
            id="once fixed it is there, whatever is missing",
        ),
        pytest.param(
            [1.0, 2.0, 9.0, 4.0, 5.0, 6.0],
            [("full", 1)],
            [LITTLE, NEVER, NEVER, NEVER, NEVER, NEVER],
            id="too little at the entry is missing for good",
        ),
        pytest.param(
            [1.0, 2.0, 9.0, 4.0, 5.0, 6.0],
            [("start", 3)],
            [LITTLE, SOME, 2.0, 3.0, 4.5, 5.5],
            id="another step's entry does not stop it",
        ),
        pytest.param(
            [1.0, 2.0, 9.0, GAP, GAP, GAP, GAP, 6.0, 7.0],
            [("full", 6)],
            [LITTLE, SOME, 2.0, *["nothing to fix when `full` was entered: 0s of 4m covered, half is needed"] * 2],
            id="the window ends at the entry, not at the last sample before it",
        ),
        pytest.param(
            [1.0, 2.0, 9.0, 4.0, GAP, GAP, 6.0],
            [("full", 5)],
            [LITTLE, SOME, 2.0, 3.0, 6.5],
            id="and what is covered is cut there",
        ),
    ],
)
def test_frozen(series, entries, expected):
    """Running until the entry, then the median over (e - over, e] for good."""
    assert frozen(series, entries) == expected


def test_it_can_be_fixed_at_the_start():
    """`start` is entered when the rollout starts."""
    assert frozen([1.0, 2.0, 9.0, 4.0, 5.0], [("start", 3), ("full", 4)], at="start")[-1] == 3.0


def test_ints_have_a_double_for_a_median():
    """The median may lie between two ints."""
    assert frozen([1, 2, 4, 7], [], like=INT)[-1] == 3.0


def test_the_first_of_two_entries_counts():
    """A step that is entered again does not fix anew."""
    over = minutes([1.0, 2.0, 9.0, 4.0, 5.0, 6.0], entries=[("full", 3), ("full", 5)])
    assert fold("frozen", {"of": "a", "over": "4m", "at": "full"}, (DOUBLE,), over)[3:] == [3.0, 3.0, 3.0]
    assert over[-1][0].entries == {"full": 3 * 60_000_000}


def test_an_entry_to_come_does_not_count_yet():
    """A tick may know of an entry that lies after it."""
    (tick, values), *rest = minutes([1.0, 2.0, 9.0], entries=[("full", 0)])
    tick_before = type(tick)(
        at_us=-60_000_000, previous_us=None, entered_us=None, entry_belongs=False, entries={"full": 0}, max_gap_us=tick.max_gap_us
    )
    found = fold(
        "frozen",
        {"of": "a", "over": "1m", "at": "full", "min_samples": 1},
        (DOUBLE,),
        [(tick_before, (5.0,)), (tick, values), *rest],
    )
    assert found[0] == Missing(why="0s of 1m covered, half is needed")
    assert isinstance(found[1], Missing)
    assert "nothing to fix" in found[1].why
