"""
Signals as a policy declares them: type, unit, range, and which way is bad.

Values are admitted against these declarations in `canarypolicy.engine.sample`, not here.
"""

from __future__ import annotations

from enum import Enum
from math import isfinite
from typing import Annotated, TypeAlias

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, WithJsonSchema, model_validator

from canarypolicy.documents.fields import DocumentModel, Duration, fault
from canarypolicy.documents.signal_type import BUILT_IN_SIGNALS, INT_MAX, INT_MIN, SignalType, Value, Worse
from canarypolicy.documents.wording import code

__all__ = [
    "BUILT_IN_SIGNALS",
    "CEL_KEYWORDS",
    "INT_MAX",
    "INT_MIN",
    "NAME_PATTERN",
    "RESERVED_ROOTS",
    "Bound",
    "Number",
    "Signal",
    "SignalName",
    "SignalType",
    "Unit",
    "Value",
    "Worse",
]

NAME_PATTERN = r"^([a-zA-Z][a-zA-Z0-9]*\.)*[a-zA-Z][a-zA-Z0-9_]*$"
SignalName = Annotated[str, Field(pattern=NAME_PATTERN, max_length=200)]
"""Dotted parts of letters and digits; the last part may have underscores."""

_KEYWORDS = (
    "true false null in as break const continue else for function if import let loop package namespace return var void while"
)
CEL_KEYWORDS = frozenset(_KEYWORDS.split())
_ROOTS = "rollout result bool bytes double duration int list map null_type string timestamp type uint"
RESERVED_ROOTS = frozenset(_ROOTS.split())
"""First parts that mean something else: built-in signals, probe results, CEL's type names."""

Number: TypeAlias = StrictInt | StrictFloat
Bound = Annotated[Number | None, WithJsonSchema({"type": ["number", "null"]})]
"""An end of a range; null is open."""


class Unit(Enum):
    """
    What a number counts; `unit` informs readers and lints and never converts.
    """

    RATIO = "ratio"
    PERCENT = "percent"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    COUNT = "count"
    PER_SECOND = "per_second"
    BYTES = "bytes"
    NONE = "none"


class Signal(DocumentModel):
    """
    One measured signal.
    """

    type: SignalType = SignalType.DOUBLE
    unit: Unit = Unit.NONE
    range: tuple[Bound, Bound] = (None, None)
    """Inclusive bounds; null is open."""
    values: tuple[StrictStr, ...] | None = None
    """The values that a string signal may have."""
    healthy: StrictBool | StrictInt | StrictFloat | StrictStr
    """A typical good value: tests and witnesses start from it."""
    worse: Worse | None = None
    """Which way is bad; makes monotonicity provable."""
    max_age: Duration | None = None
    """Values measured longer before their sample than this are missing."""
    description: str | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Signal:
        self._check_range()
        self._check_values()
        if self.worse is not None and self.type is SignalType.STRING:
            raise fault("worse-without-order", "a string signal has no worse side", "worse")
        if self.type is SignalType.STRING and self.unit is not Unit.NONE:
            raise fault("unit-without-number", "a string signal has no unit", "unit")
        self._check_healthy()
        return self

    def _check_range(self) -> None:
        low, high = self.range
        if self.range != (None, None) and not self.type.is_numeric:
            raise fault("range-without-order", f"a {self.type.value} signal has no range", "range")
        for index, bound in enumerate(self.range):
            if bound is not None and not isfinite(bound):
                raise fault("not-finite", "a bound of a range is finite; write null for an open side", "range", index)
            if bound is not None and self.type is SignalType.INT and not isinstance(bound, int):
                raise fault("wrong-type", f"a bound of an int signal's range is an int, found {code(bound)}", "range", index)
        if low is not None and high is not None and low > high:
            raise fault("empty-range", f"the range starts at {low!r} and ends before it, at {high!r}", "range")

    def _check_values(self) -> None:
        if self.type is SignalType.STRING and not self.values:
            raise fault("string-without-values", "a string signal needs its `values`", "type", help="add `values: [...]`")
        if self.type is not SignalType.STRING and self.values is not None:
            raise fault("values-without-string", f"only a string signal has `values`, this one is a {self.type.value}", "values")
        if self.values is not None and len(set(self.values)) != len(self.values):
            raise fault("repeated-value", "a value stands twice in `values`", "values")

    def _check_healthy(self) -> None:
        value = self.healthy
        fits = {
            SignalType.DOUBLE: isinstance(value, (int, float)) and not isinstance(value, bool),
            SignalType.INT: isinstance(value, int) and not isinstance(value, bool),
            SignalType.BOOL: isinstance(value, bool),
            SignalType.STRING: isinstance(value, str),
        }[self.type]
        if not fits:
            raise fault(
                "wrong-type",
                f"`healthy` is no {self.type.value}, found {_shown(value)}",
                "healthy",
                help="leave the quotes out" if isinstance(value, str) else None,
            )
        if isinstance(value, float) and not isfinite(value):
            raise fault("not-finite", "`healthy` is not finite", "healthy")
        low, high = self.range
        if isinstance(value, (int, float)) and ((low is not None and value < low) or (high is not None and value > high)):
            raise fault("healthy-out-of-range", f"`healthy` is out of the range: {value!r}", "healthy")
        if isinstance(value, str) and self.values is not None and value not in self.values:
            raise fault("healthy-out-of-range", f"`healthy` is none of the `values`, found {code(value)}", "healthy")


def _shown(value: Value) -> str:
    return f"the text {code(value)}" if isinstance(value, str) else code(str(value).lower())
