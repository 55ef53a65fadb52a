"""
A program of your own that tells people.

```yaml
notify:
  - {command: {run: [./tell, '#ops'], timeout: 30s}}
```

It gets the notice on stdin, one line of JSON: `{"occurrence": "rolled-back", "key": ..., "text": ..., "facts": {...}}`;
`CANARYPOLICY_OCCURRENCE` and `CANARYPOLICY_KEY` hold two of them. It must end in status 0. The same key twice is the same
notice. Whatever becomes of it never changes a decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.program_parameters import CommandNotifierParameters
from canarypolicy.live.protocols import NotDone
from canarypolicy.notifiers.message import plain_message
from canarypolicy.processes import NotEnded, arguments_of, program_of, run_well

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World
    from canarypolicy.live.protocols import Notice


class CommandNotifier:
    """
    One program.
    """

    name: ClassVar[str] = "command"
    Parameters = CommandNotifierParameters

    def __init__(self, label: str, parameters: CommandNotifierParameters, world: World) -> None:
        self._keeper = Keeper(f"notifier `{label}`", world)
        self._run = arguments_of(self._keeper, parameters.run, "run")
        self._timeout_us = microseconds(parameters.timeout)

    def notify(self, notice: Notice) -> None:
        """
        Run the program with the notice on stdin.
        """
        variables = {"CANARYPOLICY_OCCURRENCE": notice.occurrence.value, "CANARYPOLICY_KEY": notice.key}
        program = program_of(self._keeper, self._run, self._timeout_us, variables, plain_message(notice) + b"\n")
        ended = run_well(program, self._keeper)
        if isinstance(ended, NotEnded):
            raise NotDone(f"{self._keeper.place}: {ended.why}")
