"""
The kinds of rules, and what an unknown rule does: the words that the engine shares with what users write.
"""

from __future__ import annotations

from enum import Enum


class RuleKind(Enum):
    """
    The three lists of rules.
    """

    SLO = "slo"
    ROLLBACK = "rollback"
    HOLD = "hold"


class Missing(Enum):
    """
    What an unknown rule does (SPEC section 2.3).
    """

    HOLD = "hold"
    ROLLBACK = "rollback"
    IGNORE = "ignore"
