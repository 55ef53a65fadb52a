"""
Traffic that is shared out by programs of your own: one sets the weight, one prints it.

```yaml
actuators:
  traffic: {command: {set: [./traffic, set, '{weight}'], read: [./traffic, get], timeout: 30s}}
```

`{weight}` in an argument becomes the canary's percent, `10` or `12.5`; `CANARYPOLICY_WEIGHT` holds the same. `set` must end
in status 0. `read` prints the percent as the only thing on stdout, and is asked at every tick, so it must be quick and must
ask the proxy itself, not a file that `set` wrote. No shell reads the arguments, and at the time limit a program is ended
with everything that it started. With `create` instead it is a backup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from canarypolicy.actuators.percent import percent_of, written_weight
from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.program_parameters import CommandActuatorParameters
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone
from canarypolicy.processes import NotEnded, arguments_of, program_of, run_well

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.documents.secrets import World

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class CommandTraffic:
    """
    Two programs.
    """

    name: ClassVar[str] = "command"
    Parameters = CommandActuatorParameters

    def __init__(self, label: str, parameters: CommandActuatorParameters, world: World) -> None:
        self._keeper = Keeper(f"actuator `{label}`", world)
        if parameters.set is None or parameters.read is None:
            raise Unavailable(f"{self._keeper.place} moves no traffic: it has `create`, which takes a snapshot")
        self._set = arguments_of(self._keeper, parameters.set, "set")
        self._read = arguments_of(self._keeper, parameters.read, "read")
        self._timeout_us = microseconds(parameters.limit)

    def set(self, weight: float) -> None:
        """
        Run `set` with the weight.
        """
        shown = written_weight(weight)
        self._run([each.replace("{weight}", shown) for each in self._set], {"CANARYPOLICY_WEIGHT": shown})

    def read_back(self) -> float:
        """
        Run `read` and take the number that it prints.
        """
        said = self._run(self._read, {}).strip()
        if _NUMBER.fullmatch(said) is None:
            found = f"`{self._keeper.shown(said)}`" if said else "nothing"
            raise NotDone(f"{self._keeper.place}: `read` prints the weight as the only number, found {found}")
        return percent_of(float(said), self._keeper.place)

    def _run(self, arguments: Sequence[str], variables: dict[str, str]) -> str:
        program = program_of(self._keeper, arguments, self._timeout_us, variables)
        ended = run_well(program, self._keeper)
        if isinstance(ended, NotEnded):
            raise NotDone(f"{self._keeper.place}: {ended.why}")
        return ended.stdout
