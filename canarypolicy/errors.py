"""
The exceptions of canarypolicy, by whose fault they are.

    CanaryPolicyError
    +-- InvalidInput    the document's or the recording's fault: carries findings
    +-- Unavailable     the world's fault: a file, a server, a missing optional library
    +-- Unsupported     our limit: well-formed, but this version cannot do it

Only `canarypolicy.cli` turns them into messages and exit statuses.
Missing metrics are no exception: they are values with a reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.documents.finding import Finding


class CanaryPolicyError(Exception):
    """
    The root of every exception that canarypolicy raises on purpose.
    """

    def __init__(self, message: str, *, help: str | None = None) -> None:  # noqa: A002 - the word of the messages
        super().__init__(message)
        self.message = message
        self.help = help


class InvalidInput(CanaryPolicyError):
    """
    A document or a recording is wrong; every fault found is in `findings`.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"{len(findings)} finding{'s' if len(findings) != 1 else ''}")
        self.findings = tuple(findings)


class Unavailable(CanaryPolicyError):
    """
    Something outside of the program is not there: a file, a server, an optional library.
    """


class Unsupported(CanaryPolicyError):
    """
    The input is well-formed, but this version of canarypolicy cannot do what it asks.
    """
