"""
The closing GO checklist: each item of the policy's plan, and the evidence in the journal that ticks it (SPEC section 6).

An item without its evidence is open; nothing else ticks it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import SECOND_US, format_instant
from canarypolicy.engine.event import GateEvent, StepEvent
from canarypolicy.engine.rollout import GateState
from canarypolicy.live.entry import EntryKind
from canarypolicy.live.folding import Fold, item_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.documents.plan import ChecklistItem
    from canarypolicy.engine.program import Program
    from canarypolicy.live.entry import Entry

ITEM = "item"
"""The note by which a person ticks an item: `{"note": "item", "item": NAME, "by": WHO}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """
    One item, and what ticks it or is lacking.
    """

    name: str
    text: str
    is_ticked: bool
    evidence: tuple[str, ...]
    """One sentence part a piece: what was seen, with its time, or what is not there."""


@dataclass(slots=True)
class _Step:
    entered_us: int
    samples: int = 0
    left_us: int | None = None
    fired: tuple[str, ...] = ()


@dataclass(slots=True)
class _Seen:
    """
    What the journal holds of each kind of evidence.
    """

    gates: dict[str, tuple[GateState, int, dict[str, Any]]] = field(default_factory=dict)
    snapshot: tuple[str, str, int] | None = None
    steps: dict[str, _Step] = field(default_factory=dict)
    notices: list[tuple[str, str, int]] = field(default_factory=list)
    items: dict[str, tuple[str, int]] = field(default_factory=dict)


def checklist(program: Program, entries: Sequence[Entry]) -> tuple[Tick, ...]:
    """
    Hold each item of the policy's checklist against a run's journal.
    """
    seen = _Seen()
    fold = Fold(program, is_gated=entries[0].body["gated"])
    for entry in entries:
        _take(seen, fold, entry)
    return tuple(_tick(item, seen) for item in program.checked.policy.plan.checklist)


def _take(seen: _Seen, fold: Fold, entry: Entry) -> None:
    match entry.kind:
        case "sample" | "event":
            _fold(seen, fold, entry)
        case "decision":
            _decision(seen, entry.body, entry.at_us)
        case "confirm":
            body = entry.body
            if body["act"] == "snapshot":
                seen.snapshot = (body["snapshot"], body.get("detail") or "", entry.at_us)
            elif body["act"] == "notify":
                seen.notices.append((body["occurrence"], body["to"], entry.at_us))
        case EntryKind.NOTE.value:
            body = entry.body
            if body["note"] == ITEM:
                seen.items[body["item"]] = (body.get("by") or "somebody", entry.at_us)


def _fold(seen: _Seen, fold: Fold, entry: Entry) -> None:
    item = item_of(entry.text)
    fold.take(item)
    if isinstance(item, GateEvent):
        state = fold.state.course.gates.get(item.gate, GateState.UNKNOWN)
        seen.gates[item.gate] = (state, entry.at_us, dict(item.result or {}))
    elif isinstance(item, StepEvent):
        seen.steps.setdefault(item.step, _Step(entered_us=item.at_us))


def _decision(seen: _Seen, body: dict[str, Any], at_us: int) -> None:
    step = seen.steps.get(body["step"])
    if step is None:
        return
    step.samples += 1
    if body["decision"] == "advance":
        step.left_us = at_us
    elif body["decision"] == "rollback":
        step.fired = tuple(reason["rule"] for reason in body["reasons"])


def _tick(item: ChecklistItem, seen: _Seen) -> Tick:
    if item.gates is not None:
        found = [_gate(name, seen) for name in item.gates]
    elif item.snapshot is not None:
        found = [_snapshot(seen)]
    elif item.steps is not None:
        found = [_step(name, seen) for name in item.steps]
    elif item.notified is not None:
        found = _notices(seen)
    else:
        found = [_by_hand(item.name, seen)]
    return Tick(
        name=item.name,
        text=item.text,
        is_ticked=all(is_there for is_there, _ in found),
        evidence=tuple(sentence for _, sentence in found),
    )


def _gate(name: str, seen: _Seen) -> tuple[bool, str]:
    if name not in seen.gates:
        return False, f"gate `{name}` has no result"
    state, at_us, result = seen.gates[name]
    counts = f" ({result['passed']} passed, {result['failed']} failed)" if {"passed", "failed"} <= result.keys() else ""
    return state is GateState.PASSED, f"gate `{name}` {_GATES[state]} at {_at(at_us)}{counts}"


_GATES = {GateState.PASSED: "passed", GateState.FAILED: "failed", GateState.UNKNOWN: "could not be judged"}


def _snapshot(seen: _Seen) -> tuple[bool, str]:
    if seen.snapshot is None:
        return False, "no snapshot was taken"
    name, detail, at_us = seen.snapshot
    return True, f"snapshot `{name}` was taken and verified at {_at(at_us)}{f': {detail}' if detail else ''}"


def _step(name: str, seen: _Seen) -> tuple[bool, str]:
    step = seen.steps.get(name)
    if step is None:
        return False, f"step `{name}` was not entered"
    entered = f"entered at {_at(step.entered_us)}, {step.samples} samples"
    if step.fired:
        return False, f"step `{name}` was rolled back ({', '.join(step.fired)}): {entered}"
    if step.left_us is None:
        return False, f"step `{name}` is not left: {entered}"
    return True, f"step `{name}` was left by an advance at {_at(step.left_us)}: {entered}, no rollback rule fired"


def _notices(seen: _Seen) -> list[tuple[bool, str]]:
    if not seen.notices:
        return [(False, "no notice was delivered")]
    return [(True, f"`{to}` was told of `{occurrence}` at {_at(at_us)}") for occurrence, to, at_us in seen.notices]


def _by_hand(name: str, seen: _Seen) -> tuple[bool, str]:
    if name not in seen.items:
        return False, f"nobody ticked it: `canarypolicy approve RUN --item {name}`"
    by, at_us = seen.items[name]
    return True, f"ticked by {by} at {_at(at_us)}"


def _at(at_us: int) -> str:
    """
    Write a time for people: the journal has the rest.
    """
    return format_instant(at_us // SECOND_US * SECOND_US)
