"""
Cells of a table: text whose meaning only the declared type of its signal can tell.

`1` is a number to an int, true to a bool and text to a string signal. What a value must be like is not judged here.
"""

from __future__ import annotations

import re

from canarypolicy.documents.signal_type import SignalType

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)\Z", re.IGNORECASE)
_TRUTH = {"true": True, "false": False}
_MOST_DIGITS = 400
"""Longer integers are beyond every double, and reading them digit by digit takes long."""


class Cell(str):
    """
    The text of one cell.
    """

    __slots__ = ()

    def read_as(self, type_: SignalType) -> object:
        """
        Give what the cell says to a signal of that type: nothing for a blank cell, the text itself where it says nothing else.
        """
        if type_ is SignalType.STRING:
            return str(self)
        text = self.strip()
        if not text:
            return None
        if _INTEGER.match(text) and len(text) <= _MOST_DIGITS:
            return int(text)
        if _NUMBER.match(text) or _NOT_FINITE.match(text):
            return float(text)
        return _TRUTH.get(text.lower(), str(self))
