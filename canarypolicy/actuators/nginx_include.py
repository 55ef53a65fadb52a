"""
The file that nginx includes: a `split_clients` block, and the percent as a variable to be asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

FIRST_LINE = "# canarypolicy writes this file anew with each weight"
"""By it a file is known to be ours to overwrite."""
_HUNDREDTHS = 10_000
"""All of the traffic in the smallest parts that nginx knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """
    What is split, by what, and between which upstreams.
    """

    key: str
    variable: str
    canary: str
    baseline: str

    def text(self, percent: float) -> str:
        """
        Write the file for a percent. nginx refuses a line of `0%`, so nothing and all have no such line.
        """
        shown = written_percent(percent)
        lines = {"0": f"    * {self.baseline};", "100": f"    * {self.canary};"}
        both = f"    {shown}% {self.canary};\n    * {self.baseline};"
        return (
            f"{FIRST_LINE}\n"
            f'split_clients "{self.key}" ${self.variable} {{\n{lines.get(shown, both)}\n}}\n'
            f'map "" ${self.variable}_percent {{\n    default "{shown}";\n}}\n'
        )


def written_percent(percent: float) -> str:
    """
    Write a percent with nginx's two decimals at most; only 0 and 100 are nothing and all.
    """
    if percent in (0, 100):
        return str(round(percent))
    hundredths = min(_HUNDREDTHS - 1, max(1, round(percent * 100)))
    return format((Decimal(hundredths) / 100).normalize(), "f")
