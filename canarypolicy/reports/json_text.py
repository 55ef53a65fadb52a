"""
JSON values as text.
"""

from __future__ import annotations

import json


def json_text(value: object, *, indent: int | None = None) -> str:
    """
    Write a JSON value, with a line break at its end.
    """
    return json.dumps(value, indent=indent, allow_nan=False) + "\n"
