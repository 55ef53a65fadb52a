"""
The canonical form of a document (RFC 8785, JCS) and its digest.

Equal data has equal text: keys are sorted by their UTF-16 code units, numbers are written as ECMAScript writes them.
Source: https://www.rfc-editor.org/rfc/rfc8785
"""

from __future__ import annotations

import json
from hashlib import sha256
from math import isfinite
from typing import Any

LARGEST_INT = 2**53 - 1
"""The largest int that a double holds apart from its neighbours."""


def digest(data: Any) -> str:
    """
    Give the sha256, in hexadecimal, of the canonical form of a document.
    """
    return sha256(canonical(data).encode()).hexdigest()


def canonical(data: Any) -> str:
    """
    Write JSON data in its canonical form.

    What JSON or a double cannot hold is a `ValueError`.
    """
    if isinstance(data, list):
        return "[" + ",".join(canonical(item) for item in data) + "]"
    if isinstance(data, dict):
        ordered = sorted(data, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(key)}:{canonical(data[key])}" for key in ordered) + "}"
    if isinstance(data, str):
        return _text(data)
    if isinstance(data, float):
        return canonical_number(data)
    if data is not None and not isinstance(data, int):
        raise ValueError(f"a {type(data).__name__} has no canonical form")
    return _word(data)


def _word(data: int | None) -> str:
    if isinstance(data, int) and not -LARGEST_INT <= data <= LARGEST_INT:
        raise ValueError("an int beyond 2^53 - 1 has no canonical form")
    return json.dumps(data)


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a lone surrogate has no canonical form") from None
    return json.dumps(text, ensure_ascii=False)


def canonical_number(number: float) -> str:
    """
    Write a double as ECMAScript does: the shortest digits that read back as the same double.
    """
    if not isfinite(number):
        raise ValueError("a number that is not finite has no canonical form")
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return sign + _with_point(digits, point)


def _with_point(digits: str, point: int) -> str:
    """
    Place the decimal point, which stands behind the first `point` digits (ECMAScript, Number::toString).
    """
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = f"{point - 1:+d}"
    return f"{digits[0]}.{digits[1:]}e{exponent}" if len(digits) > 1 else f"{digits}e{exponent}"
