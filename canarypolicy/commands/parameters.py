"""
Kinds of option values: times and signal values.
"""

from __future__ import annotations

import json
from typing import Any

import click

from canarypolicy.documents.duration import parse_instant


class Instant(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """
    A time: RFC 3339 or epoch seconds.
    """

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """
        Give microseconds since 1970.
        """
        try:
            return value if isinstance(value, int) else parse_instant(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class SignalValue(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """
    `NAME=VALUE`; the value is read as JSON, and as text where it is none.
    """

    name = "NAME=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, object]:
        """
        Give the signal's name and its value.
        """
        if isinstance(value, tuple):
            return value
        name, equals, text = str(value).partition("=")
        if not equals or not name:
            self.fail(f"`{value}` is not of the form NAME=VALUE", param, ctx)
        try:
            return name, json.loads(text)
        except ValueError:
            return name, text
