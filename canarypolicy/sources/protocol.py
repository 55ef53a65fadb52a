"""
What every source promises: for each signal asked, values at the times of a window, or why there are none.

A source never raises because the world is not as it should be: its signals are then missing, with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from pydantic import BaseModel

    from canarypolicy.documents.secrets import Secret, World
    from canarypolicy.documents.signals import SignalType
    from canarypolicy.history.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    A signal and the query for it.
    """

    signal: str
    query: Secret
    measured: Secret | None = None
    """A query for when the value was measured, in epoch seconds."""
    brought_in: tuple[Secret, ...] = ()
    """The secrets in the queries."""
    is_timed: bool = False
    """Whether it matters how old the value is."""
    type: SignalType | None = None
    """What the value must be, where it is known; for sources whose values are text of any type."""
    max_gap_us: int = 0
    """How long a value may stand for the time behind it, in a source that knows it only now and then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """
    What a source knows of one signal over a window, by the times of the window.
    """

    values: Mapping[int, object] = field(default_factory=dict)
    always: object = None
    """The value at all other times."""
    why: Mapping[int, str] = field(default_factory=dict)
    """Why there is no value at a time."""
    times_us: Mapping[int, int] = field(default_factory=dict)
    """When the value at a time was measured, where the source can tell."""
    otherwise: str
    """Why there is no value at all other times."""
    has_answered: bool = True
    """Whether the source said anything; if not, nothing is known of the past either."""
    notes: tuple[str, ...] = ()
    """What the source says about its own answer."""

    def value_at(self, at_us: int) -> object:
        """
        Give the value at a time, None if there is none.
        """
        return self.values.get(at_us, self.always)

    @classmethod
    def silent(cls, why: str) -> Series:
        """
        Make the series of a source that said nothing.
        """
        return cls(otherwise=why, has_answered=False)

    def why_missing(self, at_us: int) -> str:
        """
        Say why there is no value at a time.
        """
        return self.why.get(at_us, self.otherwise)


class Source(Protocol):
    """
    One source, ready to be asked, by one thread at a time.

    It is made once and asked at every tick. One that keeps connections may also have `close()`.
    """

    name: ClassVar[str]
    Parameters: ClassVar[type[BaseModel]]
    knows_past: ClassVar[bool]
    """Whether it can tell what was; one that cannot gives values for the end of a window only."""

    def __init__(self, label: str, parameters: Any, world: World) -> None:
        """
        Make it ready; a secret that is not there is `Unavailable`.
        """

    def fetch(self, asked: Sequence[Asked], window: Window) -> Mapping[str, Series]:
        """
        Ask for all signals, within the source's own time limit.
        """
