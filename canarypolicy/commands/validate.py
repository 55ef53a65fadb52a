"""
`canarypolicy validate`: structure, types and lints of documents.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from canarypolicy.commands.document_findings import findings_in
from canarypolicy.commands.inputs import expand, is_folder, read_file, without_patterns
from canarypolicy.commands.outputs import takes_output
from canarypolicy.documents.finding import Severity
from canarypolicy.errors import Unavailable
from canarypolicy.exit_status import ExitStatus
from canarypolicy.reports.result import Validation
from canarypolicy.reports.validation_text import summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.documents.finding import Finding

_ENDINGS = (".yaml", ".yml")
_OURS = re.compile(rb"""apiVersion["']?\s*:\s*["']?canarypolicy/""")


@click.command("validate")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--strict", is_flag=True, help="Warnings, too, end in status 3.")
@click.option("--prove", "proves", is_flag=True, help="Also prove what a policy never or always does, and its invariants.")
@takes_output(Validation)
def command(*, outputs: Outputs, paths: tuple[str, ...], strict: bool, proves: bool) -> ExitStatus:
    """
    Check documents: structure, types and lints.

    A folder is searched for YAML files with our `apiVersion`; a file that is named must be one of ours. `-` is stdin.

    Exit status: 0 valid, 3 there are errors (with --strict, or warnings), 1 a file cannot be read.
    """
    documents = _documents(paths)
    findings = [finding for path in documents for finding in findings_in(read_file(path), path, proves=proves)]
    pages = _pages(findings) if outputs.wants("sarif") else {}
    result = Validation(paths=tuple(documents), findings=tuple(findings), is_strict=strict, pages=pages)
    failing = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    is_invalid = any(finding.severity in failing for finding in findings)
    status = outputs.deliver(result, ExitStatus.FINDINGS if is_invalid else ExitStatus.ADVANCE)
    outputs.console.notice(summary(documents, findings))
    return status


def _documents(paths: Iterable[str]) -> list[str]:
    """
    List the documents: files as they are named, and in folders those that say they are ours.
    """
    documents: list[str] = []
    for path in without_patterns(paths):
        if not is_folder(path):
            documents.append(path)
            continue
        ours = [file for file in expand([path], _ENDINGS) if _OURS.search(read_file(file))]
        if not ours:
            raise Unavailable(f"no YAML file in `{path}` has an `apiVersion` of canarypolicy")
        documents += ours
    return list(dict.fromkeys(documents))


def _pages(findings: Iterable[Finding]) -> Mapping[str, str]:
    from canarypolicy.commands.explain import page_on_finding  # noqa: PLC0415 - only SARIF carries pages

    found = {finding.name: page_on_finding(finding.name) for finding in findings}
    return {name: page.text for name, page in found.items() if page is not None}
