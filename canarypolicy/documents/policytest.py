"""
A PolicyTest as it is written (SPEC section 7): scenarios for a policy, and what is expected of its decisions.

What the names and series mean beside a policy is judged in `canarypolicy.testing`. Values of `for_each` are in place already.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, WithJsonSchema, model_validator

from canarypolicy.documents.fields import DocumentModel, Duration, KebabName, Metadata, fault
from canarypolicy.documents.policytest_event import WrittenEvent
from canarypolicy.documents.policytest_time import Time, TimeInTest
from canarypolicy.documents.signals import SignalName
from canarypolicy.documents.wording import code, listed

Plain = Annotated[StrictBool | StrictInt | StrictFloat | StrictStr, WithJsonSchema({"type": ["boolean", "number", "string"]})]
"""A value in a row of a table, or one that a signal is expected to have."""

ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
"""The name of a column of `for_each`, as in `${name}`."""


class Expected(Enum):
    """
    The decisions that can be expected.
    """

    ADVANCE = "advance"
    HOLD = "hold"
    ROLLBACK = "rollback"


class ExpectedOutcome(Enum):
    """
    How a scenario can be expected to end.
    """

    COMPLETE = "complete"
    ROLLED_BACK = "rolled-back"
    HOLDING = "holding"
    REFUSED = "refused"


class Near(DocumentModel):
    """
    A number that is expected with a tolerance.
    """

    value: StrictInt | StrictFloat
    within: Annotated[StrictInt | StrictFloat, Field(ge=0)]
    """How far off it may be."""


_FORMS = {
    "at": ("decision", "step", "because", "missing", "values"),
    "never": ("step", "because", "after", "before", "between"),
    "always": ("step", "because", "after", "before", "between"),
    "first": ("step", "because", "at", "after", "before", "between"),
    "outcome": (),
}
"""What an expectation begins with, and what may stand beside it."""


class Expectation(DocumentModel):
    """
    One thing that is expected: at a time, over an interval, of a first decision, or of the end.
    """

    at: Time | None = None
    decision: Expected | None = None
    step: KebabName | None = None
    because: Annotated[tuple[KebabName, ...], Field(min_length=1)] | None = None
    """Names that must be among the reasons."""
    missing: Annotated[tuple[SignalName, ...], Field(min_length=1)] | None = None
    """Signals that must have no value at that sample."""
    values: Annotated[dict[SignalName, Plain | Near], Field(min_length=1)] | None = None
    """The values that signals, derived and built-in ones too, must have at that sample."""
    never: Expected | None = None
    always: Expected | None = None
    first: Expected | None = None
    after: Time | None = None
    before: Time | None = None
    between: tuple[Time, Time] | None = None
    outcome: ExpectedOutcome | None = None

    @property
    def form(self) -> str:
        """
        Name the key by which the form is known.
        """
        return next(key for key in ("first", "never", "always", "outcome", "at") if getattr(self, key) is not None)

    @model_validator(mode="after")
    def _has_one_form(self) -> Expectation:
        given = [key for key in self.model_fields_set if getattr(self, key) is not None]
        forms = [key for key in _FORMS if key in given and not (key == "at" and "first" in given)]
        if len(forms) != 1:
            found = listed(forms) if forms else "none"
            raise fault("not-one-form", f"an expectation has one of {listed(_FORMS, 'or')}, found {found}", *forms[1:2])
        form = forms[0]
        for key in sorted(given):
            if key != form and key not in _FORMS[form]:
                beside = f"beside {code(form)} may stand {listed(_FORMS[form])}" if _FORMS[form] else f"{code(form)} stands alone"
                raise fault("out-of-place", f"{code(key)} says nothing beside {code(form)}", key, help=beside)
        if form == "at" and given == ["at"]:
            raise fault("nothing-expected", "nothing is expected at this time", help=f"add {listed(_FORMS['at'], 'or')}")
        self._check_interval(given)
        return self

    def _check_interval(self, given: list[str]) -> None:
        ends = [key for key in ("at", "after", "before", "between") if key in given]
        if len(ends) > 1 and ends != ["after", "before"]:
            raise fault("two-intervals", f"{listed(ends)} cannot stand beside each other", ends[1])
        low, high = self.between if self.between is not None else (self.after, self.before)
        if low is not None and high is not None and low.is_instant == high.is_instant and high.us < low.us:
            raise fault("empty-interval", f"{code(low)} is later than {code(high)}", ends[-1])


class Scenario(DocumentModel):
    """
    A history, given by series or a recording, and what is expected of the decisions on it.
    """

    name: Annotated[str, Field(min_length=1, max_length=300)]
    for_each: Annotated[tuple[dict[ColumnName, Plain], ...], Field(min_length=1)] | None = None
    """A table: the scenario is run once per row, whose values take the place of `${column}`."""
    every: Duration | None = None
    """The time between two samples of the series; without it, the policy's."""
    start: Time | None = None
    """When the rollout starts: what lies before is history for derived signals."""
    lasts: Duration | None = None
    """Samples come until then; without it, as long as the longest series."""
    series: dict[SignalName, StrictStr] | None = None
    """Signal -> its values, one a sample, in promtool's notation; signals not named keep their healthy value."""
    recording: Annotated[str, Field(min_length=1)] | None = None
    """The path of a recording, from the test's file."""
    rollout: str | None = None
    """Which rollout of a recording with several."""
    events: tuple[WrittenEvent, ...] = ()
    expect: Annotated[tuple[Expectation, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _has_one_history(self) -> Scenario:
        if self.recording is None:
            if self.rollout is not None:
                raise fault("out-of-place", "`rollout` chooses from a `recording`, and there is none", "rollout")
            if not self.series and self.lasts is None:
                at = ("series",) if "series" in self.model_fields_set else ()
                raise fault("empty-run", "the scenario has no samples", *at, help="give `series`, `lasts` or a `recording`")
            if self.every is not None and not self.every:
                raise fault("zero-duration", "`every` is longer than nothing", "every")
            return self
        for key in ("series", "every", "lasts"):
            if getattr(self, key) is not None:
                raise fault("not-one-history", f"`recording` and `{key}` cannot stand beside each other", key)
        return self

    def times(self) -> Iterator[tuple[tuple[str | int, ...], TimeInTest]]:
        """
        Give every time that is written in the scenario, and its path.
        """
        found: list[tuple[tuple[str | int, ...], TimeInTest | None]] = [(("start",), self.start)]
        for index, event in enumerate(self.events):
            found += [(("events", index, key), getattr(event, key)) for key in ("at", "until")]
        for index, each in enumerate(self.expect):
            found += [(("expect", index, key), getattr(each, key)) for key in ("at", "after", "before")]
            found += [(("expect", index, "between", place), end) for place, end in enumerate(each.between or ())]
        yield from ((path, time) for path, time in found if time is not None)


class PolicyTest(DocumentModel):
    """
    Tests of a policy: histories, and what it must decide on them.
    """

    api_version: Literal["canarypolicy/v1"] = Field(alias="apiVersion")
    kind: Literal["PolicyTest"]
    metadata: Metadata
    policy: Annotated[str, Field(min_length=1)]
    """The path of the policy, from this file."""
    tests: Annotated[tuple[Scenario, ...], Field(min_length=1)]
