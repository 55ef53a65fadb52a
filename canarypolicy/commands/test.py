"""
`canarypolicy test`: PolicyTests run against their policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.policy_tests import PolicyTestReader, find_tests
from canarypolicy.errors import InvalidInput
from canarypolicy.exit_status import ExitStatus
from canarypolicy.reports.policytest_result import PolicyTestFile, PolicyTestRun
from canarypolicy.testing.running import run_all

if TYPE_CHECKING:
    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.documents.finding import Finding


@click.command("test")
@click.argument("paths", metavar="[PATH...]", nargs=-1)
@takes_output(PolicyTestRun)
def command(*, outputs: Outputs, paths: tuple[str, ...]) -> ExitStatus:
    """
    Run PolicyTests: histories, and what a policy must decide on them.

    A folder stands for every `tests.yaml`, `test.yaml` and `*.test.yaml` in and below it; without a PATH, the present one.

    Exit status: 0 all passed, 3 a test failed or a document is invalid, 1 a file cannot be read.
    """
    reader = PolicyTestReader()
    files: list[PolicyTestFile] = []
    findings: list[Finding] = []
    for path in find_tests(paths or (".",)):
        try:
            read = reader.read(path)
        except InvalidInput as invalid:
            findings += invalid.findings
            continue
        files.append(PolicyTestFile(path=path, program=read.program, results=run_all(read.program, read.test)))
    run = PolicyTestRun(files=tuple(files), findings=tuple(dict.fromkeys(findings)))
    outputs.console.findings(run.findings)
    return outputs.deliver(run, ExitStatus.FINDINGS if run.failed or run.findings else ExitStatus.ADVANCE)
