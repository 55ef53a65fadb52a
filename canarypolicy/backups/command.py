"""
A snapshot that a program of your own takes.

```yaml
actuators:
  snapshot: {command: {create: [./backup, create], timeout: 10m}}
```

`create` must end in status 0 and print the snapshot's name as the last line of stdout; that name goes into the journal. A
program that ends well and names nothing has taken no snapshot. No shell reads the arguments, so a pipe is the program's own
business: `set -o pipefail` there, or a failed dump ends in 0. At the time limit it is ended with everything that it started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.program_parameters import CommandActuatorParameters
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone, Taken
from canarypolicy.processes import NotEnded, arguments_of, program_of, run_well

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World

_LONGEST_NAME = 180


class CommandBackup:
    """
    One program.
    """

    name: ClassVar[str] = "command"
    Parameters = CommandActuatorParameters

    def __init__(self, label: str, parameters: CommandActuatorParameters, world: World) -> None:
        self._keeper = Keeper(f"actuator `{label}`", world)
        if parameters.create is None:
            raise Unavailable(f"{self._keeper.place} takes no snapshot: it has `set` and `read`, which move traffic")
        self._create = arguments_of(self._keeper, parameters.create, "create")
        self._timeout_us = microseconds(parameters.limit)

    def create(self) -> Taken:
        """
        Run `create` and take the last line that it prints.
        """
        program = program_of(self._keeper, self._create, self._timeout_us)
        ended = run_well(program, self._keeper)
        if isinstance(ended, NotEnded):
            raise NotDone(f"{self._keeper.place}: {ended.why}")
        *_, last = ended.stdout.removesuffix("\n").removesuffix("\r").split("\n")
        if not last.strip():
            raise NotDone(f"{self._keeper.place}: the last line of stdout is the snapshot's name, found an empty one")
        if len(last) > _LONGEST_NAME:
            raise NotDone(f"{self._keeper.place}: a snapshot's name has at most {_LONGEST_NAME} characters, found {len(last)}")
        return Taken(snapshot=self._keeper.shown(last))
