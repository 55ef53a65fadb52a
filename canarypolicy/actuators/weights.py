"""
Shares as whole weights of servers, and the order in which weights are changed.

Nothing is set or read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_USUAL_TOTAL = 100
"""Of weights that give the same share, those are taken whose sum is nearest this: people read them as percents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """
    The servers of both versions; all of one version have the same weight.
    """

    canary: tuple[str, ...]
    baseline: tuple[str, ...]

    @property
    def servers(self) -> tuple[str, ...]:
        return (*self.baseline, *self.canary)

    def weights(self, percent: float, largest: int) -> dict[str, int]:
        """
        Give each server the weight, 0 to `largest`, with which the canary's share is nearest the percent asked.

        Neither version is left without any traffic unless the percent is 0 or 100.
        """
        canary, baseline = self._nearest(Fraction(percent) / 100, largest)
        return {**dict.fromkeys(self.baseline, baseline), **dict.fromkeys(self.canary, canary)}

    def percent(self, weights: Mapping[str, int]) -> float:
        """
        Give the canary's percent of the sum of all weights, which is not 0.
        """
        canary = sum(weights[server] for server in self.canary)
        return float(Fraction(100 * canary, sum(weights.values())))

    def _nearest(self, share: Fraction, largest: int) -> tuple[int, int]:
        canary, baseline = len(self.canary), len(self.baseline)
        if share in (0, 1):
            each = max(1, min(largest, round(Fraction(_USUAL_TOTAL, canary if share else baseline))))
            return (each, 0) if share else (0, each)

        def rank(pair: tuple[int, int]) -> tuple[Fraction, int, int]:
            total = pair[0] * canary + pair[1] * baseline
            return abs(Fraction(pair[0] * canary, total) - share), abs(total - _USUAL_TOTAL), total

        pairs: set[tuple[int, int]] = set()
        for weight in range(1, largest + 1):
            beside = weight * canary * (1 - share) / (share * baseline)
            pairs.update((weight, min(largest, max(1, int(beside) + more))) for more in (0, 1))
        return min(pairs, key=rank)


def changes(wanted: Mapping[str, int], found: Mapping[str, int], canary: Sequence[str]) -> list[tuple[str, bool]]:
    """
    Give the servers whose weight is another one, in the order to set them, each with whether that takes from the canary.

    What takes traffic from the canary comes first, so that its share is never above both the old and the new one; what
    rises comes before what falls, so that the total is never 0.
    """
    moved = [server for server in found if wanted[server] != found[server]]
    rises = {server: wanted[server] > found[server] for server in moved}
    takes = {server: rises[server] != (server in canary) for server in moved}
    ordered = sorted(moved, key=lambda server: (not takes[server], not rises[server]))
    return [(server, takes[server]) for server in ordered]
