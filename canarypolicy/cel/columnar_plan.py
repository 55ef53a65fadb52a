"""
A plan: the operations that a set of expressions comes to, in order, each once, and the arrays that they share.

It runs over chunks that fit into a processor's cache; an array is used again as soon as nothing needs what is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.cel.columns import Array, Column, Texts
    from canarypolicy.cel.expression import FellBack

CHUNK: Final = 65_536
"""Rows a chunk: a dozen columns of doubles and the arrays between them stay in a cache of some MiB, and each call is worth it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """
    A function that takes the values of some slots and fills the arrays of others.
    """

    function: Callable[..., object]
    takes: tuple[int, ...]
    gives: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """
    What a plan consists of while it is made: slots by number.
    """

    constants: Mapping[int, object]
    inputs: Mapping[int, tuple[str, str]]
    """Slot -> a signal's name, and which part of its column."""
    types: Mapping[int, Any]
    """Slot that an operation fills -> the type of its array."""
    operations: Sequence[Operation]
    outputs: tuple[tuple[int, ...], ...]
    """The slots of each expression."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """
    Expressions made ready for columns. It is not for two threads at once: its arrays are used again.
    """

    operations: tuple[Operation, ...]
    inputs: Mapping[int, tuple[str, str]]
    outputs: tuple[tuple[int, ...], ...]
    texts: Texts
    fell_back: tuple[FellBack, ...]
    """What could not be put into columns: it is evaluated once per distinct input."""
    values: list[Any]
    """What is in each slot at present."""
    arrays: Mapping[int, Array]
    """Slot -> its array, which others may share at other times."""
    chunk: int
    _ready: int = field(default=0)

    @property
    def reads(self) -> tuple[str, ...]:
        """
        The signals that are read, in order of first use.
        """
        return tuple(dict.fromkeys(name for name, _ in self.inputs.values()))

    def run(self, columns: Mapping[str, Column], rows: slice) -> list[tuple[Any, ...]]:
        """
        Evaluate all expressions over some rows, no more than a chunk.

        For each a tuple: where it is known to be true and where false; or doubles, NaN where unknown; or ints and where known.
        An array is good until the next run; what is constant is one value in its stead.
        """
        length = rows.stop - rows.start
        if self._ready != length:
            for slot, array in self.arrays.items():
                self.values[slot] = array[:length]
            self._ready = length
        values = self.values
        for slot, (name, part) in self.inputs.items():
            values[slot] = columns[name].part(part, rows)
        with np.errstate(all="ignore"):
            for each in self.operations:
                each.function(*[values[slot] for slot in each.takes], *[values[slot] for slot in each.gives])
        return [tuple(values[slot] for slot in slots) for slots in self.outputs]

    def chunks(self, length: int) -> Iterator[slice]:
        """
        Cut so many rows into chunks.
        """
        for start in range(0, length, self.chunk):
            yield slice(start, min(start + self.chunk, length))


def planned(drawn: Drawn, texts: Texts, fell_back: Sequence[FellBack], chunk: int) -> Plan:
    """
    Leave out what no output needs, and give each slot an array that is free from its first use to its last.
    """
    wanted = {slot for slots in drawn.outputs for slot in slots}
    last_use: dict[int, int] = {}
    kept: list[Operation] = []
    for each in reversed(drawn.operations):
        if wanted.isdisjoint(each.gives):
            continue
        wanted.update(each.takes)
        kept.append(each)
    kept.reverse()
    for place, each in enumerate(kept):
        last_use.update(dict.fromkeys((*each.takes, *each.gives), place))
    last_use.update(dict.fromkeys((slot for slots in drawn.outputs for slot in slots), len(kept)))
    values: list[Any] = [None] * (1 + max((*drawn.constants, *drawn.inputs, *drawn.types), default=0))
    for slot, value in drawn.constants.items():
        values[slot] = value
    return Plan(
        operations=tuple(kept),
        inputs={slot: read for slot, read in drawn.inputs.items() if slot in wanted},
        outputs=drawn.outputs,
        texts=texts,
        fell_back=tuple(fell_back),
        values=values,
        arrays=_arrays(drawn, kept, last_use, chunk),
        chunk=chunk,
    )


def _arrays(drawn: Drawn, kept: Sequence[Operation], last_use: Mapping[int, int], chunk: int) -> dict[int, Array]:
    free: dict[Any, list[Array]] = {}
    arrays: dict[int, Array] = {}
    for place, each in enumerate(kept):
        # INVARIANT: what an operation takes is freed after what it gives has its array, so no array is both.
        for slot in each.gives:
            pool = free.setdefault(drawn.types[slot], [])
            arrays[slot] = pool.pop() if pool else np.empty(chunk, dtype=drawn.types[slot])
        for slot in dict.fromkeys((*each.takes, *each.gives)):
            if last_use[slot] == place and slot in arrays:
                free[drawn.types[slot]].append(arrays[slot])
    return arrays
