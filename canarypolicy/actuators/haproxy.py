"""
HAProxy: run-time weights of a backend's servers, set and read on its stats socket.

Every call succeeds, and errors are text: a blank answer to `set server` is success and anything else is none.
A reload forgets the weights, hence `persist`.
"""

from __future__ import annotations

import re
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from canarypolicy.actuators.haproxy_socket import ask, parse_address
from canarypolicy.actuators.weights import Versions, changes
from canarypolicy.actuators.whole_file import replace_file
from canarypolicy.documents.duration import SECOND_US, format_duration, microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.proxy_parameters import HaproxyParameters
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World

_LARGEST = 256
_NAME = re.compile(r"[A-Za-z0-9_.:-]+")
_WEIGHT = re.compile(r"(?P<weight>[0-9]+) \(initial [0-9]+\)\s*")
_MOST_OFF = 0.5
"""Percentage points by which the nearest weights may miss what was asked."""


class Refused(NotDone):
    """
    HAProxy answered, and not with what was asked for.
    """


class Haproxy:
    """
    Shares traffic out by the weights of a backend's servers.
    """

    name: ClassVar[str] = "haproxy"
    Parameters = HaproxyParameters

    def __init__(self, label: str, parameters: HaproxyParameters, world: World) -> None:
        self._keeper = Keeper(f"actuator `{label}`", world)
        address = parse_address(self._keeper.text(parameters.socket, "socket"))
        if address is None:
            message = f"{self._keeper.place}: its `socket` is neither a path nor an address such as `tcp://127.0.0.1:9999`"
            raise Unavailable(message)
        self._address = address
        self._backend = self._keeper.text(parameters.backend, "backend")
        if not _NAME.fullmatch(self._backend):
            raise Unavailable(f"{self._keeper.place}: its `backend` is no name of a backend of HAProxy")
        self._versions = Versions(canary=parameters.canary_servers, baseline=parameters.baseline_servers)
        self._timeout_us = microseconds(parameters.timeout)
        self._state_file = None
        if parameters.persist is not None:
            self._state_file = Path(self._keeper.text(parameters.persist.state_file, "state_file"))

    def set(self, weight: float) -> None:
        """
        Set every server's weight, see that HAProxy has them, and keep them for the next reload where asked.

        If a server cannot be read, only what takes traffic from the canary is done, and it is `NotDone`.
        """
        until = self._until()
        wanted = self._wanted(weight)
        found, refused = self._found(until)
        if not any(wanted[server] for server in found):
            raise refused or NotDone("no server would be left with a weight above 0")
        for server, takes in changes(wanted, found, self._versions.canary):
            if takes or refused is None:
                self._change(server, wanted[server], until)
        if refused is not None:
            raise refused
        self._confirm(wanted, until)
        self._persist(until)

    def read_back(self) -> float:
        """
        Give the canary's percent of the sum of all weights; servers of a version that do not agree are `NotDone`.
        """
        found, refused = self._found(self._until())
        if refused is not None:
            raise refused
        for version, servers in (("canary", self._versions.canary), ("baseline", self._versions.baseline)):
            if len({found[server] for server in servers}) > 1:
                each = ", ".join(f"`{server}` has {found[server]}" for server in servers)
                raise NotDone(f"the weights of the {version}'s servers are not equal: {self._keeper.shown(each)}")
        if not any(found.values()):
            raise NotDone("the weight of every server is 0")
        return self._versions.percent(found)

    def _wanted(self, weight: float) -> dict[str, int]:
        wanted = self._versions.weights(weight, _LARGEST)
        nearest = self._versions.percent(wanted)
        if abs(nearest - weight) > _MOST_OFF:
            raise NotDone(
                f"weights of 0 to {_LARGEST} cannot give {weight:g} percent with these servers, nearest is {nearest:.3g}"
            )
        return wanted

    def _found(self, until: float) -> tuple[dict[str, int], Refused | None]:
        """
        Read each server's weight, and give the first answer that told none.
        """
        found: dict[str, int] = {}
        first: Refused | None = None
        for server in self._versions.servers:
            try:
                found[server] = self._weight(server, until)
            except Refused as refused:
                first = first or refused
        return found, first

    def _weight(self, server: str, until: float) -> int:
        answer = self._ask(f"get weight {self._backend}/{server}", until)
        match = _WEIGHT.fullmatch(answer)
        if match is None:
            raise Refused(f"the weight of `{server}` cannot be read: HAProxy says `{self._keeper.shown(answer)}`")
        return int(match["weight"])

    def _change(self, server: str, weight: int, until: float) -> None:
        answer = self._ask(f"set server {self._backend}/{server} weight {weight}", until)
        if answer.strip():
            raise Refused(f"the weight of `{server}` cannot be set to {weight}: HAProxy says `{self._keeper.shown(answer)}`")

    def _confirm(self, wanted: dict[str, int], until: float) -> None:
        for server, weight in wanted.items():
            found = self._weight(server, until)
            if found != weight:
                raise NotDone(f"the weight of `{server}` was set to {weight}, and HAProxy has {found}")

    def _persist(self, until: float) -> None:
        if self._state_file is None:
            return
        state = self._ask(f"show servers state {self._backend}", until)
        # A state without its last line, or of other servers, would be taken for the truth at the next reload.
        lines = state.split("\n")
        known = {fields[3] for fields in (line.split(" ") for line in lines[2:]) if len(fields) > 3}
        if lines[0] != "1" or not state.endswith("\n\n") or not known.issuperset(self._versions.servers):
            raise Refused(f"the weights are set, but not kept for a reload: HAProxy says `{self._keeper.shown(state)}`")
        try:
            replace_file(self._state_file, state)
        except NotDone as error:
            raise NotDone(f"the weights are set, but not kept for a reload: {self._keeper.shown(error.why)}") from None

    def _until(self) -> float:
        return monotonic() + self._timeout_us / SECOND_US

    def _ask(self, line: str, until: float) -> str:
        try:
            return ask(self._address, line, until)
        except TimeoutError:
            raise NotDone(f"no whole answer from HAProxy within {format_duration(self._timeout_us)}") from None
