"""
What a run's journal comes to, for those who look on: step, weight, last decision, what is open, what happened last.

It takes entries as they come and keeps little, so that looking at a long run again costs only what is new.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import parse_instant
from canarypolicy.live.happening import Happening, act_text, happening_of, when

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canarypolicy.live.entry import Entry
    from canarypolicy.live.storing import RunRow

SHOWN_VALUES = 60
SHOWN_HAPPENINGS = 12
_ENDINGS = ("complete", "rolled-back", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """
    Something that an operator stopped a rollout with: a pause or a freeze.
    """

    since_us: int
    by: str | None
    reason: str | None
    until_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAct:
    """
    An act that is intended and not confirmed.
    """

    text: str
    since_us: int
    failures: int
    why: str | None
    """Why the last attempt failed; None if none has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """
    A run as it is after the last entry read.
    """

    row: RunRow
    policy: Mapping[str, Any]
    """Name, revision, digest and path, as the run's first entry holds them; empty before it."""
    artefact: str | None
    """The version that is rolled out; None where nobody said."""
    step: str | None
    """None before the first step was entered."""
    weight: float | None
    """The weight confirmed last; None before the first."""
    entered_us: int | None
    """When the step was entered."""
    last_us: int | None
    """When the last entry was written."""
    decision: Mapping[str, Any] | None
    """The last decision, in the form of `schemas/v1/decision.schema.json`."""
    open_acts: tuple[OpenAct, ...]
    gates: Mapping[str, bool | None]
    """Gate -> whether it passed, the last time it was asked; None where only its result is known."""
    pause: Stop | None
    freeze: Stop | None
    given: Mapping[str, object]
    """The signals that operators have set."""
    values: Mapping[str, tuple[object, ...]]
    """Signal -> its last values, the oldest first; None where it was missing."""
    happenings: tuple[Happening, ...]
    recovery: str | None
    """`recovered` or `not-recovered`, once it is known after a rollback."""

    @property
    def is_over(self) -> bool:
        return self.row.state in _ENDINGS

    def until_us(self, now_us: int) -> int:
        """
        Give the time up to which the run's clocks have run: now or, for one that is over, its last entry.
        """
        return self.last_us if self.is_over and self.last_us is not None else now_us

    @property
    def waits_for_approval(self) -> bool:
        """
        Tell whether the last decision held for the lack of an approval.
        """
        return self.decision is not None and any(reason["rule"] == "approval" for reason in self.decision["reasons"])

    @property
    def earliest_advance_us(self) -> int | None:
        """
        Give the earliest time of the next advance; None if it is not foreseeable, or there is none to come.
        """
        if self.decision is None or self.is_over or self.decision["earliest_advance"] is None:
            return None
        return parse_instant(self.decision["earliest_advance"])


@dataclass(slots=True)
class Summary:
    """
    What the entries read so far come to.
    """

    seq: int = 0
    """The number of the last entry read."""
    last_us: int | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    policy_text: str | None = None
    artefact: str | None = None
    step: str | None = None
    weight: float | None = None
    entered_us: int | None = None
    decision: Mapping[str, Any] | None = None
    gates: dict[str, bool | None] = field(default_factory=dict)
    pause: Stop | None = None
    freeze: Stop | None = None
    given: dict[str, object] = field(default_factory=dict)
    recovery: str | None = None
    _open: dict[str, OpenAct] = field(default_factory=dict)
    _values: dict[str, deque[object]] = field(default_factory=dict)
    _happenings: deque[Happening] = field(default_factory=lambda: deque(maxlen=SHOWN_HAPPENINGS))

    def add(self, entry: Entry) -> None:
        """
        Take in the entry that follows the last one read.
        """
        self.seq, self.last_us = entry.seq, entry.at_us
        body = entry.body
        match entry.kind:
            case "begin":
                self.policy, self.policy_text = body["policy"], body["policy_text"]
                self.artefact = body.get("artefact")
            case "sample":
                self._sample(body)
            case "event":
                self._event(body, when(body, entry.at_us))
            case "decision":
                self.decision = body
            case "note" if body["note"] in ("recovered", "not-recovered"):
                self.recovery = body["note"]
            case "intend" | "confirm" | "fail" | "abandon":
                self._act(entry, body)
        happening = happening_of(entry, body)
        if happening is not None and not (entry.kind == "decision" and self._stands_already(happening)):
            self._happenings.append(happening)

    def _stands_already(self, happening: Happening) -> bool:
        """
        Tell whether a decision was told before, and nothing but acts followed: a final one is made again at each sample.
        """
        return happening.is_trouble and any(each.text == happening.text for each in self._happenings)

    def of(self, row: RunRow) -> RunSummary:
        """
        Give the present state of the run.
        """
        return RunSummary(
            row=row,
            policy=self.policy,
            artefact=self.artefact,
            step=self.step,
            weight=self.weight,
            entered_us=self.entered_us,
            last_us=self.last_us,
            decision=self.decision,
            open_acts=tuple(self._open.values()),
            gates=dict(self.gates),
            pause=self.pause,
            freeze=self.freeze,
            given=dict(self.given),
            values={name: tuple(values) for name, values in self._values.items()},
            happenings=tuple(self._happenings),
            recovery=self.recovery,
        )

    def _sample(self, body: Mapping[str, Any]) -> None:
        signals = body["signals"]
        for name in signals.keys() | body.get("why", {}).keys() | self._values.keys():
            self._values.setdefault(name, deque(maxlen=SHOWN_VALUES)).append(signals.get(name))

    def _event(self, body: Mapping[str, Any], at_us: int) -> None:
        match body["event"]:
            case "step":
                if body["step"] != self.step:
                    self.step, self.entered_us = body["step"], at_us
            case "gate":
                self.gates[body["gate"]] = body.get("passed")
            case "pause":
                self.pause = self.pause or _stop(body, at_us)
            case "resume":
                self.pause = None
            case "freeze":
                self.freeze = _stop(body, at_us)
            case "unfreeze":
                self.freeze = None
            case "signal":
                self.given |= body["signals"]
                self.given = {name: value for name, value in self.given.items() if value is not None}

    def _act(self, entry: Entry, body: Mapping[str, Any]) -> None:
        key = _key(body)
        match entry.kind:
            case "intend":
                if body["act"] == "weight":  # a newer wish takes the place of one that was never confirmed
                    self._open.pop(key, None)
                self._open[key] = OpenAct(text=act_text(body), since_us=entry.at_us, failures=0, why=None)
            case "fail":
                known = self._open.get(key)
                if known is None:  # failed without having been intended, such as a notice that nobody waits for
                    known = OpenAct(text=act_text(body), since_us=entry.at_us, failures=0, why=None)
                # Of many failures in a row the journal holds a few; each says which one it is.
                self._open[key] = replace(known, failures=body.get("attempt", known.failures + 1), why=body.get("why"))
            case _:
                self._open.pop(key, None)
                if entry.kind == "confirm" and body["act"] == "weight":
                    self.weight = body["weight"]


def summarise(row: RunRow, entries: Iterable[Entry]) -> RunSummary:
    """
    Give what a whole journal comes to.
    """
    summary = Summary()
    for entry in entries:
        summary.add(entry)
    return summary.of(row)


def _key(body: Mapping[str, Any]) -> str:
    """
    Tell which intention a confirmation belongs to: there is one of weight at a time, and one a gate, a notice.
    """
    return ":".join(str(body.get(part, "")) for part in ("act", "gate", "key", "to"))


def _stop(body: Mapping[str, Any], at_us: int) -> Stop:
    until = body.get("until")
    return Stop(
        since_us=at_us, by=body.get("by"), reason=body.get("reason"), until_us=None if until is None else parse_instant(until)
    )
