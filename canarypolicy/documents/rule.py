"""
Rules as they are written: SLOs, rollback rules and hold rules.

What a rule means in time is in `canarypolicy.engine.sustained`.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Discriminator, Field, HttpUrl, Tag, model_validator

from canarypolicy.documents.fields import DocumentModel, Duration, Expression, KebabName, fault
from canarypolicy.documents.rule_kind import Missing, RuleKind

__all__ = [
    "HoldRule",
    "Missing",
    "RollbackRule",
    "Rule",
    "RuleKind",
    "SampleCount",
    "Slo",
    "Sustained",
    "WatchRule",
]


class SampleCount(DocumentModel):
    """
    At least `samples` of the last `of` samples.
    """

    samples: Annotated[int, Field(ge=1, le=10_000, strict=True)]
    of: Annotated[int, Field(ge=1, le=10_000, strict=True)]

    @model_validator(mode="after")
    def _not_more_than_all(self) -> SampleCount:
        if self.samples > self.of:
            raise fault("never-enough-samples", f"{self.samples} of {self.of} samples can never be reached", "samples")
        return self


def _form(value: Any) -> str:
    return "samples out of the last samples" if isinstance(value, (dict, SampleCount)) else "duration"


Sustained: TypeAlias = Annotated[
    Annotated[Duration, Tag("duration")] | Annotated[SampleCount, Tag("samples out of the last samples")], Discriminator(_form)
]
"""How long: told apart by form, so that only the faults of the form that was written are found."""


class Rule(DocumentModel):
    """
    What every rule has.
    """

    name: KebabName
    for_: Sustained | None = Field(default=None, alias="for")
    """How long it must hold: a duration, or samples out of the last samples."""
    steps: tuple[KebabName, ...] | None = Field(default=None, min_length=1)
    """The steps in which a policy-level rule acts; without it, all."""
    message: str | None = None
    runbook: HttpUrl | None = None


class Slo(Rule):
    """
    What must be met before a step may be left.
    """

    require: Expression
    missing: Annotated[Missing, Field(json_schema_extra={"enum": ["hold"]})] | None = None
    """An SLO that is unknown is not met, whatever else is said; only `hold` may be written."""

    @model_validator(mode="after")
    def _unknown_is_not_met(self) -> Slo:
        if self.missing not in (None, Missing.HOLD):
            raise fault(
                "missing-on-slo",
                f"`missing: {self.missing.value}` cannot stand on an SLO: without evidence it is not met",
                "missing",
                help="write a rollback or hold rule with it",
            )
        return self


class WatchRule(Rule):
    """
    A rollback or hold rule.
    """

    when: Expression
    unless: Expression | None = None
    """An exemption that needs proof: unknown exempts nobody."""
    missing: Missing = Missing.HOLD
    after: Duration | None = None
    """With `missing: rollback`: how long it must have been unknown."""

    @model_validator(mode="after")
    def _after_goes_with_rollback(self) -> WatchRule:
        if self.missing is Missing.ROLLBACK and self.after is None:
            raise fault("rollback-without-after", "`missing: rollback` needs `after`", "missing", help="add `after: 5m`")
        if self.missing is not Missing.ROLLBACK and self.after is not None:
            raise fault("after-without-rollback", "`after` stands only beside `missing: rollback`", "after")
        return self


class RollbackRule(WatchRule):
    """
    What rolls the rollout back.
    """


class HoldRule(WatchRule):
    """
    What keeps the rollout in its step.
    """
