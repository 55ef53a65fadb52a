"""
The entries of a journal as sentences for people: what happened, who did it, why.

Samples have none, and decisions only where they change something: what holds is the rule, and is shown as it is now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from canarypolicy.live.entry import Entry

    Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """
    One thing that happened in a run.
    """

    at_us: int
    text: str
    is_trouble: bool = False
    """Whether somebody should look: a rollback, a failed act, a drift."""


def happening_of(entry: Entry, body: Body) -> Happening | None:
    """
    Give the sentence of an entry, or None where it has none.
    """
    text = _text_of(entry.kind, body)
    return None if text is None else Happening(at_us=entry.at_us, text=text, is_trouble=_is_trouble(entry.kind, body))


def _text_of(kind: str, body: Body) -> str | None:  # noqa: PLR0911 - one return a kind
    match kind:
        case "begin":
            return _begin(body)
        case "event":
            reader = _EVENTS.get(body["event"])
            return None if reader is None else reader(body)
        case "decision":
            return _decision(body)
        case "confirm" if body.get("for") != "enter":  # the step's own event follows, and says more
            return f"{act_text(body)}: done"
        case "fail":
            return f"{act_text(body)}: failed{_attempt(body)}{_because(body, 'why')}"
        case "abandon":
            return f"{act_text(body)}: given up{_because(body, 'why')}"
        case "note":
            return f"{str(body['note']).replace('-', ' ')}{_because(body, 'why')}"
    return None


def act_text(body: Body) -> str:
    """
    Say what an act is: `canary to 10 % (enter canary-10)`.
    """
    match body["act"]:
        case "weight":
            step = body.get("step")
            return f"canary to {percent(body['weight'])} ({body['for']}{'' if step is None else f' {step}'})"
        case "gate":
            return f"gate {body['gate']}"
        case "snapshot":
            name = body.get("snapshot")
            return "snapshot" if name is None else f"snapshot {name}"
        case "notify":
            return f"notice {body['occurrence']} to {body['to']}"
        case "freeze":
            return f"freeze of {policy_text(body.get('policy'))}"
        case other:
            return str(other)


def percent(weight: float) -> str:
    """
    Write a weight.
    """
    return f"{weight:g} %"


def policy_text(policy: str | None) -> str:
    """
    Say whose rollouts a freeze is of.
    """
    return "all policies" if policy is None else f"policy {policy}"


def when(body: Body, at_us: int) -> int:
    """
    Give the time of a recording's line; one without any happened when its entry was written.
    """
    return parse_instant(body["t"]) if "t" in body else at_us


def _is_trouble(kind: str, body: Body) -> bool:
    match kind:
        case "event":
            return body["event"] in ("abort", "drift") or (body["event"] == "gate" and body.get("passed") is False)
        case "decision":
            return bool(body["decision"] == "rollback")
        case "note":
            return body["note"] in ("not-recovered", "refused", "rolled-back", "interrupted")
    return kind in ("fail", "abandon")


def _begin(body: Body) -> str:
    revision = body["policy"].get("revision")
    of = "" if revision is None else f" revision {revision}"
    artefact = "" if body.get("artefact") is None else f", with {body['artefact']}"
    dry = ", dry run" if body.get("dry_run") else ""
    return f"began with policy {body['policy']['name']}{of} on {body['environment']}{artefact}{_by(body)}{dry}"


def _decision(body: Body) -> str | None:
    match body["decision"]:
        case "advance":
            return f"advance from {'the last step, ' if body['complete'] else ''}{body['step']}"
        case "rollback":
            return f"rollback: {', '.join(dict.fromkeys(reason['rule'] for reason in body['reasons']))}"
    return None


def _gate(body: Body) -> str:
    passed, result = body.get("passed"), body.get("result") or {}
    if passed is not None:
        return f"gate {body['gate']} {'passed' if passed else 'failed'}"
    return f"gate {body['gate']} gave {result.get('passed')} passed, {result.get('failed')} failed"


def _step(body: Body) -> str:
    weight = body.get("weight")
    return f"entered {body['step']}{'' if weight is None else f' at {percent(weight)}'}"


def _drift(body: Body) -> str:
    weight = body.get("weight")
    return "the weight drifted" if weight is None else f"the weight drifted to {percent(weight)}"


def _signal(body: Body) -> str:
    given = ", ".join(
        f"{name} taken back" if value is None else f"{name} = {str(value).lower() if isinstance(value, bool) else value}"
        for name, value in body["signals"].items()
    )
    return f"signal given{_by(body)}: {given}"


def _freeze(body: Body) -> str:
    until = "" if body.get("until") is None else f", until {format_instant(parse_instant(body['until']))}"
    return f"frozen{_by(body)}{_because(body)}{until}"


_EVENTS: Mapping[str, Callable[[Body], str]] = {
    "step": _step,
    "gate": _gate,
    "abort": lambda body: f"aborted{_by(body)}{_because(body)}",
    "pause": lambda body: f"paused{_by(body)}{_because(body)}",
    "resume": lambda body: f"resumed{_by(body)}",
    "approve": lambda body: f"approved{_by(body)}: {body.get('step') or 'the present step'}",
    "freeze": _freeze,
    "unfreeze": lambda body: f"unfrozen{_by(body)}",
    "signal": _signal,
    "drift": _drift,
}


def _by(body: Body) -> str:
    who = body.get("by")
    return f" by {who}" if who else ""


def _because(body: Body, key: str = "reason") -> str:
    why = body.get(key)
    return f": {why}" if why else ""


def _attempt(body: Body) -> str:
    attempt = body.get("attempt")
    return "" if attempt is None else f" (attempt {attempt})"
