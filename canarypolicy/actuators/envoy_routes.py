"""
Envoy's routes in a file that it watches: weights of two clusters.

Envoy takes a route to a cluster that it does not know, and keeps the old routes in silence when a file is broken: the
clusters are looked for before, and its counters of failed and rejected updates are watched.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from canarypolicy.actuators.envoy_admin import TooLate, mappings_in
from canarypolicy.actuators.whole_file import replace_file
from canarypolicy.documents.duration import format_duration
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.actuators.envoy_admin import Admin

_TOTAL = 10_000
"""The sum of the two weights: two decimals of a percent."""
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFileSplit:
    """
    The split by the weights of two clusters in a file.
    """

    file: Path
    canary: str
    baseline: str

    def set(self, admin: Admin, weight: float) -> None:
        """
        Write the file anew, and wait until Envoy has its weights; a file that it does not take is put back as it was.
        """
        before, routes = self._read()
        names, wanted = _names(routes), _canary_weight(weight)
        changed = [each for each in mappings_in(routes) if self._weigh(each, wanted)]
        if not changed:
            raise NotDone(f"no `weighted_clusters` in the route file has just `{self.canary}` and `{self.baseline}`")
        self._know_both(admin)
        failures = self._failures(admin, names)
        replace_file(self.file, json.dumps(routes, indent=1, ensure_ascii=False) + "\n")
        has_answered = False
        try:
            while self._percents(admin, names) != frozenset((wanted * 100 / _TOTAL,)):
                has_answered = True
                if self._failures(admin, names) > failures:
                    replace_file(self.file, before)
                    raise NotDone("Envoy does not take the route file, which is as it was again: its log says why")
                sleep(min(_PAUSE_SECONDS, admin.left()))
        except TooLate:
            if not has_answered:
                raise
            within = format_duration(admin.timeout_us)
            raise NotDone(f"Envoy has not taken the route file in within {within}: does it watch it?") from None

    def read_back(self, admin: Admin) -> float:
        """
        Give the percent by the routes that Envoy has.
        """
        _, routes = self._read()
        found = sorted(self._percents(admin, _names(routes)))
        if not found:
            raise NotDone(f"Envoy has no route of this file to just `{self.canary}` and `{self.baseline}`")
        if len(found) > 1:
            each = ", ".join(f"{percent:g}" for percent in found)
            raise NotDone(f"Envoy's routes of this file have different percents: {each}")
        return found[0]

    def _read(self) -> tuple[str, Any]:
        try:
            text = self.file.read_text(encoding="utf-8")
            return text, json.loads(text)
        except OSError as error:
            raise NotDone(f"the route file cannot be read: {error.strerror or 'the system gives no reason'}") from None
        except (ValueError, RecursionError):
            raise NotDone("the route file is no JSON") from None

    def _percents(self, admin: Admin, names: tuple[str, ...]) -> frozenset[float]:
        """
        Give the canary's percents in the routes that Envoy has by these names.
        """
        pattern = quote(f"^({'|'.join(map(re.escape, names))})$", safe="")
        dump = admin.get(f"/config_dump?resource=dynamic_route_configs&name_regex={pattern}")
        weights = [found for each in mappings_in(dump) if (found := self._weights(each)) is not None]
        return frozenset(each[self.canary] * 100 / sum(each.values()) for each in weights)

    def _weights(self, mapping: dict[str, Any]) -> dict[str, int] | None:
        """
        Give both clusters' weights if this mapping is their `weighted_clusters`.
        """
        found: dict[str, Any] = {str(each.get("name")): each.get("weight", 0) for each in _clusters(mapping)}
        if found.keys() != {self.canary, self.baseline} or not all(type(weight) is int for weight in found.values()):
            return None
        return found if sum(found.values()) > 0 else None

    def _weigh(self, mapping: dict[str, Any], canary: int) -> bool:
        if {each.get("name") for each in _clusters(mapping)} != {self.canary, self.baseline}:
            return False
        for each in _clusters(mapping):
            each["weight"] = canary if each["name"] == self.canary else _TOTAL - canary
        for key in ("total_weight", "totalWeight"):
            if key in mapping:
                mapping[key] = _TOTAL
        return True

    def _know_both(self, admin: Admin) -> None:
        known = {each.get("name") for each in admin.get("/clusters?format=json").get("cluster_statuses", [])}
        for name in (self.canary, self.baseline):
            if name not in known:
                raise NotDone(f"Envoy knows no cluster `{name}`: requests on a route to it would fail")

    def _failures(self, admin: Admin, names: tuple[str, ...]) -> int:
        ends = tuple(f".rds.{name}.{kind}" for name in names for kind in ("update_failure", "update_rejected"))
        stats = admin.get("/stats?format=json&filter=update_(failure|rejected)").get("stats", [])
        return sum(each["value"] for each in stats if str(each.get("name")).replace(":", "_").endswith(ends))


def _clusters(mapping: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """
    Give the clusters of a `weighted_clusters`; of any other mapping none.
    """
    clusters = mapping.get("clusters")
    if isinstance(clusters, list) and all(isinstance(each, dict) for each in clusters):
        yield from clusters


def _names(routes: Any) -> tuple[str, ...]:
    """
    Give the names of the route configurations in a file.
    """
    resources = routes.get("resources") if isinstance(routes, dict) else None
    named = [each for each in resources if isinstance(each, dict) and each.get("name")] if isinstance(resources, list) else []
    if not named:
        raise NotDone("the route file has no `resources`, each with a `name`")
    return tuple(str(each["name"]) for each in named)


def _canary_weight(percent: float) -> int:
    if percent in (0, 100):
        return round(percent / 100) * _TOTAL
    return min(_TOTAL - 1, max(1, round(percent * _TOTAL / 100)))
