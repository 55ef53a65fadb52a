"""
What derived functions share: the tick that they fold, the protocol of a function, and missing values.

A function's state is a value: `fold` returns a new one and leaves the old one as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from pydantic import BaseModel

    from canarypolicy.documents.signal_type import SignalType, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """
    The absence of a value, with why: one sentence part such as `less than half of 15m is covered`.
    """

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """
    The time of a sample and where the rollout is, as derived functions see it.
    """

    at_us: int
    previous_us: int | None
    """The sample before, whether or not anything was present in it; None at the first."""
    entered_us: int | None
    """When the present step was entered; None before the start."""
    entry_belongs: bool
    """Whether a sample at the very entry belongs to the step, as it does in the first."""
    entries: Mapping[str, int]
    """When `start` and each step entered so far were entered."""
    max_gap_us: int


Range: TypeAlias = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """
    What is declared of a signal that a function reads.
    """

    type: SignalType
    range: Range


class ModelNamed:
    """
    The model of a function's parameters in `canarypolicy.derived.parameters`, imported when it is first asked for.

    Whoever only folds has parameters already, and needs no pydantic.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, function: object, owner: type) -> type[BaseModel]:
        model: type[BaseModel] = getattr(import_module("canarypolicy.derived.parameters"), self._name)
        return model


class DerivedFunction(Protocol):
    """
    One derived function; see `canarypolicy.derived.mean` for the shortest example.
    """

    name: str

    @property
    def Parameters(self) -> type[BaseModel]: ...  # noqa: N802 - a class

    def inputs(self, parameters: Any) -> tuple[str, ...]:
        """
        Name the signals it reads, the order of `values` in `fold`.
        """

    def result(self, parameters: Any, inputs: tuple[Input, ...]) -> Input:
        """
        Give the type and range of its values; an input of the wrong type is a `ValueError` that says what is expected.
        """

    def begin(self, parameters: Any, inputs: tuple[Input, ...]) -> Any:
        """
        Give the state before the first sample.
        """

    def fold(self, state: Any, tick: Tick, values: tuple[Value | Missing, ...]) -> tuple[Value | Missing, Any]:
        """
        Take in a sample and give the value at it.
        """
