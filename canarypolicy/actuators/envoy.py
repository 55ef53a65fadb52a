"""
Envoy: the split is a runtime key that routes read, or the weights in a file of routes that it watches.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from canarypolicy.actuators.envoy_admin import Admin
from canarypolicy.actuators.envoy_routes import RouteFileSplit
from canarypolicy.actuators.envoy_runtime import RuntimeSplit
from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.proxy_parameters import EnvoyParameters
from canarypolicy.http_calls import url_of

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World


class Envoy:
    """
    Shares traffic out in one Envoy, by way of its admin interface.
    """

    name: ClassVar[str] = "envoy"
    Parameters = EnvoyParameters

    def __init__(self, label: str, parameters: EnvoyParameters, world: World) -> None:
        self._keeper = Keeper(f"actuator `{label}`", world)
        self._admin = url_of(self._keeper, parameters.admin, "admin")
        self._timeout_us = microseconds(parameters.timeout)
        self._split = _split_of(parameters, self._keeper)

    def set(self, weight: float) -> None:
        """
        Set the split and see that Envoy has it.
        """
        self._split.set(self._asked(), weight)

    def read_back(self) -> float:
        """
        Give the canary's percent by what Envoy has.
        """
        return self._split.read_back(self._asked())

    def _asked(self) -> Admin:
        until = monotonic() + self._timeout_us / SECOND_US
        return Admin(url=self._admin, keeper=self._keeper, timeout_us=self._timeout_us, until=until)


def _split_of(parameters: EnvoyParameters, keeper: Keeper) -> RuntimeSplit | RouteFileSplit:
    match parameters:
        case EnvoyParameters(runtime_key=str(key)):
            return RuntimeSplit(key)
        case EnvoyParameters(canary=str(canary), baseline=str(baseline), route_file=file) if file is not None:
            return RouteFileSplit(file=Path(keeper.text(file, "route_file")), canary=canary, baseline=baseline)
    raise AssertionError("the model allows no other Envoy")
