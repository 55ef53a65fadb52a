"""
What `canarypolicy test --mutate` does once all tests have passed: mutants, what is known of survivors, the missing tests.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.outputs import write_file
from canarypolicy.commands.policy_tests import PolicyTestReader
from canarypolicy.exit_status import ExitStatus
from canarypolicy.mutation.result import MutationRun

if TYPE_CHECKING:
    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.engine.program import Program
    from canarypolicy.mutation.result import PolicyMutation
    from canarypolicy.reports.policytest_result import PolicyTestRun
    from canarypolicy.testing.checked import CheckedPolicyTest

_FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationAsked:
    """
    What the user wants of a mutation run.
    """

    fail_under: float | None
    missing_file: str | None


def mutation_asked(options: Mapping[str, Any], outputs: Outputs, *, covers: bool) -> MutationAsked | None:
    """
    Give what is asked of a mutation run; None: there is none. What cannot go together is a mistake in the command line.
    """
    if not options["mutates"]:
        if options["write_missing"] is not None:
            raise click.UsageError("`--write-missing` needs `--mutate`")
        return None
    if covers:
        raise click.UsageError("`--coverage` and `--mutate` are two runs: ask for one of them")
    if options["texts"]:
        raise click.UsageError("`--mutate` needs all tests: leave `-k` out")
    formats = [outputs.format, *(file.format for file in outputs.files)]
    strange = next((each for each in formats if each not in _FORMATS), None)
    if strange is not None:
        raise click.UsageError(f"`--mutate` has no format `{strange}`: formats are `text` and `json`")
    return MutationAsked(fail_under=options["fail_under"], missing_file=options["write_missing"])


def mutate_files(run: PolicyTestRun, asked: MutationAsked, outputs: Outputs) -> ExitStatus:
    """
    Run the tests of each policy, all of which have passed, against its mutants, and deliver what came of it.
    """
    from canarypolicy.mutation.mutating import mutate  # noqa: PLC0415 - most runs of tests have no mutants, and no proofs

    reader = PolicyTestReader()
    suites: dict[str, tuple[Program, list[CheckedPolicyTest]]] = {}
    for file in run.files:
        read = reader.read(file.path)
        _, tests = suites.setdefault(read.program.checked.source.path, (read.program, []))
        tests.append(read.test)
    policies = tuple(mutate(program, tests) for program, tests in suites.values())
    result = MutationRun(policies=policies, fail_under=asked.fail_under)
    if asked.missing_file is not None and _write_missing(policies, asked.missing_file):
        result = replace(result, missing_file=asked.missing_file)
    return outputs.deliver(result, ExitStatus.FINDINGS if result.is_too_low else ExitStatus.ADVANCE)


def _write_missing(policies: tuple[PolicyMutation, ...], path: str) -> bool:
    """
    Write the missing tests of the one policy that lacks some; without any, no file is written.
    """
    from canarypolicy.mutation.missing_tests import file_text  # noqa: PLC0415 - as above
    from canarypolicy.review.policy_test import Named  # noqa: PLC0415 - as above

    lacking = [each for each in policies if each.missing_tests]
    if len(lacking) > 1:
        raise click.UsageError("`--write-missing` writes the tests of one policy; name the folder of one")
    for policy in lacking:
        named = Named(test="missing", policy=_beside(policy.path, path))
        write_file(path, file_text(policy.missing_tests, named))
    return bool(lacking)


def _beside(policy: str, path: str) -> str:
    try:
        return os.path.relpath(policy, Path(path).parent).replace(os.sep, "/")
    except ValueError:  # it is on another drive of Windows
        return str(Path(policy).resolve()).replace(os.sep, "/")
