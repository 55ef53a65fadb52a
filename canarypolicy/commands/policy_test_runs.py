"""
PolicyTest files run, one after the other or by several workers, and what came of them put together.

A worker reads its file anew and sends home names, failures' indices and counts; what failed is run once more here, where it
is shown. Nothing depends on the number of workers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.commands.policy_tests import PolicyTestReader
from canarypolicy.errors import InvalidInput
from canarypolicy.history.decision_record import mark_of
from canarypolicy.reports.policytest_result import PolicyCoverage, PolicyTestFile, PolicyTestRun, RunScenario
from canarypolicy.testing.coverage import subjects_of
from canarypolicy.testing.running import run_scenario
from canarypolicy.testing.slices import Slices
from canarypolicy.testing.tally import tally

if TYPE_CHECKING:
    from canarypolicy.commands.policy_tests import ReadTest
    from canarypolicy.documents.finding import Finding
    from canarypolicy.testing.result import ScenarioResult
    from canarypolicy.testing.tally import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """
    Which scenarios are run, and what is counted on the way.
    """

    texts: tuple[str, ...] = ()
    """A scenario is run if its name contains one of these; without any, every one is."""
    covers: bool = False

    def takes(self, name: str) -> bool:
        """
        Tell whether a scenario of that name is run; capitals make no difference.
        """
        return not self.texts or any(text.lower() in name.lower() for text in self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """
    What came of one file, as plain data.
    """

    path: str
    failed: frozenset[int] = frozenset()
    """The indices of scenarios that failed."""
    seen: Tally = field(default_factory=Counter)
    findings: tuple[Finding, ...] = ()
    """What was wrong with it; then nothing was run."""


def run_files(paths: Sequence[str], choice: Choice, jobs: int) -> PolicyTestRun:
    """
    Run all files; what is wrong with one keeps no other from being run.
    """
    reader = PolicyTestReader()
    if jobs > 1 and len(paths) > 1:
        ran = _by_workers(paths, choice, min(jobs, len(paths)))
    else:
        ran = [_run(reader, path, choice) for path in paths]
    files, unselected = [], 0
    for each in ran:
        if each.findings:
            continue
        read = reader.read(each.path)
        files.append(_told(read, each, choice))
        unselected += len(read.test.scenarios) - len(files[-1].scenarios)
    return PolicyTestRun(
        files=tuple(files),
        findings=tuple(dict.fromkeys(finding for each in ran for finding in each.findings)),
        unselected=unselected,
        coverage=_coverage(reader, ran) if choice.covers else None,
    )


def _by_workers(paths: Sequence[str], choice: Choice, jobs: int) -> list[Ran]:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - only when workers are asked for

    with ProcessPoolExecutor(max_workers=jobs) as pool:
        return list(pool.map(_run_alone, paths, [choice] * len(paths)))


def _run_alone(path: str, choice: Choice) -> Ran:
    return _run(PolicyTestReader(), path, choice)


def _run(reader: PolicyTestReader, path: str, choice: Choice) -> Ran:
    try:
        read = reader.read(path)
    except InvalidInput as invalid:
        return Ran(path=path, findings=tuple(invalid.findings))
    slices = Slices(read.program, is_whole=choice.covers)
    results = dict(_results(read, slices, choice))
    failed = frozenset(index for index, result in results.items() if not result.has_passed)
    if not choice.covers:
        return Ran(path=path, failed=failed)
    seen = tally(read.program, subjects_of(read.program), (result.course for result in results.values()))
    return Ran(path=path, failed=failed, seen=seen)


def _results(read: ReadTest, slices: Slices, choice: Choice) -> Iterator[tuple[int, ScenarioResult]]:
    for index, each in enumerate(read.test.scenarios):
        if choice.takes(each.name):
            yield index, run_scenario(slices, read.test, each)


def _told(read: ReadTest, ran: Ran, choice: Choice) -> PolicyTestFile:
    slices = Slices(read.program, is_whole=True)
    scenarios = []
    for index, each in enumerate(read.test.scenarios):
        if choice.takes(each.name):
            failed = run_scenario(slices, read.test, each) if index in ran.failed else None
            scenarios.append(RunScenario(name=each.name, line=read.test.at((*each.path, "name")).line, failed=failed))
    return PolicyTestFile(path=ran.path, policy=mark_of(read.program.checked), scenarios=tuple(scenarios))


def _coverage(reader: PolicyTestReader, ran: Sequence[Ran]) -> tuple[PolicyCoverage, ...]:
    """
    Put together what all files show of each policy.
    """
    found: dict[str, PolicyCoverage] = {}
    for each in ran:
        if each.findings:
            continue
        program = reader.read(each.path).program
        path = program.checked.source.path
        before = found.get(path)
        if before is None:
            found[path] = PolicyCoverage(path=path, subjects=subjects_of(program), seen=Counter(each.seen))
        else:
            before.seen.update(each.seen)
    return tuple(found.values())
