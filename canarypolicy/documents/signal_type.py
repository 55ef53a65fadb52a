"""
The types of signals and their values: what the engine and the readings of expressions know of a declaration.

No pydantic here: judging a sample needs no model of what users write.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

Value: TypeAlias = bool | int | float | str
"""A present value of a signal."""

INT_MIN, INT_MAX = -(2**63), 2**63 - 1


class SignalType(Enum):
    """
    The type of a signal's values, which is also its CEL type.
    """

    DOUBLE = "double"
    INT = "int"
    BOOL = "bool"
    STRING = "string"

    @property
    def is_numeric(self) -> bool:
        return self in (SignalType.DOUBLE, SignalType.INT)


class Worse(Enum):
    """
    Which way a signal gets worse.
    """

    HIGHER = "higher"
    LOWER = "lower"


BUILT_IN_SIGNALS = {
    "rollout.weight": SignalType.DOUBLE,
    "rollout.step": SignalType.STRING,
    "rollout.step_elapsed_seconds": SignalType.DOUBLE,
    "rollout.elapsed_seconds": SignalType.DOUBLE,
}
"""Signals that the engine gives to every expression."""
