"""
`canarypolicy test`: PolicyTests run against their policies.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.mutation_runs import mutate_files, mutation_asked
from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.policy_test_runs import Choice, run_files
from canarypolicy.commands.policy_tests import find_tests
from canarypolicy.exit_status import ExitStatus
from canarypolicy.reports.policytest_result import PolicyTestRun

if TYPE_CHECKING:
    from canarypolicy.commands.outputs import Outputs


@click.command("test")
@click.argument("paths", metavar="[PATH...]", nargs=-1)
@click.option("-k", "texts", metavar="TEXT", multiple=True, help="Run only scenarios whose name contains this; may be repeated.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Files are run by so many workers.")
@click.option("--coverage", "covers", is_flag=True, help="Also say what the tests show of each rule, condition, step and gate.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="End in 3 if less is covered, or fewer mutants are noticed.",
)
@click.option("--mutate", "mutates", is_flag=True, help="Also change each policy as a slip would, and say what no test notices.")
@click.option("--write-missing", metavar="FILE", help="With --mutate: write the tests that would notice it.")
@takes_output(PolicyTestRun)
def command(*, outputs: Outputs, paths: tuple[str, ...], **options: Any) -> ExitStatus:
    """
    Run PolicyTests: histories, and what a policy must decide on them.

    A folder stands for every `tests.yaml`, `test.yaml` and `*.test.yaml` in and below it; without a PATH, the present one.

    Exit status: 0 all passed, 3 a test failed, a document is invalid, too little is covered or too few mutants are noticed,
    1 a file cannot be read.
    """
    fail_under, texts = options["fail_under"], options["texts"]
    covers = options["covers"] or outputs.wants("lcov")
    if fail_under is not None and not covers and not options["mutates"]:
        raise click.UsageError("`--fail-under` needs `--coverage` or `--mutate`")
    asked = mutation_asked(options, outputs, covers=covers)
    found = run_files(find_tests(paths or (".",)), Choice(texts=texts, covers=covers), options["jobs"])
    run = replace(found, fail_under=fail_under)
    if texts and not run.count and not run.findings:
        named = " or ".join(f"`{text}`" for text in texts)
        raise click.BadParameter(f"no scenario is called like {named}", param_hint="-k")
    outputs.console.findings(run.findings)
    if asked is not None and not run.failed and not run.findings:
        return mutate_files(run, asked, outputs)
    is_failed = bool(run.failed or run.findings or run.is_covered_too_little)
    return outputs.deliver(run, ExitStatus.FINDINGS if is_failed else ExitStatus.ADVANCE)
