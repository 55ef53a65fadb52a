"""
Derived functions: values computed from the history, each by one function over a window.

One file a function, one line in the table. `window` is what their users see of them, `parameters` is what policies write;
`sliding`, `totalled_queue`, `ranked_window`, `ranking`, `exact` and `ranges` are what they share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.kinds import imported_late

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.derived.window import DerivedFunction

DERIVED: Mapping[str, DerivedFunction] = imported_late(
    "canarypolicy.derived", "count", "delta", "frozen", "growing", "max", "mean", "min", "quantile", "ratio", "sum"
)
