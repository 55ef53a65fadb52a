"""
The numbers that two policies hold each signal against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.engine.limits import limits_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.review.replaying import Pair


def limits_of(pair: Pair) -> Mapping[str, frozenset[float]]:
    """
    Give the literals of the expressions, old and new, that read each measured signal, itself or through a derived one.
    """
    old, new = limits_in(pair.old), limits_in(pair.new)
    nothing: frozenset[float] = frozenset()
    return {name: old.get(name, nothing) | new.get(name, nothing) for name in (*old, *new)}
