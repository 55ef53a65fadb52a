"""
What the operators' commands share: who asks, which run is meant, and whether the run has taken the request in.

A request lies in the store until the run's process takes it in, which makes an event of its journal of it.
"""

from __future__ import annotations

import getpass
import time
from contextlib import closing
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.clock import now_us
from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.parameters import Duration
from canarypolicy.commands.stores import open_store_of, takes_store
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.exit_status import ExitStatus
from canarypolicy.live.checklist import ITEM
from canarypolicy.live.noting import note_down
from canarypolicy.live.record import ENDINGS
from canarypolicy.reports.result import Asked
from canarypolicy.store.holder import holder_of_this_process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from canarypolicy.commands.outputs import Command, Outputs
    from canarypolicy.commands.stores import StoreChoice
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.live.entry import Entry
    from canarypolicy.live.storing import RunRow, Store

_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """
    Who asks what run, in which store, and how long the answer is waited for.
    """

    outputs: Outputs
    store: StoreChoice
    run: str
    by: str
    wait_us: int

    def ask(self, event: Mapping[str, Any], check: Callable[[CheckedPolicy], None] | None = None) -> ExitStatus:
        """
        Leave the request, wait for it to be taken in, and say what came of it.

        `check` holds the request against the policy in the run's journal, and raises what is wrong with it.
        """
        with closing(open_store_of(self.store, self.outputs.console)) as store:
            row = store.find(self.run, now_us())
            if row.state in ENDINGS:
                return self._too_late(row)
            if check is not None:
                check(policy_of(store, row.run))
            request = store.ask(row.run, event, now_us())
            return self._await(store, row, (request, event))

    def tick(self, item: str, check: Callable[[CheckedPolicy], None]) -> ExitStatus:
        """
        Tick an item of the checklist: by the run's process if there is one, else by this one.
        """
        event = {"event": ITEM, "item": item, "by": self.by}
        with closing(open_store_of(self.store, self.outputs.console)) as store:
            row = store.find(self.run, now_us())
            check(policy_of(store, row.run))
            if row.is_held:
                return self._await(store, row, (store.ask(row.run, event, now_us()), event))
            note = {"note": ITEM, "item": item, "by": self.by}
            entry = note_down(store, holder_of_this_process(), row, note, now_us())
            result = Asked(row=row, event=event, taken_us=entry.at_us, waited_us=self.wait_us)
            return self.outputs.deliver(result, ExitStatus.ADVANCE)

    def _await(self, store: Store, row: RunRow, asked: tuple[int, Mapping[str, Any]]) -> ExitStatus:
        request, event = asked
        result = Asked(row=row, event=event, taken_us=None, waited_us=self.wait_us)
        until = time.monotonic() + self.wait_us / SECOND_US
        while row.is_held and not self._is_taken(store, row.run, request):
            if time.monotonic() >= until:
                status = ExitStatus.COULD_NOT_RUN if self.wait_us else ExitStatus.ADVANCE
                return self.outputs.deliver(result, status)
            time.sleep(_LOOK_SECONDS)
            row = store.find(row.run, now_us())
            if row.state in ENDINGS and not self._is_taken(store, row.run, request):
                return self._too_late(row)
        if self._is_taken(store, row.run, request):
            return self._tell_taken(replace(result, row=row), _answer(store, result))
        return self.outputs.deliver(replace(result, row=row), ExitStatus.ADVANCE)

    def _tell_taken(self, result: Asked, entry: Entry | None) -> ExitStatus:
        if entry is not None:
            return self.outputs.deliver(replace(result, taken_us=entry.at_us), ExitStatus.ADVANCE)
        self.outputs.console.fault(f"canarypolicy: error: the run `{result.row.run}` put the request aside: see its journal")
        return ExitStatus.COULD_NOT_RUN

    def _too_late(self, row: RunRow) -> ExitStatus:
        self.outputs.console.fault(
            f"canarypolicy: error: the run `{row.run}` has ended ({row.state}): nothing can be asked of it"
        )
        return ExitStatus.FINDINGS

    @staticmethod
    def _is_taken(store: Store, run: str, request: int) -> bool:
        return all(each.id != request for each in store.requests(run))


def _answer(store: Store, asked: Asked) -> Entry | None:
    """
    Give the journal's entry that a request became: the last event or note of this content since the run was looked at first.
    """
    wanted = {"note" if key == "event" and value == ITEM else key: value for key, value in asked.event.items()}
    for entry in reversed(store.entries(asked.row.run, after=asked.row.head_seq)):
        if entry.kind in ("event", "note") and {key: value for key, value in entry.body.items() if key != "t"} == wanted:
            return entry
    return None


def takes_request(command: Command) -> Command:
    """
    Give a command the run that is meant and who asks; it gets them as `operator`.
    """

    @click.argument("run")
    @takes_by
    @click.option(
        "--wait", "wait_us", type=Duration(), default="10s", show_default=True, help="How long to wait for the run to take it in."
    )
    @takes_store
    @takes_output(Asked)
    @wraps(command)
    def with_operator(*, outputs: Outputs, store: StoreChoice, run: str, by: str, wait_us: int, **given: Any) -> ExitStatus:
        return command(operator=Operator(outputs=outputs, store=store, run=run, by=by, wait_us=wait_us), **given)

    return with_operator


def takes_by(command: Command) -> Command:
    """
    Give a command the name of who gives it, as `by`; the login name unless another is given.
    """

    @click.option("--by", metavar="NAME", help="Who asks for it; default the login name.")
    @wraps(command)
    def with_by(*, by: str | None, **given: Any) -> ExitStatus:
        return command(by=by or login_name(), **given)

    return with_by


def login_name() -> str:
    """
    Give the name of who is logged in; it is a usage error if the system knows none.
    """
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        raise click.UsageError("the system knows no login name: say with --by who asks for this") from None


def policy_of(store: Store, run: str) -> CheckedPolicy:
    """
    Give the policy that a run began with, as its journal holds it.
    """
    from canarypolicy.commands.looking import policy_in  # noqa: PLC0415 - a pause needs no policy

    return policy_in(store.entries(run))
