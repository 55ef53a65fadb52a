"""
Replayed rollouts as text for a terminal: what was decided when, why in short, and how each ended.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_duration, format_instant
from canarypolicy.engine.decision import ReasonState, Verdict
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.decision_record import number
from canarypolicy.reports.comparison import differences
from canarypolicy.reports.decision_text import WITHOUT_GATES, policy_text
from canarypolicy.reports.escape import visible
from canarypolicy.reports.outcome_words import OUTCOME_TONES
from canarypolicy.reports.paint import TONES, Tone, paint
from canarypolicy.reports.value_text import seen_text, verdict_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from canarypolicy.engine.decision import Decision, Reason
    from canarypolicy.history.replay import Timeline
    from canarypolicy.reports.comparison import Difference
    from canarypolicy.reports.result import Replay, ReplayedRollout

NOTHING_JUDGED = "no sample was judged, and without evidence nothing advances"
COUNTERFACTUAL = "counterfactual from here on: these metrics were measured in another step than the policy is in"

_MOST_REASONS = 6
_MOST_DIFFERENCES = 20
# In a decision's own class these states are what one expects; saying them would only be noise.
_UNSAID = {ReasonState.MET, ReasonState.PASSED, ReasonState.WAITING}


def render_replay(replay: Replay, *, color: bool = False) -> str:
    """
    Give each rollout's timeline of changes and, where there are several, a table of how they ended.
    """
    return "".join(f"{line}\n" for line in _replay(replay, color=color))


def rollout_text(replay: Replay, rollout: ReplayedRollout) -> str:
    """
    Give the timeline of one rollout.
    """
    return "".join(f"{line}\n" for line in _rollout(replay, rollout, color=False))


def reason_text(reason: Reason) -> str:
    """
    Give a reason in a few words.
    """
    name = visible(reason.rule)
    if reason.state in _UNSAID:
        return name
    state = reason.state.value.replace("-", " ")
    if reason.state is ReasonState.FIRES and reason.values:
        return f"{name} {state} ({seen_text(reason.values)})"
    return f"{name} {state}"


def reasons_text(decision: Decision) -> str:
    """
    Give a decision's reasons in short; a long list is cut, and says by how much.
    """
    parts = [reason_text(reason) for reason in decision.reasons[:_MOST_REASONS]]
    more = len(decision.reasons) - len(parts)
    return ", ".join(parts) + (f" and {more} more" if more else "")


def _replay(replay: Replay, *, color: bool) -> Iterator[str]:
    yield policy_text(replay.policy)
    if replay.against is not None:
        yield f"against {policy_text(replay.against)}"
    for rollout in replay.rollouts:
        yield ""
        yield from _rollout(replay, rollout, color=color)
    if len(replay.rollouts) > 1:
        yield ""
        yield from _summary(replay, color=color)


def _rollout(replay: Replay, rollout: ReplayedRollout, *, color: bool) -> Iterator[str]:
    timeline = rollout.timeline
    name = paint(visible(timeline.rollout), Tone.STRONG, color=color)
    yield f"{name}: {_outcome(timeline, color=color)}{_unexpected(replay, timeline)}"
    if rollout.against is not None:
        yield f"  against: {_outcome(rollout.against, color=color)}"
    yield f"  {extent_text(rollout)}, {visible(timeline.source)}"
    if rollout.lacks_gates:
        yield f"  {WITHOUT_GATES}"
    if not timeline.decisions:
        yield f"  {NOTHING_JUDGED}"
        return
    yield ""
    yield from _table(timeline, shows_all=replay.shows_all, color=color)
    if rollout.against is not None:
        yield ""
        yield from (f"  {line}" for line in difference_lines(timeline, rollout.against))


def _outcome(timeline: Timeline, *, color: bool) -> str:
    return paint(timeline.outcome.value, OUTCOME_TONES[timeline.outcome], color=color)


def _unexpected(replay: Replay, timeline: Timeline) -> str:
    if replay.expected is None or replay.expected is timeline.outcome:
        return ""
    return f", but {replay.expected.value} was expected"


def extent_text(rollout: ReplayedRollout) -> str:
    """
    Say how many samples there are, and from when to when.
    """
    times = [item.at_us for item in rollout.recording.items if isinstance(item, RawSample)]
    if not times:
        return "0 samples"
    count = f"{len(times)} sample{'s' if len(times) != 1 else ''}"
    return f"{count} from {format_instant(times[0])} to {format_instant(times[-1])}"


def _table(timeline: Timeline, *, shows_all: bool, color: bool) -> Iterator[str]:
    decisions = timeline.decisions if shows_all else timeline.changes
    step_width = max(len(visible(decision.step)) for decision in decisions)
    counterfactual_us = timeline.counterfactual_from_us
    for decision in decisions:
        if counterfactual_us is not None and decision.at_us >= counterfactual_us:
            yield f"  {format_instant(counterfactual_us)}  ~ {COUNTERFACTUAL}"
            counterfactual_us = None
        yield f"  {format_instant(decision.at_us)}  {_row(decision, step_width, color=color)}"
    if counterfactual_us is not None:
        yield f"  {format_instant(counterfactual_us)}  ~ {COUNTERFACTUAL}"


def _row(decision: Decision, step_width: int, *, color: bool) -> str:
    word = verdict_word(decision)
    tone = Tone.BAD if decision.is_refused else TONES[decision.verdict]
    weight = f"{number(decision.weight)} %"
    return (
        f"{visible(decision.step):<{step_width}}  {weight:>6}  {paint(f'{word:<8}', tone, color=color)}  {reasons_text(decision)}"
    )


def difference_lines(one: Timeline, other: Timeline) -> Iterator[str]:
    """
    Say when two policies decide differently, and what each decides then.
    """
    found = differences(one, other)
    if not found:
        yield "both decide the same at every sample"
        return
    yield f"first difference at {format_instant(found[0].from_us)}; this policy | the other:"
    for difference in found[:_MOST_DIFFERENCES]:
        yield f"  {_difference(difference)}"
    if len(found) > _MOST_DIFFERENCES:
        yield f"  and {len(found) - _MOST_DIFFERENCES} more stretches"


def _difference(difference: Difference) -> str:
    lasts = format_duration(difference.until_us - difference.from_us)
    when = format_instant(difference.from_us) + (f" for {lasts}" if difference.until_us > difference.from_us else "")
    return f"{when}: {_side(difference.one)} | {_side(difference.other)}"


def _side(decision: Decision | None) -> str:
    if decision is None:
        return "nothing judged"
    return f"{verdict_word(decision)} in {visible(decision.step)} ({reasons_text(decision)})"


def _summary(replay: Replay, *, color: bool) -> Iterator[str]:
    width = max(len(visible(rollout.timeline.rollout)) for rollout in replay.rollouts)
    for rollout in replay.rollouts:
        against = "" if rollout.against is None else f"  against: {_outcome(rollout.against, color=color)}"
        name = f"{visible(rollout.timeline.rollout):<{width}}"
        ended = f"{_outcome(rollout.timeline, color=color)}{_unexpected(replay, rollout.timeline)}{_ended(rollout.timeline)}"
        yield f"{name}  {ended}{against}"
    yield f"{len(replay.rollouts)} rollouts: {count_text([rollout.timeline for rollout in replay.rollouts])}"


def count_text(timelines: Sequence[Timeline]) -> str:
    """
    Count the outcomes.
    """
    counts = Counter(timeline.outcome for timeline in timelines)
    return ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in OUTCOME_TONES if counts[outcome])


def _ended(timeline: Timeline) -> str:
    """
    Say when and why it ended, as far as it did.
    """
    if not timeline.changes:
        return ""
    last = timeline.changes[-1]
    if last.verdict is Verdict.HOLD and not last.is_refused:
        return f" in {visible(last.step)}"
    because = f": {reasons_text(last)}" if last.verdict is Verdict.ROLLBACK or last.is_refused else ""
    return f" at {format_instant(last.at_us)} in {visible(last.step)}{because}"
