"""
A recording played as if it happened now: for rehearsals.

```yaml
sources:
  march: {recording: {file: recordings/incident-0312.jsonl, play: from-start}}
signals:
  canary.error_rate_5xx: {source: march, query: canary.error_rate_5xx}
```

A signal's query is its name in the recording. Its value at a time is that of the last sample at or before it, which stands
for `max_gap` at most: where the recording has a hole, and behind its end, there is no value. Values that were set by hand
in the recording hold from then on, as they did. With `from-start` the recorded rollout starts when the run does, with
`as-recorded` each sample has its own time.
"""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from canarypolicy.documents.duration import format_duration, format_instant
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.signals import SignalType
from canarypolicy.documents.source_parameters import Play, RecordingParameters
from canarypolicy.documents.wording import code, listed, suggestion
from canarypolicy.engine.cell import Cell
from canarypolicy.engine.event import SignalEvent, StepEvent
from canarypolicy.engine.sample import RawSample
from canarypolicy.errors import Unavailable
from canarypolicy.history.recording import read_recordings
from canarypolicy.sources.protocol import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from canarypolicy.documents.secrets import World
    from canarypolicy.history.recording import Recording
    from canarypolicy.history.window import Window
    from canarypolicy.sources.protocol import Asked


class _Moment(NamedTuple):
    """
    What is known from a time on.
    """

    at_us: int
    sample: RawSample | None
    by_hand: Mapping[str, object]


class _Found(NamedTuple):
    """
    A value and when it was measured, or why there is none.
    """

    value: object = None
    measured_us: int | None = None
    why: str = "no value"


class RecordedSignals:
    """
    Plays one rollout of a recording.
    """

    name: ClassVar[str] = "recording"
    Parameters = RecordingParameters
    knows_past: ClassVar[bool] = True

    def __init__(self, label: str, parameters: RecordingParameters, world: World) -> None:
        """
        Read the recording; a file that is not there is `Unavailable`, one that is none is `InvalidInput`.
        """
        keeper = Keeper(f"source `{label}`", world)
        recording = _chosen(_read(keeper, keeper.text(parameters.file, "file")), parameters.rollout, keeper)
        self._moments = _moments(recording)
        self._times = [moment.at_us for moment in self._moments]
        self._last_us = max((each.at_us for each in recording.items if isinstance(each, RawSample)), default=0)
        self._names = {name for each in self._moments for name in (*(each.sample.signals if each.sample else ()), *each.by_hand)}
        self._names |= {name for each in self._moments if each.sample for name in each.sample.why}
        is_shifted = parameters.play is Play.FROM_START and world.started_us is not None and bool(self._times)
        self._later_us = (world.started_us or 0) - _start_us(recording) if is_shifted else 0

    def fetch(self, asked: Sequence[Asked], window: Window) -> Mapping[str, Series]:
        """
        Look all signals up.
        """
        return {each.signal: self._series(each, window) for each in asked}

    def _series(self, asked: Asked, window: Window) -> Series:
        name = asked.query.reveal()
        if name not in self._names:
            return Series.silent(f"the recording has no signal {code(name)}; {suggestion(name, self._names, 'recorded')}")
        found = {at_us: self._at(at_us - self._later_us, name, asked) for at_us in window.times_us}
        return Series(
            values={at_us: each.value for at_us, each in found.items() if each.value is not None},
            why={at_us: each.why for at_us, each in found.items() if each.value is None},
            times_us={at_us: each.measured_us for at_us, each in found.items() if each.measured_us is not None},
            otherwise="no value",
            has_answered=any(each.value is not None for each in found.values()),
        )

    def _at(self, at_us: int, name: str, asked: Asked) -> _Found:
        index = bisect_right(self._times, at_us) - 1
        if index < 0:
            return _Found(why=f"the recording begins at {self._shown(self._times[0])}")
        moment = self._moments[index]
        if moment.by_hand.get(name) is not None:
            return _Found(_typed(moment.by_hand[name], asked))
        return (
            _Found(why="the recording has no sample yet")
            if moment.sample is None
            else self._of(moment.sample, at_us, name, asked)
        )

    def _of(self, sample: RawSample, at_us: int, name: str, asked: Asked) -> _Found:
        if at_us - sample.at_us > asked.max_gap_us:
            if sample.at_us == self._last_us:
                return _Found(why=f"the recording ends at {self._shown(sample.at_us)}")
            return _Found(why=f"the recording has no sample for {format_duration(at_us - sample.at_us)}")
        value = _typed(sample.signals.get(name), asked)
        if value is None:
            return _Found(why=sample.why.get(name, "no value"))
        return _Found(value, sample.times_us.get(name, sample.at_us) + self._later_us if asked.is_timed else None)

    def _shown(self, at_us: int) -> str:
        return format_instant(at_us + self._later_us)


def _read(keeper: Keeper, path: str) -> tuple[Recording, ...]:
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise Unavailable(f"{keeper.place}: there is no file `{keeper.shown(path)}`") from None
    except (OSError, ValueError) as error:
        why = (error.strerror or "it is no file").lower() if isinstance(error, OSError) else "it is no path"
        raise Unavailable(f"{keeper.place}: cannot read `{keeper.shown(path)}`: {why}") from None
    return read_recordings(data, path)


def _chosen(recordings: Sequence[Recording], rollout: str | None, keeper: Keeper) -> Recording:
    names = [recording.rollout for recording in recordings]
    if rollout is None and len(recordings) > 1:
        shown = f"{listed(names[:8])}{f' and {len(names) - 8} more' if len(names) > 8 else ''}"
        message = f"{keeper.place}: the recording has {len(names)} rollouts"
        raise Unavailable(message, help=f"give `rollout`, one of {shown}")
    for recording in recordings:
        if rollout in (None, recording.rollout):
            return recording
    raise Unavailable(
        f"{keeper.place}: the recording has no rollout {code(str(rollout))}", help=suggestion(str(rollout), names, "rollouts")
    )


def _moments(recording: Recording) -> tuple[_Moment, ...]:
    moments: list[_Moment] = []
    sample: RawSample | None = None
    by_hand: Mapping[str, object] = {}
    for item in recording.items:
        if isinstance(item, RawSample):
            sample = item
        elif isinstance(item, SignalEvent):
            by_hand = {**by_hand, **item.signals}
        else:
            continue
        moments.append(_Moment(item.at_us, sample, by_hand))
    return tuple(moments)


def _start_us(recording: Recording) -> int:
    """
    Give when the recorded rollout started: at its first step or, without one, at its first sample.
    """
    steps = [item.at_us for item in recording.items if isinstance(item, StepEvent)]
    samples = [item.at_us for item in recording.items if isinstance(item, (RawSample, SignalEvent))]
    return steps[0] if steps else samples[0]


def _typed(value: object, asked: Asked) -> object:
    """
    Read a cell of a table by the type of its signal; where that is not known, as a number if it is one.
    """
    return value.read_as(asked.type or SignalType.DOUBLE) if isinstance(value, Cell) else value
