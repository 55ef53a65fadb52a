"""
What every derived function promises, against definitions that look at the whole history (`reference.py`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from canarypolicy.derived import DERIVED
from canarypolicy.derived.window import Input, Missing
from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.signals import SignalType
from hypothesis import given, settings
from hypothesis import strategies as st

from derived.histories import BOOL, DOUBLE, GAP, INT, STRING, fold, fold_states, histories, minutes
from derived.reference import reference

LAW = settings(deadline=None, derandomize=True, max_examples=300)
NAMES = sorted(DERIVED)


@st.composite
def uses(draw: st.DrawFn, name: str) -> tuple[dict[str, Any], tuple[Input, ...]]:
    """
    Make parameters of a function, and inputs that it reads.
    """
    number = st.sampled_from([DOUBLE, INT])
    written: dict[str, Any] = {"of": "a", "over": draw(st.sampled_from(["1ms", "30s", "1m", "2m30s", "5m"]))}
    written["min_samples"] = draw(st.sampled_from([1, 1, 2, 4]))
    inputs = (draw(number),)
    match name:
        case "frozen":
            written["at"] = draw(st.sampled_from(["start", "full"]))
            return written, inputs
        case "count":
            inputs = (draw(st.sampled_from([DOUBLE, INT, BOOL, STRING])),)
        case "quantile":
            written["q"] = draw(st.sampled_from([0, 0.1, 0.25, 0.5, 0.95, 1, 1 / 3, 5e-324]))
        case "growing":
            written["confidence"] = draw(st.sampled_from([0.51, 0.8, 0.9, 0.99]))
        case "ratio":
            written["to"] = "b"
            inputs = (*inputs, draw(number))
    written["within_step"] = draw(st.booleans())
    return written, inputs


def exactly(value: object) -> tuple[type, object]:
    """
    Tell 0 from 0.0, from False and from -0.0, and take one missing value for another.
    """
    return (Missing, "") if isinstance(value, Missing) else (type(value), repr(value))


def test_the_table_has_the_functions_of_v1():
    """Every function of SPEC 1.1 is there under its name, and no other."""
    assert list(DERIVED) == ["count", "delta", "frozen", "growing", "max", "mean", "min", "quantile", "ratio", "sum"]


@pytest.mark.parametrize("name", NAMES)
def test_a_function_says_what_it_is(name):
    """A function's class has the text that its page shows."""
    assert type(DERIVED[name]).__doc__.strip()


@pytest.mark.parametrize("name", NAMES)
def test_it_agrees_with_its_definition(name):
    """At every sample of every history the fold gives what the definition gives over the whole history, to the bit."""

    @LAW
    @given(st.data())
    def law(data: st.DataObject) -> None:
        written, inputs = data.draw(uses(name))
        over = data.draw(histories(inputs))
        parameters = DERIVED[name].Parameters.model_validate(written)
        expected = [reference(name, parameters, tuple(each.type for each in inputs), over[: end + 1]) for end in range(len(over))]
        found = [None if isinstance(value, Missing) else value for value in fold(name, written, inputs, over)]
        assert list(map(exactly, found)) == list(map(exactly, expected))

    law()


@pytest.mark.parametrize("name", NAMES)
def test_an_old_state_stays_as_it_was(name):
    """Folding on from any state that ever was, in any order, gives what it gave the first time, and an equal state."""

    @settings(LAW, max_examples=40)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        written, inputs = data.draw(uses(name))
        over = data.draw(histories(inputs))
        other = data.draw(histories(inputs))
        first = fold_states(name, written, inputs, over)
        for index in reversed(range(1, len(over))):
            _, before = first[index - 1]
            DERIVED[name].fold(before, replace(over[index][0], at_us=over[-1][0].at_us), other[-1][1])
            value, state = DERIVED[name].fold(before, *over[index])
            assert (exactly(value), state) == (exactly(first[index][0]), first[index][1])

    law()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "frozen"])
def test_what_lay_before_the_window_changes_nothing(name):
    """A value is the same, to the bit, if the history begins where its window does: nothing drifts and nothing is remembered."""

    @settings(LAW, max_examples=60)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        written, inputs = data.draw(uses(name))
        over = data.draw(histories(inputs))
        over_us = microseconds(DERIVED[name].Parameters.model_validate(written).over)
        recent = [each for each in over if each[0].at_us > over[-1][0].at_us - over_us]
        assert exactly(fold(name, written, inputs, recent)[-1]) == exactly(fold(name, written, inputs, over)[-1])

    law()


@pytest.mark.parametrize("name", NAMES)
def test_a_value_has_the_type_and_lies_in_the_range_of_the_result(name):
    """What `result` promises of values holds for every value, at the bounds of the inputs too."""
    python = {"double": float, "int": int, "bool": bool}

    @LAW
    @given(st.data())
    def law(data: st.DataObject) -> None:
        written, inputs = data.draw(uses(name))
        over = data.draw(histories(inputs))
        bounded = []
        for side, each in enumerate(inputs):
            seen = [values[side] for _, values in over if not isinstance(values[side], Missing)]
            low, high = (min(seen), max(seen)) if seen and each.type.is_numeric else (None, None)
            open_low, open_high = data.draw(st.tuples(st.booleans(), st.booleans()))
            bounded.append(Input(type=each.type, range=(None if open_low else low, None if open_high else high)))
        function = DERIVED[name]
        result = function.result(function.Parameters.model_validate(written), tuple(bounded))
        low, high = result.range
        for value in fold(name, written, tuple(bounded), over):
            if not isinstance(value, Missing):
                assert type(value) is python[result.type.value]
                assert (low is None or low <= value) and (high is None or value <= high)

    law()


@pytest.mark.parametrize("name", NAMES)
def test_shifting_all_times_changes_nothing(name):
    """A history that happens later has the same values."""

    @settings(LAW, max_examples=30)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        written, inputs = data.draw(uses(name))
        over = data.draw(histories(inputs))
        by_us = 1_767_225_600_000_000
        later = [
            (
                replace(
                    tick,
                    at_us=tick.at_us + by_us,
                    previous_us=None if tick.previous_us is None else tick.previous_us + by_us,
                    entered_us=None if tick.entered_us is None else tick.entered_us + by_us,
                    entries={step: at_us + by_us for step, at_us in tick.entries.items()},
                ),
                values,
            )
            for tick, values in over
        ]
        assert fold(name, written, inputs, later) == fold(name, written, inputs, over)

    law()


@pytest.mark.parametrize(
    ("name", "type_"),
    [(name, like) for name in NAMES if name != "count" for like in (BOOL, STRING)],
    ids=lambda value: value if isinstance(value, str) else value.type.value,
)
def test_what_is_no_number_is_refused(name, type_):
    """A function of numbers says which signal is none, and what it is instead."""
    function = DERIVED[name]
    written = {"of": "a", "over": "5m"} | {"quantile": {"q": 0.5}, "ratio": {"to": "b"}, "frozen": {"at": "full"}}.get(name, {})
    parameters = function.Parameters.model_validate(written)
    names = function.inputs(parameters)
    inputs = (DOUBLE,) * (len(names) - 1) + (type_,)
    with pytest.raises(ValueError, match=r"\A.+\Z") as refused:
        function.result(parameters, inputs)
    wrong = type_.type.value
    assert str(refused.value) == f"`{name}` reads numbers, but `{names[-1]}` is a {wrong} signal: expected a double or an int"


@pytest.mark.parametrize("name", NAMES)
def test_long_windows_agree_with_their_definition_too(name):
    """Of seven hundred samples, ties, gaps and a second step among them, the window holds three hundred."""
    written = {"of": "a", "over": "5h"}
    written |= {"quantile": {"q": 0.95}, "ratio": {"to": "b"}, "frozen": {"at": "full"}}.get(name, {})
    values = [((index * 7919) % 211) / 7 + (index > 500) * index for index in range(700)]
    series = [GAP if index % 50 == 7 else None if index % 11 == 3 else value for index, value in enumerate(values)]
    columns = (series, values) if name == "ratio" else (series,)
    over = minutes(*columns, entries=[("start", 10), ("full", 450)])
    inputs = (DOUBLE,) * len(columns)
    parameters = DERIVED[name].Parameters.model_validate(written)
    found = fold(name, written, inputs, over)
    for end in (199, 310, 449, 559, len(over) - 1):
        expected = reference(name, parameters, (SignalType.DOUBLE,) * len(columns), over[: end + 1])
        assert expected is not None
        assert exactly(found[end]) == exactly(expected)
