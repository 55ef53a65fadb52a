"""
What lowered expressions share: results in doubles, codes of texts, and what stays opaque.

Two policies that are compared share one `Encoding`: what both compute alike is rounded alike, and what no proof understands
is at least the same riddle in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.cel import terms
from canarypolicy.cel.computation import Computation
from canarypolicy.cel.lowered import Truth, Unsupported
from canarypolicy.cel.rounding import Doubles
from canarypolicy.cel.terms import Term, all_of

if TYPE_CHECKING:
    from canarypolicy.cel.tree import Node


@dataclass(slots=True, kw_only=True)
class Encoding:
    """
    The tables that all lowered expressions of one question share.
    """

    definitions: list[Term] = field(default_factory=list)
    """What holds of the names that were made up here, whatever the signals are."""
    opaque: dict[object, Unsupported] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    doubles: Doubles = field(init=False)

    def __post_init__(self) -> None:
        self.doubles = Doubles(definitions=self.definitions)

    def code_of(self, text: str) -> int:
        """
        Give the number that stands for a text.
        """
        return self.codes.setdefault(text, len(self.codes))

    def text_of(self, code: int) -> str:
        """
        Give the text that a number stands for; one that stands for none is a `KeyError`.
        """
        return {number: text for text, number in self.codes.items()}[code]

    def new_opaque(self, key: object, node: Node, reason: str, reads: tuple[str, ...]) -> Truth:
        """
        Give the truth of what is not understood: the same for the same key.
        """
        if key not in self.opaque:
            count = len(self.opaque)
            opaque = Truth(yes=terms.boolean(f"opaque#{count} true"), no=terms.boolean(f"opaque#{count} false"))
            self.definitions.append(terms.negated(all_of((opaque.yes, opaque.no))))
            self.opaque[key] = Unsupported(node=node, reason=reason, truth=opaque, reads=reads)
        return self.opaque[key].truth

    def names_in(self, formulas: Iterable[Term]) -> set[str]:
        """
        Name all that formulas are computed from, through the names made up here.
        """
        names = set(Computation(formulas).names)
        for made in reversed(self.doubles.made):  # each is computed from earlier ones only
            if made.name in names:
                names |= Computation((made.operation.left, made.operation.right, made.operation.exact, made.said)).names
        return names

    def riddles_in(self, formulas: Iterable[Term]) -> tuple[Unsupported, ...]:
        """
        Give what no proof sees into, of what formulas are computed from.
        """
        names = self.names_in(formulas) if self.opaque else set()
        return tuple(each for each in self.opaque.values() if terms.name_of(each.truth.yes) in names)
