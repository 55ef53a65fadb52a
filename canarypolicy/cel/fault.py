"""
A fault in an expression, placed in the expression's own text.

`canarypolicy.documents` turns it into a finding with a place in the file.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    A finding's name, its sentence, and the offsets of the faulty text in the expression.
    """

    name: str
    message: str
    span: tuple[int, int]
    help: str | None = None
    is_lint: bool = False
    """A warning: the expression has a meaning all the same."""


class Refused(Exception):
    """
    Carries a fault out of the depth of one module; no module lets it through.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault
