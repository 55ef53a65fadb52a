"""
`canarypolicy signal`: give a rollout a signal's value by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from canarypolicy.commands.asking import takes_request
from canarypolicy.commands.parameters import SignalValue
from canarypolicy.documents.wording import code, suggestion
from canarypolicy.engine.sample import admit

if TYPE_CHECKING:
    from canarypolicy.commands.asking import Operator
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.exit_status import ExitStatus


@click.command("signal")
@takes_request
@click.argument("signals", type=SignalValue(), nargs=-1, required=True)
def command(*, operator: Operator, signals: tuple[tuple[str, object], ...]) -> ExitStatus:
    """
    Give a rollout values of signals by hand; they stand in for the measured ones until NAME=null takes them back.

    Exit status: 0 taken in, or left for a run that no process carries out now; 1 not taken in in time; 3 the run has ended.
    """
    given = dict(signals)
    if len(given) != len(signals):
        raise click.UsageError("a signal is given twice")

    def check(checked: CheckedPolicy) -> None:
        for name, value in given.items():
            _check(checked, name, value)

    return operator.ask({"event": "signal", "signals": given, "by": operator.by}, check)


def _check(checked: CheckedPolicy, name: str, value: object) -> None:
    declared = checked.policy.signals
    if name not in declared:
        known = suggestion(name, declared, "declared")
        raise click.BadParameter(f"signal {code(name)} is not declared in the run's policy; {known}", param_hint="NAME=VALUE")
    admitted, why = admit(value, declared[name])
    if admitted is None and value is not None:
        raise click.BadParameter(f"signal {code(name)} cannot have this value: {why}", param_hint="NAME=VALUE")
