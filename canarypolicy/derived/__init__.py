"""
Derived functions: values computed from the history, each by one function over a window.

One file a function, one line in the table. `window` is what their users see of them, `parameters` is what policies write;
`sliding`, `totalled_queue`, `ranked_window`, `ranking`, `exact` and `ranges` are what they share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.derived.count import Count
from canarypolicy.derived.delta import Delta
from canarypolicy.derived.frozen import Frozen
from canarypolicy.derived.growing import Growing
from canarypolicy.derived.max import Max
from canarypolicy.derived.mean import Mean
from canarypolicy.derived.min import Min
from canarypolicy.derived.quantile import Quantile
from canarypolicy.derived.ratio import Ratio
from canarypolicy.derived.sum import Sum
from canarypolicy.kinds import by_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.derived.window import DerivedFunction

DERIVED: Mapping[str, DerivedFunction] = by_name(
    Count(), Delta(), Frozen(), Growing(), Max(), Mean(), Min(), Quantile(), Ratio(), Sum()
)
