"""
All sources of an Environment, made once and asked together at every tick.

Each source is asked in a thread of its own. Whatever it does there, hang, fail or answer late, its own signals are
missing for it, and neither the others nor the one who asks wait.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from canarypolicy.documents.duration import SECOND_US, format_duration, format_instant
from canarypolicy.documents.wording import code
from canarypolicy.errors import CanaryPolicyError, Unavailable
from canarypolicy.history.window import Window, history_needed, read_by_derived
from canarypolicy.sources import SOURCES
from canarypolicy.sources.protocol import Series
from canarypolicy.sources.samples import Wanted, asked_of_sources, sample_at, without_source

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.choice import Choice
    from canarypolicy.documents.environment import CheckedEnvironment
    from canarypolicy.documents.secrets import World
    from canarypolicy.engine.sample import RawSample
    from canarypolicy.sources.protocol import Asked, Source

_SPARE_US = SECOND_US
"""A source's own limit ends so long before the deadline, or a fifth of it, so that what did answer is taken in."""


class Past(NamedTuple):
    """
    The samples of a window, or why no source says anything of it.
    """

    samples: tuple[RawSample, ...]
    why: tuple[str, ...] = ()


class Together:
    """
    The sources that give the wanted signals.

    With a deadline, no source is waited for any longer; without, each has its own time limit only.
    """

    def __init__(self, environment: CheckedEnvironment, wanted: Wanted, world: World, deadline_us: int | None = None) -> None:
        """
        Make the sources; a secret that is not there is `Unavailable`.
        """
        choices = environment.environment.sources
        self._deadline_us = deadline_us
        self._every_us = wanted.every_us
        self._without_source = without_source(environment, wanted)
        self._desks = tuple(
            _Desk(label, _source_of(label, choices[label], world, deadline_us), asked)
            for label, asked in asked_of_sources(environment, wanted, world).items()
        )

    @property
    def asked(self) -> tuple[Asked, ...]:
        """
        Give all that the sources are asked.
        """
        return tuple(each for desk in self._desks for each in desk.asked)

    def sample(self, at_us: int) -> RawSample:
        """
        Give the sample of now, `at_us`, before the deadline; what did not answer is missing with why.
        """
        asked_us = at_us - at_us % 1000  # Prometheus knows no finer time
        answered = self.ask(Window(start_us=asked_us, end_us=asked_us, every_us=self._every_us))
        return sample_at(asked_us, {**answered, **self._without_source}, stamped_us=at_us)

    def past(self, window: Window, names: Collection[str] | None = None) -> Past:
        """
        Give the samples of a window, as far as sources know the past; none if none does.

        With `names`, only those signals are asked for.
        """
        answered = self.ask(window, names, is_past=True)
        if not any(each.has_answered for each in answered.values()):
            return Past((), tuple(dict.fromkeys(each.why_missing(window.end_us) for each in answered.values())))
        unasked = {each.signal: Series.silent("not asked: no derived signal reads it") for each in self.asked}
        series = {**unasked, **self._without_source, **answered}
        return Past(tuple(sample_at(at, series) for at in window.times_us))

    def ask(self, window: Window, names: Collection[str] | None = None, *, is_past: bool = False) -> dict[str, Series]:
        """
        Give a series for each signal that a source gives, or for those of `names`.

        Of what is past, only sources that know it are asked.
        """
        series: dict[str, Series] = {}
        under_way: list[tuple[_Desk, list[Asked], Future[Mapping[str, Series]]]] = []
        for desk in self._desks:
            asked = [each for each in desk.asked if names is None or each.signal in names]
            why = desk.why_not_asked(is_past=is_past)
            if why is not None:
                series |= {each.signal: Series.silent(why) for each in asked}
            elif asked:
                under_way.append((desk, asked, desk.start(asked, window)))
        wait([future for *_, future in under_way], None if self._deadline_us is None else self._deadline_us / SECOND_US)
        for desk, asked, future in under_way:
            series |= {each.signal: self._answer(desk, each.signal, future) for each in asked}
        return series

    def close(self) -> None:
        """
        Let the sources close their connections; one that is still under way is left to itself.
        """
        for desk in self._desks:
            desk.close()

    def _answer(self, desk: _Desk, signal: str, future: Future[Mapping[str, Series]]) -> Series:
        if not future.done():
            return Series.silent(f"no answer from {desk.label} within {format_duration(self._deadline_us or 0)}")
        error = future.exception()
        if error is not None:
            return Series.silent(f"{desk.label} failed: {type(error).__name__}")  # its words may hold a secret
        series = future.result().get(signal)
        return series if isinstance(series, Series) else Series.silent(f"{desk.label} says nothing of it")


class LiveSignals:
    """
    All signals of a policy, tick by tick: `canarypolicy.live.protocols.Signals`.
    """

    def __init__(self, environment: CheckedEnvironment, checked: CheckedPolicy, world: World, deadline_us: int) -> None:
        """
        Make the sources; a secret that is not there is `Unavailable`.
        """
        self._checked = checked
        self._sources = Together(environment, Wanted.by(checked), world, deadline_us)

    def sample(self, at_us: int) -> RawSample:
        """
        Give the sample of now, `at_us`, before the deadline; what did not answer is missing with why.
        """
        return self._sources.sample(at_us)

    def history(self, at_us: int) -> Sequence[RawSample]:
        """
        Give the samples before `at_us` that derived signals need, as far as sources know the past; none if none does.
        """
        window = history_needed(self._checked, at_us - at_us % 1000)
        return () if window is None else self._sources.past(window, read_by_derived(self._checked)).samples

    def close(self) -> None:
        """
        Close the connections.
        """
        self._sources.close()


class _Desk:
    """
    One source, what it is asked, and what is still under way with it.
    """

    def __init__(self, label: str, source: Source, asked: Sequence[Asked]) -> None:
        self.label = code(label)
        self.asked = asked
        self._source = source
        self._last: Future[Mapping[str, Series]] | None = None
        self._asked_us = 0

    def why_not_asked(self, *, is_past: bool) -> str | None:
        """
        Say why the source cannot be asked now; None if it can.
        """
        if is_past and not getattr(self._source, "knows_past", False):
            return f"{self.label} knows only the present"
        if self._last is not None and not self._last.done():
            return f"no answer from {self.label} since it was asked at {format_instant(self._asked_us)}"
        return None

    def start(self, asked: Sequence[Asked], window: Window) -> Future[Mapping[str, Series]]:
        """
        Ask in a new thread.
        """
        self._last, self._asked_us = Future(), window.end_us
        # A daemon: a source that hangs must not keep the process from ending.
        thread = Thread(target=_settle, args=(self._last, self._source, asked, window), daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no thread is to be had
            self._last.set_exception(error)
        return self._last

    def close(self) -> None:
        """
        Close the source's connections, if it keeps any.
        """
        close = getattr(self._source, "close", None)
        if close is not None and (self._last is None or self._last.done()):
            close()


def _settle(answers: Future[Mapping[str, Series]], source: Source, asked: Sequence[Asked], window: Window) -> None:
    try:
        answers.set_result(dict(source.fetch(asked, window)))
    except BaseException as error:  # noqa: BLE001 - whatever a source does is told to the one who asked
        answers.set_exception(error)


def _source_of(label: str, choice: Choice, world: World, deadline_us: int | None) -> Source:
    try:
        kind: Any = SOURCES[choice.name]
        source: Source = kind(label, _hurried(choice.parameters, deadline_us), world)
    except CanaryPolicyError:
        raise
    except Exception as error:
        raise Unavailable(f"source {code(label)}: `{choice.name}` cannot be made: {type(error).__name__}") from error
    return source


def _hurried(parameters: Any, deadline_us: int | None) -> Any:
    """
    Shorten a source's own time limit, if it has one, so that it ends before the deadline.
    """
    timeout = getattr(parameters, "timeout", None)
    if deadline_us is None or not isinstance(timeout, timedelta):
        return parameters
    longest = timedelta(microseconds=deadline_us - min(_SPARE_US, deadline_us // 5))
    return parameters if timeout <= longest else parameters.model_copy(update={"timeout": longest})
