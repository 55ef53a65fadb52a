"""
The numbers that a policy holds each measured signal against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from canarypolicy.cel.tree import Literal, walk

if TYPE_CHECKING:
    from canarypolicy.engine.program import Program, ProgramRule


def limits_in(program: Program) -> Mapping[str, frozenset[float]]:
    """
    Give the literals of the expressions that read each measured signal, itself or through a derived one.
    """
    found: defaultdict[str, set[float]] = defaultdict(set)
    inputs = _inputs(program)
    for rule in (*program.slos, *program.watches):
        numbers = _numbers(rule)
        for name in rule.reads:
            for each in inputs.get(name, (name,)):
                found[each] |= numbers
    return {name: frozenset(numbers) for name, numbers in found.items()}


def _numbers(rule: ProgramRule) -> set[float]:
    trees = [rule.when.tree] if rule.unless is None else [rule.when.tree, rule.unless.tree]
    literals = [node.value for tree in trees for node in walk(tree) if isinstance(node, Literal)]
    return {value + 0.0 for value in literals if isinstance(value, (int, float)) and not isinstance(value, bool)}


def _inputs(program: Program) -> dict[str, tuple[str, ...]]:
    """
    Give the measured signals behind each derived one.
    """
    inputs: dict[str, tuple[str, ...]] = {}
    for each in program.derived:
        inputs[each.name] = tuple(dict.fromkeys(name for read in each.reads for name in inputs.get(read, (read,))))
    return inputs
