"""
The RolloutPolicy document (SPEC section 1.1): what is right, with no address in it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from canarypolicy.derived import DERIVED
from canarypolicy.documents.choice import Choice
from canarypolicy.documents.fields import DocumentModel, Duration, Expression, KebabName, Metadata
from canarypolicy.documents.plan import Plan
from canarypolicy.documents.rule import HoldRule, RollbackRule, Slo
from canarypolicy.documents.signals import Signal, SignalName


class DerivedSignal(Choice):
    """
    One derived function and its parameters.
    """

    MODELS: ClassVar = {name: function.Parameters for name, function in DERIVED.items()}
    KIND = "derived function"


class Reach(DocumentModel):
    """
    The step that must not be reached too early.
    """

    reach: KebabName


class NeverWhile(DocumentModel):
    """
    At no sample at which an expression is true may this be decided.
    """

    name: KebabName
    never: Literal["advance", "rollback"]
    while_: Expression = Field(alias="while")


class AlwaysWithin(DocumentModel):
    """
    If an expression is true at every sample for so long, the rollout has been rolled back by then.
    """

    name: KebabName
    when: Expression
    always: Literal["rollback"]
    within: Duration


class NeverBefore(DocumentModel):
    """
    A step is not reached before a time since the rollout's start.
    """

    name: KebabName
    never: Reach
    before: Duration


Invariant: TypeAlias = Annotated[NeverWhile | AlwaysWithin | NeverBefore, Field(union_mode="left_to_right")]


class RolloutPolicy(DocumentModel):
    """
    A rollout policy: signals, SLOs, rollback and hold rules, the plan, and what must always be true of them.
    """

    api_version: Literal["canarypolicy/v1"] = Field(alias="apiVersion")
    kind: Literal["RolloutPolicy"]
    metadata: Metadata
    signals: dict[SignalName, Signal] = Field(min_length=1)
    derived: dict[SignalName, DerivedSignal] = Field(default_factory=dict)
    slos: tuple[Slo, ...] = ()
    rollback: tuple[RollbackRule, ...] = ()
    hold: tuple[HoldRule, ...] = ()
    plan: Plan
    invariants: tuple[Invariant, ...] = ()
