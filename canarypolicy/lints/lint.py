"""
What a lint is: a name, a severity, and a function from a checked policy to findings.

A lint's module docstring is its page of `explain`, with an `Avoid:` and a `Prefer:` block that a test runs.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """
    One lint; `find` gives its findings in any order, each with the exact text that it is about.
    """

    name: str
    severity: Severity
    find: Callable[[CheckedPolicy], Iterable[Finding]]

    @property
    def page(self) -> str:
        """
        The docstring of the lint's module.
        """
        return inspect.cleandoc(sys.modules[self.find.__module__].__doc__ or "")

    def finding(self, span: Span, message: str, *, help: str | None = None) -> Finding:  # noqa: A002 - the word of the messages
        """
        Make a finding of this lint.
        """
        return Finding(name=self.name, message=message, span=span, severity=self.severity, help=help)
