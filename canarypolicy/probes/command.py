r"""
A program of your own as a probe: its exit status is a check, its output may hold typed values.

```yaml
probes:
  legacy:
    command:
      run: [python, scripts/readiness.py, --require-redis]
      captures: {failed: {regex: 'FAIL=(\d+)', type: int}}
      timeout: 60s
```

Exit status 0 is a passed check, any other a failed one. A capture is a regular expression of RE2 with one group; its value is
looked for in stdout and stderr (the last mebibyte of each), has the type `int`, `double`, `bool` or `string`, and stands in
`result` by its name. A capture without a match, with two matches that differ, or with a text that is not of its type is a
failed check. Captured `passed` and `failed` stand in for the counts, but no result with a failed check has `failed` below
the number of those: a program that prints `FAIL=0` and then dies has not passed. Gates read `passed`, `failed` and `checks`;
other captured values stand in the journal.
"""

from __future__ import annotations

import re
from math import isfinite
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.program_parameters import CaptureType, CommandProbeParameters, compile_capture
from canarypolicy.live.protocols import Check, ProbeResult
from canarypolicy.processes import NotEnded, arguments_of, failure_of, program_of, run_program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.documents.program_parameters import Capture
    from canarypolicy.documents.secrets import World

_INT = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DOUBLE = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BOOLS = {"true": True, "false": False, "1": True, "0": False}


class CommandProbe:
    """
    One program.
    """

    name: ClassVar[str] = "command"
    Parameters = CommandProbeParameters

    def __init__(self, label: str, parameters: CommandProbeParameters, world: World) -> None:
        self._keeper = Keeper(f"probe `{label}`", world)
        self._run = arguments_of(self._keeper, parameters.run, "run")
        self._captures: Mapping[str, Capture] = parameters.captures
        self._timeout_us = microseconds(parameters.timeout)

    def look(self) -> ProbeResult:
        """
        Run the program once and read its output.
        """
        program = program_of(self._keeper, self._run, self._timeout_us)
        began = monotonic()
        ended = run_program(program, self._keeper)
        why = ended.why if isinstance(ended, NotEnded) else failure_of(ended, program, self._keeper)
        checks = [Check(name="command", ok=why is None, detail=why or "ended in status 0", seconds=monotonic() - began)]
        fields: dict[str, object] = {}
        if not isinstance(ended, NotEnded):
            text = f"{ended.stdout}\n{ended.stderr}"
            for name, capture in self._captures.items():
                value, why_not = self._captured(capture, text)
                if why_not is None:
                    fields[name] = value
                else:
                    checks.append(Check(name=name, ok=False, detail=why_not))
        return ProbeResult(checks=tuple(checks), fields=_with_failures(fields, sum(not check.ok for check in checks)))

    def _captured(self, capture: Capture, text: str) -> tuple[object, str | None]:
        found = {match.group(1) or "" for match in compile_capture(capture.regex).finditer(text)}
        if not found:
            return None, f"nothing in the output matches `{self._keeper.shown(capture.regex)}`"
        if len(found) > 1:
            first, second, *_ = (f"`{self._keeper.shown(each)}`" for each in sorted(found))
            return None, f"`{self._keeper.shown(capture.regex)}` matches different texts, such as {first} and {second}"
        (word,) = found
        value = _typed(word.strip(), capture.type)
        if value is None:
            return None, f"`{self._keeper.shown(word)}` is no {capture.type.value}"
        return self._keeper.shown(value) if isinstance(value, str) else value, None


def _typed(word: str, type_: CaptureType) -> int | float | bool | str | None:
    match type_:
        case CaptureType.INT:
            return int(word) if _INT.fullmatch(word) else None
        case CaptureType.DOUBLE:
            return float(word) if _DOUBLE.fullmatch(word) and isfinite(float(word)) else None
        case CaptureType.BOOL:
            return _BOOLS.get(word.lower())
        case CaptureType.STRING:
            return word


def _with_failures(fields: dict[str, object], failures: int) -> dict[str, object]:
    counted = fields.get("failed")
    return {**fields, "failed": max(counted, failures)} if isinstance(counted, int) else fields
