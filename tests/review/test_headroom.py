"""
How far limits could move: held against a scan of every value, one by one.
"""

from dataclasses import replace
from math import inf, nextafter

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.program import build
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.recording import Recording
from canarypolicy.history.replay import replay
from canarypolicy.review import headroom as searching
from canarypolicy.review.headroom import headroom
from canarypolicy.review.thresholds import after, before, cut_of, thresholds, with_limit
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewed import policy

MINUTE = 60 * SECOND_US
SMALL = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: small}
signals:
  c.errors: {range: [-10, 10], healthy: 0.001, worse: higher}
  b.errors: {range: [-10, 10], healthy: 0.001}
  c.count: {type: int, range: [null, null], healthy: 0}
  c.color: {type: string, values: [red], healthy: red}
slos: [{name: sure, require: 'c.errors < 9.0'}]
rollback: [{name: high, when: 'c.errors >= 0.5'}]
plan:
  every: 1m
  steps: [{name: a, weight: 10, min: 2m}, {name: b, weight: 50, min: 2m}]
"""


def program(rule="c.errors >= 0.5", slo="c.errors < 9.0"):
    return build(policy(SMALL.replace("c.errors >= 0.5", rule).replace("c.errors < 9.0", slo)))


def recording(name, *rows):
    items = tuple(
        RawSample(at_us=minute * MINUTE, signals=row if isinstance(row, dict) else {"c.errors": row})
        for minute, row in enumerate(rows)
    )
    return Recording(rollout=name, source=name, items=items)


def limit_of(tested):
    return next(each for each in thresholds(tested) if each.rule.name == "high")


def of_rule(found, name="high"):
    return next(each for each in found if each.rule == name)


GOOD = recording("good", 0.1, 0.2, 0.3, 0.2, 0.1, 0.1)
BAD = recording("bad", 0.1, 0.2, 0.8, 0.9, 0.1, 0.1)

OPERATORS = [
    ("c.errors >= 0.5", (0.3, True, 0.9, False), ("at `0.3`: `good` is rolled-back instead of complete", "just above `0.9`: `bad` is complete instead of rolled-back")),
    ("c.errors > 0.5", (0.3, False, 0.9, True), ("just below `0.3`: `good` is rolled-back instead of complete", "at `0.9`: `bad` is complete instead of rolled-back")),
    ("0.5 <= c.errors", (0.3, True, 0.9, False), None),
    ("!(c.errors < 0.5)", (0.3, True, 0.9, False), None),
    ("[c.errors >= 0.5, false][0]", (0.3, True, 0.9, False), None),
    ("!(c.errors <= 0.5)", (0.3, False, 0.9, True), None),
    ('c.errors >= 2.0 || c.errors > 5.0 && c.color == "red"', (0.9, True, None, False), ("at `0.9`: `bad` is rolled-back instead of complete", "however high, no outcome changes")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "ends", "said"), OPERATORS, ids=[case[0] for case in OPERATORS])
def test_the_ends_are_exact(rule, ends, said):
    """A value that was measured is an end, and whether the end belongs to the interval is told by the operator."""
    found = of_rule(headroom(program(rule), [GOOD, BAD]))
    assert (found.low, found.low_is_open, found.high, found.high_is_open) == ends
    if said is not None:
        assert (found.below, found.above) == said


def test_what_unknown_and_strings_have_no_limits():
    """Equality, strings, macros and constants are no limits; an int is one of its own type."""
    rules = [
        "c.errors == 0.5",
        'c.color < "a"',
        "[0.5].exists(x, x > 0.2)",
        "c.count > c.count",
        "1.0 < 2.0 || c.errors == 1.0",
        "c.errors > 0.1 + 0.1",
    ]
    for rule in rules:
        assert [each.rule.name for each in thresholds(program(rule))] == ["sure"], rule
    (_, limit) = thresholds(program("c.count >= 5"))
    assert (limit.limit, after(limit.limit), before(limit.limit)) == (5, 6, 4)
    assert cut_of(limit)({}) is None
    assert cut_of(limit)({"c.count": 2**63 - 1}) is None
    assert cut_of(limit)({"c.count": 7}) == 7


def test_a_factor_has_headroom_too():
    """`x <= y * 1.2` against quotients, to the last bit."""
    rows = [{"c.errors": value, "b.errors": 0.1} for value in (0.1, 0.11, 0.13, 0.11)]
    for rule in ("c.errors > b.errors * 1.2", "c.errors > 1.2 * b.errors"):
        tested = program(rule)
        found = of_rule(headroom(tested, [recording("x", *rows)]))
        assert found.low is None
        assert found.high == pytest.approx(1.3)
        assert found.above.endswith("`x` is holding instead of rolled-back")
        limit = limit_of(tested)
        first = nextafter(found.high, inf)
        outcomes = [
            replay(with_limit(tested, limit, value), recording("x", *rows)).outcome.value for value in (found.high, first)
        ]
        assert outcomes in (["rolled-back", "holding"], ["rolled-back", "complete"])


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    st.sampled_from(["<", "<=", ">", ">="]),
    st.floats(-1e300, 1e300) | st.sampled_from([0.0, -0.0, 5e-324, 1.0]),
    st.floats(-1e300, 1e300) | st.sampled_from([0.0, -0.0, 5e-324, 0.1, 3.0]),
)
def test_a_cut_is_where_the_comparison_turns(operator, value, by):
    """Just at the cut it is what it is far below, just above what it is far above."""
    (_, limit) = thresholds(_with_factor(operator))
    cut = cut_of(limit)({"c.errors": value, "b.errors": by})
    if cut is not None:
        turns = [_compared(operator, value, by * each) for each in (-1.7e308, cut, nextafter(cut, inf), 1.7e308)]
        assert turns[1] is not turns[2]
        assert turns[0] is turns[1] or abs(by) < 1e-300
        assert turns[2] is turns[3] or abs(by) < 1e-300


PROGRAMS = {}


def _with_factor(operator):
    if operator not in PROGRAMS:
        PROGRAMS[operator] = program(f"c.errors {operator} b.errors * 1.2")
    return PROGRAMS[operator]


def _compared(operator, a, b):
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]


def test_an_slo_and_an_exemption_have_limits():
    """Limits stand in `require`, `when` and `unless`, and come in the order of the file."""
    text = SMALL.replace("when: 'c.errors >= 0.5'", "when: 'c.errors >= 0.5', unless: 'b.errors > 0.4'")
    rows = [{"c.errors": 0.8, "b.errors": value} for value in (0.5, 0.6, 0.7, 0.7, 0.6)]
    found = headroom(build(policy(text)), [recording("x", *rows)])
    assert [(each.rule, each.limit) for each in found] == [("sure", 9.0), ("high", 0.5), ("high", 0.4)]
    assert (found[0].low, found[0].low_is_open, found[0].high) == (0.8, True, None)
    assert (found[2].low, found[2].high, found[2].high_is_open) == (None, 0.5, True)
    assert found[2].place.text == "0.4"
    (steady, *_) = headroom(program(), [])
    assert (steady.low, steady.high) == (None, None)
    without_limits = program("c.color == 'red'".replace("'", '"'), "c.errors == 0.5")
    assert headroom(without_limits, [GOOD]) == ()


VALUES = [round(0.1 * step, 1) for step in range(10)]


@settings(deadline=None, derandomize=True, max_examples=25)
@given(
    st.lists(st.lists(st.sampled_from([None, *VALUES]), min_size=5, max_size=9), min_size=1, max_size=3),
    st.sampled_from(["c.errors >= 0.5", "c.errors > 0.5", "c.errors >= 0.5 && c.errors < 5.0", "!(0.5 < c.errors)"]),
)
def test_headroom_is_what_a_scan_finds(rows, rule):
    """Every value that occurs, the one below and the one above it: inside no outcome changes, at the ends one does."""
    tested = program(rule, "c.errors < 0.7")
    recordings = [recording(f"r{index}", *each) for index, each in enumerate(rows)]
    limit = limit_of(tested)
    found = headroom(tested, recordings)
    found = next(each for each in found if each.place == limit.place)

    def outcomes(value):
        return [replay(with_limit(tested, limit, value), each).outcome for each in recordings]

    now = outcomes(limit.limit)
    points = sorted({near for value in VALUES for near in (before(value), value, after(value))})
    same = [value for value in points if outcomes(value) == now]
    low = next((value for value in reversed(points) if value < limit.limit and value not in same), None)
    high = next((value for value in points if value > limit.limit and value not in same), None)
    inside_low = found.low if found.low is None or found.low_is_open else before(found.low)
    inside_high = found.high if found.high is None or found.high_is_open else after(found.high)
    assert (inside_low, inside_high) == (low, high)


def test_an_outcome_that_changes_back_is_found(monkeypatch):
    """A bisection alone would miss it: the nearest change counts, and what was not tried is said."""
    rows = [0.55, 0.6, 0.7, 0.8, 0.9, 0.95]
    flips = {nextafter(0.6, inf), nextafter(0.95, inf)}
    tested = program()
    real = searching._end

    def fake_end(program, each, items):
        limit = program.watches[0].when.tree.right.value
        return "turned" if limit in flips else real(tested, each, items)

    monkeypatch.setattr(searching, "_end", fake_end)
    monkeypatch.setattr(searching, "outcome_of", lambda phase: type("O", (), {"value": str(phase)}))
    only = recording("x", *rows)
    cuts = (tuple(rows), ())
    side = searching._Side(
        program=tested,
        index=0,
        threshold=limit_of(tested),
        played=[searching.Played(recording=only, items=(), ends=fake_end(tested, only, ()), cuts=cuts)],
        is_up=True,
    )
    assert side.search() == 0.6
    monkeypatch.setattr(searching, "MOST_BETWEEN", 1)
    side = searching._Side(program=side.program, index=0, threshold=side.threshold, played=side.played, is_up=True)
    assert side.search() == 0.95
    assert "(1 of 5 values between were tried)" in side.told()


def test_many_changes_are_counted():
    """Three are named."""
    bads = [replace(BAD, rollout=f"bad-{number}") for number in range(5)]
    found = of_rule(headroom(program(), bads))
    assert found.above == (
        "just above `0.9`: `bad-0` is complete instead of rolled-back, `bad-1` is complete instead of rolled-back, "
        "`bad-2` is complete instead of rolled-back and 2 more change"
    )


def test_a_rollout_that_has_not_begun_has_no_outcome():
    """Nothing of it is judged, whatever the limit."""
    waiting = Recording(rollout="w", source="w", items=BAD.items, has_begun=False)
    found = of_rule(headroom(program(), [waiting]))
    assert (found.low, found.high) == (None, None)


def test_ints_have_whole_ends():
    """Between 3 and 7 there are four limits, and both ends are told exactly."""
    rows = [[{"c.errors": 0.1, "c.count": value} for value in (0, each, 0, 0, 0)] for each in (3, 7)]
    recordings = [recording("few", *rows[0]), recording("many", *rows[1])]
    found = of_rule(headroom(program("c.count >= 5"), recordings))
    assert (found.limit, found.low, found.low_is_open, found.high, found.high_is_open) == (5, 3, True, 7, False)
    found = of_rule(headroom(program("c.count > 5"), recordings))
    assert (found.limit, found.low, found.low_is_open, found.high, found.high_is_open) == (5, 3, False, 7, True)
