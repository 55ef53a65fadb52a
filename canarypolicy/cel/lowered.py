"""
What lowering gives: variables of signals, and truths, numbers and texts in terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.cel import terms
from canarypolicy.cel.interval import Choices, Interval
from canarypolicy.cel.terms import Term, any_of
from canarypolicy.cel.unparse import unparse

if TYPE_CHECKING:
    from canarypolicy.cel.interval import Possible
    from canarypolicy.cel.tree import Node
    from canarypolicy.documents.signal_type import SignalType


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """
    A signal: whether it is present, and its value if it is.
    """

    name: str
    type: SignalType
    present: Term
    value: Term
    """A real, a whole number, a truth, or the code of a text."""
    possible: Possible
    """What a present value can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """
    A bool: when it is true and when it is false; neither is unknown.
    """

    yes: Term
    no: Term

    @property
    def identity(self) -> tuple[int, int]:
        """
        What tells it from other truths: equal terms are shared.
        """
        return terms.identity(self.yes), terms.identity(self.no)

    @property
    def known(self) -> Term:
        return any_of((self.yes, self.no))

    @property
    def unknown(self) -> Term:
        return terms.negated(self.known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """
    A number: when it is known, and what it is then.
    """

    ok: Term
    value: Term
    within: Interval
    is_computed: bool = False
    """Whether a rounded result is in it."""
    is_safe: bool = True
    """Whether the value lies within its bounds even where it is not known."""

    @property
    def is_int(self) -> bool:
        return self.within.is_int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """
    A text: when it is known, and its code.
    """

    ok: Term
    code: Term


Lowered: TypeAlias = Truth | Number | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """
    What a proof cannot see into, and why: it may be true, false or unknown, as it likes.
    """

    node: Node
    reason: str
    truth: Truth
    reads: tuple[str, ...]

    @property
    def text(self) -> str:
        return unparse(self.node)

    @property
    def span(self) -> tuple[int, int]:
        """
        Where it stands in the expression that was lowered first.
        """
        return self.node.span


def possible_texts(possible: Possible) -> tuple[str, ...]:
    """
    Give the texts that a string signal can be, in order.
    """
    assert isinstance(possible, Choices)
    return tuple(sorted(str(value) for value in possible.values))
