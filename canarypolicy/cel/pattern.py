"""
Regular expressions of RE2, which take time in proportion to the text, whatever the pattern.
"""

from __future__ import annotations

from typing import Any


def compile_pattern(pattern: str) -> Any:
    """
    Compile a pattern, or raise `ValueError` with why it is none.
    """
    import re2  # noqa: PLC0415 - a library that only `matches` needs

    options = re2.Options()
    options.log_errors = False  # it would write to the screen
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        why = error.args[0]
        raise ValueError(why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)) from None
