"""
Slips in a rule as a whole: its time, where it acts, what it does when unknown, its exemption, and the rule itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.rule import Missing, RuleKind, SampleCount, WatchRule
from canarypolicy.documents.written_rules import written_rules
from canarypolicy.mutation.danger import Effect, danger_of, effect_of
from canarypolicy.mutation.drafts import Draft, duration_text, shown, span_of, was_is, who
from canarypolicy.mutation.edited import GONE, with_characters, with_keys, with_text, without_item, without_key
from canarypolicy.mutation.expressions import slips
from canarypolicy.mutation.mutant import EXPRESSION, Danger, MutantKind

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.documents.written_rules import WrittenRule

_USUAL_AFTER = timedelta(minutes=5)
_MOST_OF = 10_000


def rule_drafts(checked: CheckedPolicy) -> Iterator[Draft]:
    """
    Give the slips in all rules, SLOs first, in the order of their kinds.
    """
    usual = _usual_for(checked)
    for written in written_rules(checked.policy):
        for key in (written.condition, "unless"):
            if (*written.path, key) in checked.expressions:
                yield from _of_expression(checked, written, key)
        yield from _of_time(checked, written, usual)
        yield from _of_steps(checked, written)
        if isinstance(written.rule, WatchRule):
            yield from _of_missing(checked, written, written.rule)
            yield from _without_unless(checked, written, written.rule)
        yield _dropped(checked, written)


def expression_drafts(checked: CheckedPolicy, path: Path, label: str, danger: Danger | None = None) -> Iterator[Draft]:
    """
    Give the slips in an expression, each with the danger given.
    """
    expression = checked.expressions[path]
    for slip in slips(checked, expression):
        changed = with_characters(checked, path, slip.span, slip.text)
        if changed is None:
            continue
        was, place = expression.text[slice(*slip.span)], expression.place.place(*slip.span)
        kind = slip.kind
        is_forgotten = len(slip.text) < len(was) and kind in (MutantKind.CONNECTIVE, MutantKind.NEGATION)
        left = slip.text.strip("()") if slip.text.startswith("(") and slip.text.count("(") == 1 else slip.text
        words = f"only `{left}` is left of `{was}`" if is_forgotten else f"`{was}` became `{slip.text}`"
        yield Draft(
            kind=kind,
            sentence=f"{label}: {words} in `{path[-1]}`",
            place=place,
            danger=danger or Danger.STRICTER,
            says=(path, EXPRESSION, changed.text),
            checked=with_text(checked, path, changed),
        )


def _of_expression(checked: CheckedPolicy, written: WrittenRule, key: str) -> Iterator[Draft]:
    path = (*written.path, key)
    for draft in expression_drafts(checked, path, who(written)):
        if draft.checked is None:
            continue
        effect = effect_of(checked, checked.expressions[path], draft.checked.expressions[path])
        if key == "unless":
            effect = _turned(effect)
        yield Draft(
            kind=draft.kind,
            sentence=draft.sentence,
            place=draft.place,
            danger=danger_of(written.kind, effect),
            says=draft.says,
            checked=draft.checked,
        )


def _turned(effect: Effect) -> Effect:
    turned = Effect(0)
    for one, other in ((Effect.MORE, Effect.LESS), (Effect.LESS, Effect.MORE)):
        if one in effect:
            turned |= other
    return turned


class _Change(NamedTuple):
    """
    Another value of a key, and both as they are written.
    """

    kind: MutantKind
    key: str
    now: Any
    words: tuple[str | None, str | None]


def _changed(checked: CheckedPolicy, written: WrittenRule, effect: Effect, change: _Change) -> Draft:
    path = (*written.path, change.key)
    return Draft(
        kind=change.kind,
        sentence=was_is(who(written), change.key, *change.words),
        place=span_of(checked, path),
        danger=danger_of(written.kind, effect),
        says=(written.path, change.key, repr(change.now)),
        checked=with_keys(checked, written.path, **{change.key: change.now}),
    )


def _usual_for(checked: CheckedPolicy) -> timedelta | None:
    """
    Give the `for` that most rules have: what is copied by mistake.
    """
    found = [each.rule.for_ for each in written_rules(checked.policy) if isinstance(each.rule.for_, timedelta) and each.rule.for_]
    return max(found, key=found.count) if found else None


def _of_time(checked: CheckedPolicy, written: WrittenRule, usual: timedelta | None) -> Iterator[Draft]:
    asked = written.rule.for_
    tried: list[tuple[Any, Effect]] = []
    match asked:
        case None:
            tried = [] if usual is None else [(usual, Effect.LESS)]
        case SampleCount(samples=samples, of=of):
            more = [(samples - 1, of, Effect.MORE), (samples + 1, of, Effect.LESS)]
            more += [(samples, of - 1, Effect.LESS), (samples, of + 1, Effect.MORE)]
            tried = [(SampleCount(samples=k, of=n), effect) for k, n, effect in more if 1 <= k <= n <= _MOST_OF]
        case timedelta():
            tried = [(_half(asked), Effect.MORE), (2 * asked, Effect.LESS)] if asked else []
    for other, effect in tried:
        yield _changed(checked, written, effect, _Change(MutantKind.FOR, "for", other, (shown(asked), shown(other))))
    if asked:
        yield _changed(checked, written, Effect.MORE, _Change(MutantKind.FOR, "for", GONE, (shown(asked), None)))


def _half(duration: timedelta) -> timedelta:
    return timedelta(milliseconds=microseconds(duration) // 2000)


def _of_steps(checked: CheckedPolicy, written: WrittenRule) -> Iterator[Draft]:
    """
    Let a rule act in one step only, in all but one, and in all.
    """
    if written.path[0] == "plan":
        return
    everywhere = [step.name for step in checked.policy.plan.steps]
    acts_in = [step.name for step in written.acts_in]
    fewer = [[name for name in acts_in if name != out] for out in acts_in] + [[name] for name in acts_in]
    was = None if written.rule.steps is None else f"[{', '.join(written.rule.steps)}]"
    for names in fewer:
        if names and len(names) < len(acts_in):
            now = f"[{', '.join(names)}]"
            draft = _changed(checked, written, Effect.LESS, _Change(MutantKind.STEPS, "steps", tuple(names), (was, now)))
            yield _acting(draft, written, names)
    if len(acts_in) < len(everywhere):
        draft = _changed(checked, written, Effect.MORE, _Change(MutantKind.STEPS, "steps", GONE, (was, None)))
        yield _acting(draft, written, everywhere)


def _acting(draft: Draft, written: WrittenRule, names: list[str]) -> Draft:
    """
    Give a draft about where a rule acts: an SLO that acts in fewer steps is met in the others.
    """
    loosens = len(names) < len(written.acts_in)
    danger = {
        RuleKind.ROLLBACK: Danger.LOSES_ROLLBACK if loosens else Danger.STRICTER,
        RuleKind.SLO: Danger.GAINS_ADVANCE if loosens else Danger.STRICTER,
        RuleKind.HOLD: Danger.GAINS_ADVANCE if loosens else Danger.STRICTER,
    }[written.kind]
    return Draft(
        kind=draft.kind,
        sentence=draft.sentence,
        place=draft.place,
        danger=danger,
        says=(written.path, "steps", frozenset(names)),
        checked=draft.checked,
    )


def _of_missing(checked: CheckedPolicy, written: WrittenRule, rule: WatchRule) -> Iterator[Draft]:
    after = rule.after or (rule.for_ if isinstance(rule.for_, timedelta) and rule.for_ else _USUAL_AFTER)
    others: list[tuple[Missing, timedelta | None]] = [
        (Missing.HOLD, None), (Missing.IGNORE, None), (Missing.ROLLBACK, after),
    ]  # fmt: skip
    if rule.after is not None:
        others += [(Missing.ROLLBACK, _half(rule.after)), (Missing.ROLLBACK, 2 * rule.after)]
    for missing, time in others:
        if (missing, time) == (rule.missing, rule.after):
            continue
        keys = {"missing": missing, "after": GONE if time is None else time}
        yield Draft(
            kind=MutantKind.MISSING,
            sentence=was_is(who(written), "missing", _unknown(rule.missing, rule.after), _unknown(missing, time)),
            place=span_of(checked, (*written.path, "missing")),
            danger=_danger_of_missing(rule, missing, time),
            says=(written.path, "missing", (missing, time)),
            checked=with_keys(checked, written.path, **keys),
        )


def _unknown(missing: Missing, after: timedelta | None) -> str:
    return missing.value if after is None else f"{missing.value} after {duration_text(after)}"


def _danger_of_missing(rule: WatchRule, missing: Missing, after: timedelta | None) -> Danger:
    if rule.missing is Missing.ROLLBACK and (
        missing is not Missing.ROLLBACK or (after is not None and after > (rule.after or after))
    ):
        return Danger.LOSES_ROLLBACK
    return Danger.GAINS_ADVANCE if missing is Missing.IGNORE else Danger.STRICTER


def _without_unless(checked: CheckedPolicy, written: WrittenRule, rule: WatchRule) -> Iterator[Draft]:
    if rule.unless is not None:
        path = (*written.path, "unless")
        yield Draft(
            kind=MutantKind.UNLESS_DROPPED,
            sentence=was_is(who(written), "unless", rule.unless, None),
            place=span_of(checked, path),
            danger=Danger.STRICTER,
            says=(path, "gone", None),
            checked=without_key(checked, path),
        )


def _dropped(checked: CheckedPolicy, written: WrittenRule) -> Draft:
    more = written.kind is RuleKind.SLO
    return Draft(
        kind=MutantKind.RULE_DROPPED,
        sentence=f"{who(written)} is gone",
        place=span_of(checked, written.path),
        danger=danger_of(written.kind, Effect.MORE if more else Effect.LESS),
        says=(written.path, "gone", None),
        checked=without_item(checked, written.path),
    )
