"""
The plan of a rollout: steps, gates, what follows a rollback, and the closing checklist.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, WithJsonSchema, model_validator

from canarypolicy.documents.fields import DocumentModel, Duration, Expression, KebabName, fault
from canarypolicy.documents.rule import HoldRule, RollbackRule, Slo
from canarypolicy.documents.step_names import BEFORE, START

__all__ = [
    "BEFORE",
    "START",
    "AfterGate",
    "BeforeGate",
    "ChecklistItem",
    "Gate",
    "Gates",
    "OnRollback",
    "OnTimeout",
    "Plan",
    "Recovery",
    "Snapshot",
    "Step",
    "Weight",
]

Weight = Annotated[StrictInt | StrictFloat, Field(ge=0, le=100), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})]
"""How much of the traffic the canary gets, in percent."""


class OnTimeout(Enum):
    """
    What happens when a step is overdue and an SLO is not met.
    """

    HOLD = "hold"
    ROLLBACK = "rollback"


class Step(DocumentModel):
    """
    One weight of the canary, how long it is kept at least and at most, and rules of its own.
    """

    name: KebabName
    weight: Weight
    min: Duration
    max: Duration | None = None
    on_timeout: OnTimeout = OnTimeout.HOLD
    approval: Literal["required"] | None = None
    slos: tuple[Slo, ...] = ()
    rollback: tuple[RollbackRule, ...] = ()
    hold: tuple[HoldRule, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Step:
        if self.name in (BEFORE, START):
            raise fault("reserved-name", f"`{self.name}` is no name for a step: it has a meaning of its own", "name")
        if self.max is not None and self.max < self.min:
            raise fault("max-below-min", "`max` is shorter than `min`", "max")
        if self.max is None and self.on_timeout is OnTimeout.ROLLBACK:
            raise fault("timeout-without-max", "`on_timeout` needs `max`", "on_timeout", help="add `max: 30m`")
        for kind in ("slos", "rollback", "hold"):
            for index, rule in enumerate(getattr(self, kind)):
                if rule.steps is not None:
                    raise fault(
                        "steps-in-step", "a rule inside a step acts in that step; `steps` cannot limit it", kind, index, "steps"
                    )
        return self


class Gate(DocumentModel):
    """
    A probe whose result must meet an expression over `result`.
    """

    name: KebabName
    probe: KebabName
    require: Expression


class BeforeGate(Gate):
    """
    A gate before the rollout: one that fails refuses it, nothing is released.
    """


class AfterGate(Gate):
    """
    A gate in the last step.
    """

    on_fail: OnTimeout = OnTimeout.HOLD


class Gates(DocumentModel):
    """
    The gates before the first step and in the last one.
    """

    before: tuple[BeforeGate, ...] = ()
    after: tuple[AfterGate, ...] = ()


class Snapshot(DocumentModel):
    """
    The rollback snapshot, taken when the before-gates have passed.
    """

    actuator: KebabName


class Recovery(DocumentModel):
    """
    What is watched after a rollback.
    """

    require: Expression
    for_: Duration | None = Field(default=None, alias="for")
    within: Duration


class OnRollback(DocumentModel):
    """
    What follows a rollback.
    """

    recovery: Recovery | None = None
    freeze: StrictBool | Literal["policy", "all"] = False
    """True or `policy`: no further rollouts of this policy's name; `all`: of no policy in the store."""


class ChecklistItem(DocumentModel):
    """
    One line of the closing GO checklist and the one kind of evidence that ticks it.
    """

    name: KebabName
    text: str
    gates: tuple[KebabName, ...] | None = Field(default=None, min_length=1)
    snapshot: Literal[True] | None = None
    steps: tuple[KebabName, ...] | None = Field(default=None, min_length=1)
    notified: Literal[True] | None = None
    manual: Literal[True] | None = None

    @model_validator(mode="after")
    def _has_one_kind_of_evidence(self) -> ChecklistItem:
        kinds = ("gates", "snapshot", "steps", "notified", "manual")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            found = " and ".join(f"`{kind}`" for kind in given) or "none"
            raise fault(
                "not-one-evidence",
                f"a checklist item has one kind of evidence, found {found}",
                help="one of `gates: [...]`, `snapshot: true`, `steps: [...]`, `notified: true`, `manual: true`",
            )
        return self


class Plan(DocumentModel):
    """
    How a rollout goes.
    """

    every: Duration
    """How often a live rollout is judged; also what proofs over time assume."""
    max_gap: Duration | None = None
    """The longest time between samples that counts as watching; default 3 * `every`."""
    snapshot: Snapshot | None = None
    gates: Gates = Gates()
    steps: tuple[Step, ...] = Field(min_length=1)
    on_rollback: OnRollback = OnRollback()
    checklist: tuple[ChecklistItem, ...] = ()

    @property
    def longest_gap(self) -> timedelta:
        return self.max_gap if self.max_gap is not None else 3 * self.every

    @model_validator(mode="after")
    def _time_goes_on(self) -> Plan:
        if not self.every:
            raise fault("zero-duration", "`every` is longer than nothing", "every")
        if self.max_gap is not None and self.max_gap < self.every:
            raise fault("gap-below-every", "`max_gap` is shorter than `every`, so no run could ever last", "max_gap")
        return self
