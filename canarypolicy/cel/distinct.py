"""
What cannot be put into columns: evaluated once per distinct input by the compiled reading or the reference, then spread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.documents.signals import SignalType

if TYPE_CHECKING:
    from canarypolicy.cel.columns import Array
    from canarypolicy.cel.expression import Outcome, Reading

MOST_KEPT = 100_000
"""So many outcomes are kept from chunk to chunk."""


@dataclass(slots=True, kw_only=True, eq=False)
class Distinct:
    """
    A part of an expression and the outcomes of the inputs that were met.
    """

    reading: Reading
    inputs: tuple[tuple[str, SignalType], ...]
    texts: tuple[str, ...]
    outcomes: dict[tuple[object, ...], Outcome] = field(default_factory=dict)

    def __call__(self, *arrays: Array) -> None:
        """
        Evaluate: the columns come first, then the arrays for the outcome and for whether there is one.
        """
        *given, out, known = arrays
        columns = list(zip(given[::2], given[1::2], strict=True))
        _, firsts, places = np.unique(_joint_codes(columns, len(out)), return_index=True, return_inverse=True)
        outcomes = [self._outcome(columns, int(first)) for first in firsts]
        is_known = np.array([outcome is not UNKNOWN for outcome in outcomes], dtype=np.bool_)
        values = np.array([0 if outcome is UNKNOWN else outcome for outcome in outcomes], dtype=out.dtype)
        np.take(values, places, out=out)
        np.take(is_known, places, out=known)

    def _outcome(self, columns: list[tuple[Array, Array]], row: int) -> Outcome:
        key = tuple(values[row].item() if known[row] else None for values, known in columns)
        signs = tuple(repr(each) for each in key)  # 0.0 and -0.0 are one key, and may be two inputs
        if signs not in self.outcomes:
            if len(self.outcomes) >= MOST_KEPT:
                self.outcomes.clear()
            present = {
                name: self.texts[value] if type_ is SignalType.STRING else value
                for (name, type_), value in zip(self.inputs, key, strict=True)
                if value is not None
            }
            self.outcomes[signs] = self.reading(present)
        return self.outcomes[signs]


def _joint_codes(columns: list[tuple[Array, Array]], length: int) -> Array:
    """
    Number the rows so that equal rows, and only these, have equal numbers.
    """
    codes = np.zeros(length, dtype=np.int64)
    for values, known in columns:
        bits = values.view(np.int64) if values.dtype == np.float64 else values.astype(np.int64)
        for part in (np.where(known, bits, 0), known.astype(np.int64)):
            _, numbered = np.unique(part, return_inverse=True)
            _, codes = np.unique(codes * (int(numbered.max(initial=0)) + 1) + numbered, return_inverse=True)
    return codes
