"""
What a plain scalar is: YAML 1.2's core types, so that `yes`, `on`, `1:30` and dates are text.
"""

from __future__ import annotations

import re
from math import inf, isfinite
from typing import TypeAlias

from canarypolicy.documents.canonical import LARGEST_INT, canonical_number
from canarypolicy.documents.wording import code

Scalar: TypeAlias = bool | int | float | str | None

_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_BEYOND = 10**300
_LONGEST_INT = 400
"""Digits; more are beyond every double, and Python refuses to read some thousands of them."""


class NumberOutOfRange(ValueError):
    """
    A number that a document cannot hold, with a double on its side of the range.
    """

    def __init__(self, message: str, meant: float) -> None:
        super().__init__(message)
        self.meant = meant


def resolve(text: str) -> Scalar:
    """
    Give the value of a plain scalar; a number that a document cannot hold is a `NumberOutOfRange` that says why.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return _int(text)
    if _NOT_FINITE.fullmatch(text):
        raise NumberOutOfRange(f"{code(text)} is not a finite number", -inf if text.startswith("-") else inf)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if not isfinite(number):
            raise NumberOutOfRange(f"{code(text)} is larger than any double", number)
        return number
    return text


def _int(text: str) -> int | float:
    """
    Read an int; beyond 2^53 it must be exactly how the canonical form writes a double, and is that double.
    """
    meant = -inf if text.startswith("-") else inf
    if len(text) <= _LONGEST_INT:
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        number = int(text, base)
        if -LARGEST_INT <= number <= LARGEST_INT:
            return number
        if len(text) < 24 and canonical_number(float(number)) == text:
            return float(number)
        if -_BEYOND < number < _BEYOND:
            meant = float(number)
    raise NumberOutOfRange(
        f"the int {code(text)} is beyond {LARGEST_INT}, which is as far as a document holds ints exactly", meant
    )
