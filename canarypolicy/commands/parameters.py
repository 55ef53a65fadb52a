"""
Kinds of option values: times, durations, signal values and addresses.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.documents.duration import microseconds, parse_duration, parse_instant

if TYPE_CHECKING:
    from canarypolicy.telemetry.address import ListenAddress

_LONGEST_VERSION = 200


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


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """
    A Prometheus duration such as `30s`.
    """

    name = "DURATION"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """
        Give microseconds.
        """
        try:
            return value if isinstance(value, int) else microseconds(parse_duration(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Listen(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """
    `ADDRESS:PORT`, where to listen.
    """

    name = "ADDRESS:PORT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ListenAddress:
        """
        Give the address; whether it is loopback is for the caller to judge.
        """
        from canarypolicy.telemetry.address import ListenAddress, parse_listen_address  # noqa: PLC0415 - only where one listens

        try:
            return value if isinstance(value, ListenAddress) else parse_listen_address(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class ArtefactVersion(click.ParamType):  # type: ignore[type-arg]  # as below
    """
    What a run brings, as the user's builds call it: a line of text.
    """

    name = "VERSION"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """
        Give the text.
        """
        text = str(value)
        if not 0 < len(text) <= _LONGEST_VERSION or not text.isprintable() or text != text.strip():
            self.fail(f"`{value}` is no version: expected a line of 1 to {_LONGEST_VERSION} printable characters", param, ctx)
        return text


class RunName(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """
    The name of a new run: letters, digits, `.`, `_` and `-`.
    """

    name = "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """
        Give the name.
        """
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", str(value), re.ASCII):
            self.fail(f"`{value}` is no name for a run: expected letters, digits, `.`, `_` and `-`, 100 at most", param, ctx)
        return str(value)
