"""
The time that a chart spans, and where in it an instant lies.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeScale:
    """
    The first and the last instant of a chart.
    """

    from_us: int
    until_us: int

    def share(self, at_us: int) -> float:
        """
        Give where an instant lies between the chart's ends, from 0 to 1.
        """
        return min(1.0, max(0.0, (at_us - self.from_us) / max(1, self.until_us - self.from_us)))
