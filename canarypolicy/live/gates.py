"""
Gates: each one's probe is looked at in the background, and its result becomes a `gate` event.

Before the first step they are looked at one after the other, and the first that fails ends the rollout. In the last step
all are looked at once it is entered, and again at every tick while one has not passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.engine.event import GateEvent
from canarypolicy.engine.rollout import GateState
from canarypolicy.live.background import in_background
from canarypolicy.live.protocols import Check, ProbeResult

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

    from canarypolicy.documents.plan import Gate
    from canarypolicy.live.run import Run


class Gates:
    """
    The gates of one run that are being looked at.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._looks: dict[str, Future[ProbeResult]] = {}

    @property
    def are_open(self) -> bool:
        """
        Tell whether nothing is being looked at.
        """
        return not self._looks

    def begin(self, gates: Iterable[Gate]) -> None:
        """
        Look at the gates that have not passed and are not being looked at.
        """
        states = self._run.fold.state.course.gates
        for gate in gates:
            if gate.name not in self._looks and states.get(gate.name) is not GateState.PASSED:
                self._looks[gate.name] = in_background(self._run.probes[gate.probe].look)

    def look_again(self, gate: Gate) -> None:
        """
        Look at a gate whatever is known of it.
        """
        self._looks[gate.name] = in_background(self._run.probes[gate.probe].look)

    def take_in(self) -> None:
        """
        Make events of the results that have come.
        """
        for name, future in list(self._looks.items()):
            if future.done():
                del self._looks[name]
                self._judge(name, future)
            if self._run.fold.is_over:
                return

    def _judge(self, name: str, future: Future[ProbeResult]) -> None:
        error = future.exception()
        if error is None:
            result = future.result()
        else:  # a plug-in's mistake is a gate that has not passed
            result = ProbeResult(checks=(Check(name="probe", ok=False, detail=f"a fault in the probe: {type(error).__name__}"),))
        run = self._run
        run.take([GateEvent(at_us=run.journal.stamp(), gate=name, result=result.as_record())])
        state = run.fold.state.course.gates.get(name)
        failed = "; ".join(f"{check.name}: {check.detail}" for check in result.checks if not check.ok)
        if state is GateState.PASSED:
            run.tell("info", "gate", f"gate `{name}` has passed", gate=name, state="passed")
        elif state is not None:
            words = "has failed" if state is GateState.FAILED else "cannot be judged"
            run.tell("warning", "gate", f"gate `{name}` {words}{f': {failed}' if failed else ''}", gate=name, state=state.value)
