"""
Names that point to something else in the policy: steps, gates and the snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Finding
from canarypolicy.documents.meaning_names import RULE_LISTS
from canarypolicy.documents.plan import START
from canarypolicy.documents.policy import NeverBefore
from canarypolicy.documents.wording import code, suggestion

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.policy import RolloutPolicy
    from canarypolicy.documents.yaml_tree import Tree


def steps_of_rules(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find rules that act in a step that is not there.
    """
    for kind in RULE_LISTS:
        for index, rule in enumerate(getattr(policy, kind)):
            yield from _unknown_steps(tree, policy, _items((kind, index, "steps"), rule.steps))


def steps_of_the_checklist(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find checklist items whose evidence is a step that is not there.
    """
    for index, item in enumerate(policy.plan.checklist):
        yield from _unknown_steps(tree, policy, _items(("plan", "checklist", index, "steps"), item.steps))


def steps_of_frozen_signals(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find derived signals that are frozen at a step that is not there.
    """
    for name, signal in policy.derived.items():
        at = getattr(signal.parameters, "at", None)
        if at is not None and at != START:
            yield from _unknown_steps(tree, policy, [(("derived", name, signal.name, "at"), at)], START)


def steps_of_invariants(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find invariants about a step that is not there.
    """
    for index, invariant in enumerate(policy.invariants):
        if isinstance(invariant, NeverBefore):
            yield from _unknown_steps(tree, policy, [(("invariants", index, "never", "reach"), invariant.never.reach)])


def gates_of_the_checklist(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find checklist items whose evidence is a gate that is not there.
    """
    gates = [gate.name for gate in (*policy.plan.gates.before, *policy.plan.gates.after)]
    for index, item in enumerate(policy.plan.checklist):
        for path, name in _items(("plan", "checklist", index, "gates"), item.gates):
            if name not in gates:
                way_out = suggestion(name, gates, "gates") or "the plan has no gates"
                yield Finding(name="unknown-gate", message=f"there is no gate {code(name)}", span=tree.at(path), help=way_out)


def snapshot_of_the_checklist(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find checklist items whose evidence is a snapshot that the plan does not take.
    """
    for index, item in enumerate(policy.plan.checklist):
        if item.snapshot and policy.plan.snapshot is None:
            yield Finding(
                name="unknown-snapshot", message="the plan takes no snapshot that could be the evidence",
                span=tree.at(("plan", "checklist", index, "snapshot")), help="add `snapshot: {actuator: ...}` to the plan",
            )  # fmt: skip


def _items(path: Path, names: tuple[str, ...] | None) -> list[tuple[Path, str]]:
    return [((*path, index), name) for index, name in enumerate(names or ())]


def _unknown_steps(tree: Tree, policy: RolloutPolicy, named: Iterable[tuple[Path, str]], *also: str) -> Iterator[Finding]:
    steps = [*also, *(step.name for step in policy.plan.steps)]
    for path, name in named:
        if name not in steps:
            way_out = suggestion(name, steps, "steps")
            yield Finding(name="unknown-step", message=f"there is no step {code(name)}", span=tree.at(path), help=way_out)
