"""
Telling people: each notice to each notifier, in the background, a few times, and never in the way of the rollout.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event as Alarm
from typing import TYPE_CHECKING, Any

from canarypolicy.live.background import in_background
from canarypolicy.live.entry import Draft, EntryKind
from canarypolicy.live.protocols import NotDone, Notice, Occurrence, Told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

    from canarypolicy.live.journal import Journal
    from canarypolicy.live.protocols import Notifier, Watcher

_PAUSES_SECONDS = (1.0, 4.0)
"""Between the tries."""
_LONGEST_SECONDS = 60.0
"""How long a run that has ended waits for its notices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    to: str
    notice: Notice

    @property
    def body(self) -> dict[str, Any]:
        notice = self.notice
        return {"act": "notify", "key": notice.key, "occurrence": notice.occurrence.value, "to": self.to}

    @property
    def whole(self) -> dict[str, Any]:
        """
        What is written before it is sent: enough to send it again.
        """
        return {**self.body, "text": self.notice.text, "facts": dict(self.notice.facts)}


class Notices:
    """
    The notices of one run.
    """

    def __init__(self, notifiers: Mapping[str, Notifier], journal: Journal, watcher: Watcher) -> None:
        self._notifiers = notifiers
        self._journal = journal
        self._watcher = watcher
        self._under_way: dict[str, tuple[_Letter, Future[str | None]]] = {}

    def send(self, occurrence: Occurrence, about: str, text: str, facts: Mapping[str, Any]) -> None:
        """
        Send a notice to every notifier that has not had it; `about` parts notices of one kind, such as the step.
        """
        run, record = self._journal.lease.run, self._journal.record
        letters = [
            _Letter(
                to=to, notice=Notice(occurrence=occurrence, key=f"{run}/{occurrence.value}/{about}/{to}", text=text, facts=facts)
            )
            for to in self._notifiers
        ]
        new = [each for each in letters if each.notice.key not in record.untold and each.notice.key not in record.told]
        if not new:
            return
        at_us = self._journal.stamp()
        self._journal.write([Draft(kind=EntryKind.INTEND, at_us=at_us, body=each.whole) for each in new])
        for letter in new:
            self._begin(letter)

    def send_again(self) -> None:
        """
        Send what was to be sent when the process died; who had it already knows it by its key.
        """
        for body in self._journal.record.untold.values():
            if body["to"] in self._notifiers:
                notice = Notice(
                    occurrence=Occurrence(body["occurrence"]), key=body["key"], text=body["text"], facts=body["facts"]
                )
                self._begin(_Letter(to=body["to"], notice=notice))

    def _begin(self, letter: _Letter) -> None:
        notifier = self._notifiers[letter.to]
        self._under_way[letter.notice.key] = (letter, in_background(lambda: _deliver(notifier, letter.notice)))

    def take_in(self) -> None:
        """
        Write down what has become of the notices under way.
        """
        for key, (letter, future) in list(self._under_way.items()):
            if not future.done():
                continue
            del self._under_way[key]
            error = future.exception()
            why = f"a fault in the notifier: {type(error).__name__}" if error is not None else future.result()
            if why is None:
                self._journal.note(EntryKind.CONFIRM, **letter.body)
            else:
                self._journal.note(EntryKind.ABANDON, **letter.body, why=why)
                message = f"`{letter.to}` could not be told of `{letter.notice.occurrence.value}`: {why}"
                self._watcher.tell(Told(level="error", event="notice-failed", message=message, facts={**letter.body, "why": why}))

    def finish(self) -> None:
        """
        Wait for what is under way, but not for ever.
        """
        left = _LONGEST_SECONDS
        alarm = Alarm()
        while self._under_way and left > 0:
            self._journal.renew()
            alarm.wait(0.1)
            left -= 0.1
            self.take_in()


def _deliver(notifier: Notifier, notice: Notice) -> str | None:
    """
    Try a few times; give why it was not delivered, None if it was.
    """
    alarm = Alarm()
    for pause in (*_PAUSES_SECONDS, None):
        try:
            notifier.notify(notice)
        except NotDone as error:
            if pause is None:
                return error.why
            alarm.wait(pause)
        else:
            return None
    return None  # pragma: no cover - the last try returns
