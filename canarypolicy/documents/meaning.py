"""
The meaning of a policy as a whole: one check a question, each on a policy whose parts are right.

Doubts that leave a policy with a meaning are lints; they live in `canarypolicy.lints`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.documents import meaning_names as names
from canarypolicy.documents import meaning_references as references

if TYPE_CHECKING:
    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.policy import RolloutPolicy
    from canarypolicy.documents.yaml_tree import Tree

Check: TypeAlias = Callable[["Tree", "RolloutPolicy"], Iterator["Finding"]]

CHECKS: tuple[Check, ...] = (
    names.reserved_signal_names,
    names.clashing_signal_names,
    names.signals_declared_twice,
    names.repeated_rule_names,
    names.repeated_step_names,
    names.repeated_gate_names,
    names.repeated_item_names,
    references.steps_of_rules,
    references.steps_of_the_checklist,
    references.steps_of_frozen_signals,
    references.steps_of_invariants,
    references.gates_of_the_checklist,
    references.snapshot_of_the_checklist,
)


def policy_findings(tree: Tree, policy: RolloutPolicy) -> list[Finding]:
    """
    Ask every question of a policy.
    """
    return [finding for check in CHECKS for finding in check(tree, policy)]
