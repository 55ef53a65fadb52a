"""
Events in a PolicyTest: what operators and gates do during a scenario.

Each is written as a recording writes it, with `at` for its time. Steps are missing on purpose: a test follows the policy's own.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, WithJsonSchema, model_validator

from canarypolicy.documents.fields import DocumentModel, KebabName, fault
from canarypolicy.documents.policytest_time import Time
from canarypolicy.documents.signals import SignalName
from canarypolicy.documents.wording import code, listed


class EventName(Enum):
    """
    What can happen in a scenario.
    """

    GATE = "gate"
    ABORT = "abort"
    PAUSE = "pause"
    RESUME = "resume"
    APPROVE = "approve"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    SIGNAL = "signal"
    DRIFT = "drift"


ByHand = Annotated[
    StrictBool | StrictInt | StrictFloat | StrictStr | None,
    WithJsonSchema({"type": ["boolean", "number", "string", "null"]}),
]
"""A value that an operator sets; null takes it back."""


class GateResult(DocumentModel):
    """
    What a gate's probe found.
    """

    passed: StrictInt | None = None
    failed: StrictInt | None = None


_KEYS: dict[EventName, tuple[str, ...]] = {
    EventName.GATE: ("gate", "result", "passed"),
    EventName.ABORT: ("by", "reason"),
    EventName.PAUSE: ("by", "reason"),
    EventName.RESUME: ("by",),
    EventName.APPROVE: ("step", "by"),
    EventName.FREEZE: ("by", "reason", "until"),
    EventName.UNFREEZE: ("by",),
    EventName.SIGNAL: ("signals", "by"),
    EventName.DRIFT: ("weight",),
}


class WrittenEvent(DocumentModel):
    """
    One event and its time.
    """

    at: Time
    event: EventName
    gate: KebabName | None = None
    result: GateResult | None = None
    """A gate's result, which its `require` judges."""
    passed: StrictBool | None = None
    """Whether a gate passed, where its result is of no interest."""
    step: KebabName | None = None
    """The step that is approved; without it, the present one."""
    signals: Annotated[dict[SignalName, ByHand], Field(min_length=1)] | None = None
    """Signals that are set by hand."""
    weight: Annotated[StrictInt | StrictFloat, Field(ge=0, le=100)] | None = None
    """The weight that was read back."""
    by: str | None = None
    reason: str | None = None
    until: Time | None = None
    """When a freeze ends by itself."""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> WrittenEvent:
        allowed = _KEYS[self.event]
        for key in sorted(self.model_fields_set - {"at", "event"}):
            if key not in allowed:
                way_out = f"beside it may stand {listed(allowed)}"
                raise fault("out-of-place", f"{code(key)} says nothing of the event {code(self.event.value)}", key, help=way_out)
        if self.event is EventName.GATE:
            self._check_gate()
        if self.event is EventName.SIGNAL and self.signals is None:
            raise fault("missing-key", "the event `signal` lacks `signals`")
        return self

    def _check_gate(self) -> None:
        if self.gate is None:
            raise fault("missing-key", "the event `gate` lacks `gate`")
        if self.result is None and self.passed is None:
            raise fault("missing-key", "the event `gate` lacks its outcome", help="give `result`, `passed` or both")
