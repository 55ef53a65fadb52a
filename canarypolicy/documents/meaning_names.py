"""
Names in a policy: those that mean something else already, and those that stand twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from canarypolicy.documents.finding import Finding
from canarypolicy.documents.signals import CEL_KEYWORDS, RESERVED_ROOTS
from canarypolicy.documents.wording import code

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.policy import RolloutPolicy
    from canarypolicy.documents.yaml_tree import Tree

RULE_LISTS = ("slos", "rollback", "hold")


class _Named(Protocol):
    @property
    def name(self) -> str: ...  # pragma: no cover - a protocol has no body


def reserved_signal_names(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find signals whose names CEL or the engine would read as something else.
    """
    for path, name in _signals(policy):
        parts = name.split(".")
        keyword = next((part for part in parts if part in CEL_KEYWORDS), None)
        if keyword is not None:
            message = f"{code(keyword)} is a keyword of CEL and no part of a signal's name"
            yield Finding(name="reserved-name", message=message, span=tree.key(path))
        elif parts[0] in RESERVED_ROOTS:
            message = f"the name of a signal does not begin with {code(parts[0])}, which has a meaning of its own"
            yield Finding(name="reserved-name", message=message, span=tree.key(path))


def clashing_signal_names(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find signals whose name is the beginning of another's: an expression could not read both.
    """
    places = {name: path for path, name in _signals(policy)}
    for path, name in _signals(policy):
        parts = name.split(".")
        for length in range(1, len(parts)):
            shorter = ".".join(parts[:length])
            if shorter in places:
                line = tree.key(places[shorter]).line
                message = f"the signal {code(shorter)} of line {line} is the beginning of the name {code(name)}"
                yield Finding(
                    name="prefix-clash", message=message, span=tree.key(path),
                    help=f"rename one of them: {code(shorter)} is either a value or the beginning of names",
                )  # fmt: skip


def signals_declared_twice(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find names that are both measured and derived.
    """
    for name in policy.derived:
        if name in policy.signals:
            line = tree.key(("signals", name)).line
            message = f"{code(name)} is derived here and measured in line {line}"
            yield Finding(name="duplicate-name", message=message, span=tree.key(("derived", name)), help="rename one of them")


def repeated_rule_names(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find rules of the same name in one list, or in a step's list and the policy's, where both act.
    """
    for kind in RULE_LISTS:
        for_all = _names((kind,), getattr(policy, kind))
        yield from _repeated(tree, for_all)
        for index, step in enumerate(policy.plan.steps):
            own = _names(("plan", "steps", index, kind), getattr(step, kind))
            yield from _repeated(tree, own, before=for_all)


def repeated_step_names(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find steps of the same name.
    """
    yield from _repeated(tree, _names(("plan", "steps"), policy.plan.steps))


def repeated_gate_names(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find gates of the same name, before and after the rollout together.
    """
    gates = policy.plan.gates
    before = _names(("plan", "gates", "before"), gates.before)
    yield from _repeated(tree, before + _names(("plan", "gates", "after"), gates.after))


def repeated_item_names(tree: Tree, policy: RolloutPolicy) -> Iterator[Finding]:
    """
    Find checklist items and invariants of the same name.
    """
    yield from _repeated(tree, _names(("plan", "checklist"), policy.plan.checklist))
    yield from _repeated(tree, _names(("invariants",), policy.invariants))


def _signals(policy: RolloutPolicy) -> list[tuple[Path, str]]:
    declared = (("signals", policy.signals), ("derived", policy.derived))
    return [((section, name), name) for section, names in declared for name in names]


def _names(path: Path, items: Sequence[_Named]) -> list[tuple[Path, str]]:
    return [((*path, index, "name"), item.name) for index, item in enumerate(items)]


def _repeated(tree: Tree, names: list[tuple[Path, str]], before: Sequence[tuple[Path, str]] = ()) -> Iterator[Finding]:
    first = {name: path for path, name in reversed(before)}
    for path, name in names:
        if name in first:
            line = tree.at(first[name]).line
            message = f"the name {code(name)} stands already in line {line}"
            yield Finding(name="duplicate-name", message=message, span=tree.at(path), help="give each a name of its own")
        first.setdefault(name, path)
