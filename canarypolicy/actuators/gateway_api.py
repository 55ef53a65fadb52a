"""
Traffic of a Kubernetes Gateway: the weights of two backends of an HTTPRoute.

```yaml
actuators:
  traffic: {gateway_api: {in_cluster: true, namespace: shop, route: shop, canary: shop-v2, baseline: shop-v1}}
```

Outside of the cluster give `server`, `token` and `ca_file`. Every rule of the route that has both backends gets the weights; a
rule with one of them alone, such as one for testers, is left as it is, and one that sends traffic to a third backend beside
them is refused. The weights are changed by a JSON patch that tests the version which was read, so nobody else's change is
overwritten; a conflict is read again. `get` and `patch` on `httproutes` are all that it needs.

What is read back is what the API stores. Whether the gateway carries it out is the gateway's business: watch the requests.
This has been tested against a fake of the API only; no controller was ever run.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from canarypolicy.actuators.cluster_api import ClusterApi, Patch, items_of, mapping_of
from canarypolicy.documents.cluster_parameters import GatewayApiParameters
from canarypolicy.documents.keeper import Keeper
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.documents.secrets import World

_LARGEST_TOTAL = 1_000_000


class GatewayApi:
    """
    One HTTPRoute.
    """

    name: ClassVar[str] = "gateway_api"
    Parameters = GatewayApiParameters

    def __init__(self, label: str, parameters: GatewayApiParameters, world: World) -> None:
        keeper = Keeper(f"actuator `{label}`", world)
        self._canary, self._baseline = parameters.canary, parameters.baseline
        self._api = ClusterApi(keeper, parameters, "gateway.networking.k8s.io/v1/httproutes", parameters.route)

    def set(self, weight: float) -> None:
        """
        Write the weights into every rule that has both backends.
        """
        canary, baseline = shares(weight)

        def plan(route: dict[str, Any]) -> Patch | None:
            operations: list[dict[str, Any]] = []
            for rule, places in self._rules(route):
                for name, wanted in ((self._canary, canary), (self._baseline, baseline)):
                    path = f"/spec/rules/{rule}/backendRefs/{places[name]}"
                    found = _weight_at(route, rule, places[name])
                    if found != wanted:
                        operations.append({"op": "test", "path": f"{path}/name", "value": name})
                        operations.append({"op": "add", "path": f"{path}/weight", "value": wanted})
            return Patch(operations=operations) if operations else None

        self._api.change(plan)

    def read_back(self) -> float:
        """
        Give the canary's share of both weights, which is the same in every rule.
        """
        route = self._api.read()
        found = {}
        for rule, places in self._rules(route):
            canary = _weight_at(route, rule, places[self._canary])
            total = canary + _weight_at(route, rule, places[self._baseline])
            if total == 0:
                raise NotDone(f"{self._api.place}: rule {rule} sends traffic nowhere, both weights are 0")
            found[float(Fraction(100 * canary, total))] = rule
        if len(found) > 1:
            shown = " and ".join(f"{percent:g} in rule {rule}" for percent, rule in sorted(found.items())[:2])
            raise NotDone(f"{self._api.place}: the rules differ in the canary's percent, {shown}")
        return next(iter(found))

    def _rules(self, route: dict[str, Any]) -> Iterator[tuple[int, dict[str, int]]]:
        """
        Give the number of each rule with both backends, and where in it they are.
        """
        any_found = False
        for rule, each in enumerate(items_of(mapping_of(route, "spec").get("rules"))):
            refs = items_of(each.get("backendRefs"))
            names = [ref.get("name") for ref in refs]
            if not {self._canary, self._baseline} <= set(names):
                continue
            any_found = True
            for ref in refs:
                if ref.get("name") not in (self._canary, self._baseline) and ref.get("weight", 1) != 0:
                    raise NotDone(f"{self._api.place}: rule {rule} also sends traffic to `{ref.get('name')}`")
            if len(names) != len(set(names)):
                raise NotDone(f"{self._api.place}: rule {rule} names a backend twice")
            yield rule, {name: names.index(name) for name in (self._canary, self._baseline)}
        if not any_found:
            raise NotDone(f"{self._api.place}: no rule has both `{self._canary}` and `{self._baseline}`")


def shares(percent: float) -> tuple[int, int]:
    """
    Give weights of canary and baseline whose sum is the smallest power of ten, from 100, that holds the percent.
    """
    share, total = Fraction(str(percent)) / 100, 100
    while (share * total).denominator != 1 and total < _LARGEST_TOTAL:
        total *= 10
    canary = round(share * total)
    if share not in (0, 1):
        canary = min(max(canary, 1), total - 1)  # only 0 and 100 are nothing and all
    return canary, total - canary


def _weight_at(route: dict[str, Any], rule: int, ref: int) -> int:
    weight = route["spec"]["rules"][rule]["backendRefs"][ref].get("weight", 1)  # without a weight it is 1
    return weight if isinstance(weight, int) and weight >= 0 else 0
