"""
Everything that is found in one document, whatever its kind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.loading import load_policy
from canarypolicy.lints import check

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from canarypolicy.documents.checked import CheckedPolicy

_KIND = re.compile(r"""^(?:\{.*?)?["']?kind["']?[ \t]*:[ \t]*["']?(\w+)""", re.MULTILINE)


def findings_in(data: bytes, path: str, *, proves: bool = False) -> tuple[Finding, ...]:
    """
    List every finding in a document, in the order of its lines; with `proves`, also what a proof finds in a policy.

    A document of a kind that is not known is judged as a policy, and is told so.
    """
    text = data.decode("utf-8", errors="replace")
    kind = _KIND.search(text)
    match kind.group(1) if kind is not None else None:
        case "Environment":
            from canarypolicy.documents.environment_loading import (  # noqa: PLC0415 - policies alone load no plug-ins
                load_environment,
            )

            return load_environment(data, path).findings
        case "PolicyTest":
            from canarypolicy.commands.policy_tests import findings_in_test  # noqa: PLC0415 - policies alone load no tests

            return findings_in_test(data, path)
    loaded = load_policy(data, path)
    if loaded.document is None:
        return loaded.findings
    found = [*loaded.findings, *check(loaded.document), *_on_the_reference(loaded.document)]
    if proves and not any(finding.is_error for finding in found):
        found += _proved(loaded.document, found)
    return tuple(sorted(found, key=lambda finding: finding.span.start))


def _proved(checked: CheckedPolicy, said: Iterable[Finding]) -> list[Finding]:
    """
    Give what is proved or shown of a policy by itself and not said already. Without the solver this is `Unavailable`.
    """
    from canarypolicy.engine.program import build  # noqa: PLC0415 - only proofs need the engine
    from canarypolicy.reports.review_findings import remark_finding  # noqa: PLC0415 - the same
    from canarypolicy.review.remarks import remarks  # noqa: PLC0415 - the same
    from canarypolicy.review.unsaid import severity_of, unsaid  # noqa: PLC0415 - the same

    more = unsaid(checked, remarks(build(checked)), said)
    return [remark_finding(remark, severity_of(remark)) for remark in more]


def _on_the_reference(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Say which expressions the compiled reading does not know: they mean the same and run slower.
    """
    for expression in checked.expressions.values():
        if expression.fell_back is not None:
            yield Finding(
                name="reference-reading",
                message=f"this expression runs on the reference reading, which is slower: {expression.fell_back.reason}",
                span=expression.place.place(*expression.fell_back.span),
                severity=Severity.NOTE,
            )
