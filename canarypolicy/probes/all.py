"""
Several probes as one: all are asked at once, and every check of theirs counts.

```yaml
probes:
  readiness: {all: [redis, database, backup]}
```

`passed` and `failed` are the sums of theirs; a check's name has the probe's in front, `redis: write`. Each probe keeps its own
time limit. Other values that a probe captures are not passed on.
"""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

from canarypolicy.live.protocols import Check, ProbeResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.live.protocols import Probe


class AllProbes:
    """
    Probes by their names in the Environment; whoever reads that puts them together.
    """

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = dict(probes)

    def look(self) -> ProbeResult:
        """
        Look at all at once, and give the checks in the order in which the probes are named.
        """
        results: dict[str, ProbeResult] = {}
        threads = [Thread(target=self._look, args=(name, results), daemon=True) for name in self._probes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        records = [results[name].as_record() for name in self._probes]
        checks = tuple(
            Check(name=f"{name}: {check.name}", ok=check.ok, detail=check.detail, seconds=check.seconds)
            for name in self._probes
            for check in results[name].checks
        )
        return ProbeResult(checks=checks, fields={key: sum(record[key] for record in records) for key in ("passed", "failed")})

    def _look(self, name: str, results: dict[str, ProbeResult]) -> None:
        try:
            results[name] = self._probes[name].look()
        except Exception as error:  # noqa: BLE001 - a plug-in's mistake is a failed check, and never a passed one
            why = f"the probe failed in itself: {type(error).__name__}"
            results[name] = ProbeResult(checks=(Check(name="look", ok=False, detail=why),))
