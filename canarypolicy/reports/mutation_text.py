"""
A mutation run as text: the score, then what no test notices, most dangerous first, each with its place and the way out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from canarypolicy.mutation.mutant import Danger
from canarypolicy.mutation.result import Knowledge
from canarypolicy.reports.coverage_text import percent_text
from canarypolicy.reports.escape import visible
from canarypolicy.reports.paint import Tone, paint

if TYPE_CHECKING:
    from canarypolicy.mutation.result import MutationRun, PolicyMutation, Survivor

_DANGERS = {
    Danger.LOSES_ROLLBACK: ("loses a rollback", Tone.BAD),
    Danger.GAINS_ADVANCE: ("gains an advance", Tone.BAD),
    Danger.STRICTER: ("is stricter", Tone.WAIT),
    Danger.REASONS_ONLY: ("gives other reasons", Tone.WAIT),
}
_SUPPOSED = {
    Danger.LOSES_ROLLBACK: "may lose a rollback",
    Danger.GAINS_ADVANCE: "may gain an advance",
    Danger.STRICTER: "may be stricter",
    Danger.REASONS_ONLY: "may give other reasons",
}


def render_mutation(run: MutationRun, *, color: bool = False) -> str:
    """
    Show a mutation run.
    """
    return "\n".join(_lines(run, color=color)) + "\n"


def _lines(run: MutationRun, *, color: bool) -> Iterator[str]:
    for policy in run.policies:
        yield _head(policy, color=color)
        if policy.equivalent:
            yield f"  not counted: {_count(len(policy.equivalent), 'mutant')} proved to decide alike in every history"
        if policy.not_proved is not None:
            yield f"  nothing was proved, so mutants that decide alike are counted: {visible(policy.not_proved)}"
        told: set[str] = set()
        for survivor in policy.survivors:
            yield from _survivor(survivor, color=color)
            yield from _way_out(survivor, told)
    if run.missing_file is not None:
        yield f"the missing tests are in {visible(run.missing_file)}"
    if run.fail_under is not None:
        word = "less than" if run.is_too_low else "at least"
        yield f"{percent_text(run.score)} of the mutants are noticed, {word} the {percent_text(run.fail_under)} asked for"


def _head(policy: PolicyMutation, *, color: bool) -> str:
    noticed, count = len(policy.killed), policy.count
    percent = percent_text(100.0 * noticed / count if count else 100.0)
    tone = Tone.GOOD if noticed == count else Tone.WAIT
    share = paint(f"{percent} noticed", tone, color=color)
    of_all = f"{noticed} of {_count(count, 'mutant')} by {_count(policy.scenarios, 'scenario')}"
    return f"{visible(policy.path)}: {share}, {of_all}"


def _survivor(survivor: Survivor, *, color: bool) -> Iterator[str]:
    mutant = survivor.mutant
    place = f"{mutant.place.path}:{mutant.place.line}:{mutant.place.column}"
    words, tone = _DANGERS[survivor.danger]
    is_shown = survivor.knowledge is Knowledge.SHOWN
    danger = paint(words if is_shown else _SUPPOSED[survivor.danger], tone, color=color)
    yield ""
    yield f"{visible(place)}: {danger}[{mutant.kind.value}]: {visible(mutant.sentence)}"
    match survivor.knowledge:
        case Knowledge.UNKNOWN:
            yield f"   unknown whether it ever decides otherwise: {visible(survivor.why)}"
        case Knowledge.SHOWN if survivor.why:
            yield f"   {visible(survivor.why)}"


def _way_out(survivor: Survivor, told: set[str]) -> Iterator[str]:
    """
    Offer the test that notices a survivor; one that was told already is named only.
    """
    test = survivor.test
    if test is None:
        yield "   help: add a scenario that passes now and fails with this change"
    elif test.name in told:
        yield f"   help: the test above notices it, too: {visible(test.name)}"
    else:
        told.add(test.name)
        yield "   help: this test notices it:"
        yield from (visible(line) for line in test.lines)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
