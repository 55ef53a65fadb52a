"""
Whether the expressions of `http` probes can be evaluated: each reads its own answer, and what earlier ones gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.cel.checking import check_expression
from canarypolicy.documents.embedding import embed
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.request_parameters import KNOWN, HttpProbeParameters
from canarypolicy.documents.span import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from canarypolicy.cel.expression import Expression
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.request_parameters import ProbeRequest
    from canarypolicy.documents.signals import SignalType
    from canarypolicy.documents.span import Span


def check_requests(parameters: HttpProbeParameters, path: Path, places: Mapping[Path, Span]) -> Iterator[Finding]:
    """
    Give what is wrong with each `expect`; `path` is that of the probe's parameters.
    """
    for index, (request, declared) in enumerate(_declared(parameters)):
        span = places.get((*path, "requests", index, "expect"))
        if span is None:  # not written: the usual one
            continue
        place = embed(request.expect, span)
        for fault in check_expression(place, declared)[1]:
            severity = Severity.WARNING if fault.is_lint else Severity.ERROR
            yield Finding(
                name=fault.name, message=fault.message, span=place.place(*fault.span), severity=severity, help=fault.help
            )


def expectations(parameters: HttpProbeParameters) -> tuple[Expression, ...]:
    """
    Give each request's `expect`, ready to be evaluated; the parameters have passed `check_requests`.
    """
    made = []
    for request, declared in _declared(parameters):
        source = SourceText(path=request.name, text=request.expect)
        expression, _ = check_expression(embed(request.expect, source.span(0, len(request.expect))), declared)
        assert expression is not None, "an Environment with faults is not used"
        made.append(expression)
    return tuple(made)


def _declared(parameters: HttpProbeParameters) -> Iterator[tuple[ProbeRequest, dict[str, SignalType]]]:
    """
    Give each request with what its `expect` may read.
    """
    captured: dict[str, SignalType] = {}
    for request in parameters.requests:
        captured |= {name: capture.type for name, capture in request.captures.items()}
        yield request, {**KNOWN, **captured}
