"""
What users write about programs of their own: as actuators, backups, probes and notifiers.

How a program is run is in `canarypolicy.processes`.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from canarypolicy.documents.fields import DocumentModel, Duration, fault
from canarypolicy.documents.part_parameters import PartParameters, Timeout
from canarypolicy.documents.secrets import Template

_LONGEST_BACKUP = timedelta(days=1)
_LONGEST_SHIFT = timedelta(minutes=10)

Arguments = Annotated[
    tuple[Template, ...], Field(min_length=1, json_schema_extra={"description": "A program and its arguments."})
]
"""A program and its arguments; no shell reads them."""


def _bounded(timeout: timedelta) -> timedelta:
    if not timedelta() < timeout <= _LONGEST_BACKUP:
        raise fault("invalid-timeout", "a timeout is longer than nothing and at most 1d")
    return timeout


class CommandActuatorParameters(PartParameters):
    """
    Programs that set a weight and read it back or, with `create`, one that takes a snapshot.
    """

    set: Arguments | None = None
    """Gives the canary `{weight}` percent, which also stands in `CANARYPOLICY_WEIGHT`; must end in 0."""
    read: Arguments | None = None
    """Prints the canary's percent as the only thing on stdout."""
    create: Arguments | None = None
    """Takes a snapshot and prints its name as the last line of stdout."""
    timeout: Annotated[Duration, AfterValidator(_bounded)] | None = None
    """How long one call may take; default 30s for `set` and `read`, 10m for `create`."""

    @property
    def is_backup(self) -> bool:
        """
        Whether it takes snapshots, and moves no traffic.
        """
        return self.create is not None

    @property
    def limit(self) -> timedelta:
        """
        How long one call may take.
        """
        return self.timeout or timedelta(minutes=10 if self.is_backup else 0, seconds=0 if self.is_backup else 30)

    @model_validator(mode="after")
    def _does_one_thing(self) -> CommandActuatorParameters:
        given = [name for name in ("set", "read", "create") if getattr(self, name) is not None]
        if given not in (["set", "read"], ["create"]):
            found = " and ".join(f"`{name}`" for name in given) or "none of them"
            raise fault(
                "not-one-task",
                f"expected `set` and `read`, or `create` alone; found {found}",
                help="a weight that cannot be read back is not trusted; a snapshot has an actuator of its own",
            )
        if not self.is_backup and self.timeout is not None and self.timeout > _LONGEST_SHIFT:
            raise fault("invalid-timeout", "a timeout of `set` and `read` is longer than nothing and at most 10m", "timeout")
        return self


class CaptureType(Enum):
    """
    The type of a captured value, as signals have them.
    """

    INT = "int"
    DOUBLE = "double"
    BOOL = "bool"
    STRING = "string"


def compile_capture(pattern: str) -> Any:
    """
    Compile a capture's pattern, or raise `ValueError` with why it is none.
    """
    from canarypolicy.cel.pattern import compile_pattern  # noqa: PLC0415 - a library that few Environments need

    return compile_pattern(f"(?m){pattern}")


def _one_group(pattern: str) -> str:
    from canarypolicy.cel.pattern import compile_pattern  # noqa: PLC0415 - as above

    try:
        groups: int = compile_pattern(pattern).groups
    except ValueError as error:
        raise fault("invalid-capture", f"`{pattern[:80]}` is no regular expression of RE2: {error}") from None
    if groups != 1:
        raise fault(
            "invalid-capture", f"a capture has one group in parentheses, found {groups}", help="write `(?:...)` for the others"
        )
    return pattern


class Capture(DocumentModel):
    """
    A typed value in a program's output.
    """

    regex: Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_one_group)]
    """A regular expression of RE2 with one group; `^` and `$` are the ends of a line."""
    type: CaptureType


CaptureName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
"""A name that expressions can read behind `result.`."""


class CommandProbeParameters(PartParameters):
    """
    A program whose exit status is a check, and whose output may hold typed values.
    """

    run: Arguments
    captures: dict[CaptureName, Capture] = Field(default={})
    """Values of the result by name; `passed` and `failed` stand in for the counts."""
    timeout: Timeout = Field(default=timedelta(seconds=60), json_schema_extra={"default": "1m"})

    @model_validator(mode="after")
    def _keeps_the_shape_of_results(self) -> CommandProbeParameters:
        for name, capture in self.captures.items():
            if name == "checks":
                raise fault(
                    "invalid-capture", "`checks` is the list of what was looked at, and cannot be captured", "captures", name
                )
            if name in ("passed", "failed") and capture.type is not CaptureType.INT:
                raise fault("invalid-capture", f"`{name}` is a count: its type is `int`", "captures", name, "type")
        return self


class CommandNotifierParameters(PartParameters):
    """
    A program that gets each notice as JSON on stdin.
    """

    run: Arguments
    timeout: Timeout = Field(default=timedelta(seconds=30), json_schema_extra={"default": "30s"})
