"""
The constant limits that a policy's rules set to its signals: where a chart draws its lines.

A limit that is computed, or that holds for an expression, is no constant of one signal and has no line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.cel.tree import Compare, Literal, Signal, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.engine.program import Program


def limits_of(program: Program) -> Mapping[str, tuple[float, ...]]:
    """
    Give the limits of each signal that is compared with a number, the lowest first.
    """
    found: dict[str, set[float]] = {}
    for rule in (*program.slos, *program.watches):
        for node in walk(rule.when.tree):
            match node:
                case Compare(left=Signal(name=name), right=Literal(value=value)):
                    pass
                case Compare(left=Literal(value=value), right=Signal(name=name)):
                    pass
                case _:
                    continue
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                found.setdefault(name, set()).add(float(value))
    return {name: tuple(sorted(values)) for name, values in found.items()}
