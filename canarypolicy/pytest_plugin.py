"""
The plug-in for pytest: PolicyTest files are collected beside other tests, one item a scenario.

`tests.yaml`, `test.yaml` and `*.test.yaml` are looked into, and only those that say they are PolicyTests are taken. Until one
is found, nothing of canarypolicy but this module is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from canarypolicy.commands.policy_tests import PolicyTestReader, ReadTest
    from canarypolicy.testing.checked import CheckedScenario
    from canarypolicy.testing.result import ScenarioResult
    from canarypolicy.testing.slices import Slices

_FILE = re.compile(r"(?:.*\.)?tests?\.ya?ml", re.IGNORECASE)
_OURS = re.compile(rb"""apiVersion["']?\s*:\s*["']?canarypolicy/""")
_KIND = re.compile(rb"""kind["']?\s*:\s*["']?PolicyTest\b""")
_READER: pytest.StashKey[PolicyTestReader] = pytest.StashKey()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """
    Take a file that is called like a test and says that it is a PolicyTest.
    """
    if not _FILE.fullmatch(file_path.name):
        return None
    data = file_path.read_bytes()
    if not _OURS.search(data) or not _KIND.search(data):
        return None
    collector: pytest.Collector = PolicyTestCollector.from_parent(parent, path=file_path)
    return collector


class PolicyTestCollector(pytest.File):
    """
    One PolicyTest file; with findings, it cannot be collected, and they say why.
    """

    def collect(self) -> Iterable[pytest.Item]:
        """
        Give an item per scenario, named as it is.
        """
        from canarypolicy.errors import CanaryPolicyError, InvalidInput  # noqa: PLC0415 - suites without PolicyTests load nothing
        from canarypolicy.reports.finding_text import render_findings  # noqa: PLC0415 - the same
        from canarypolicy.testing.slices import Slices  # noqa: PLC0415 - the same

        try:
            read = self._read()
        except InvalidInput as invalid:
            raise self.CollectError(render_findings(invalid.findings)) from None
        except CanaryPolicyError as error:
            raise self.CollectError(error.message) from None
        slices = Slices(read.program)
        for each in read.test.scenarios:
            yield PolicyTestItem.from_parent(self, name=each.name, read=read, slices=slices, scenario=each)

    def _read(self) -> ReadTest:
        from canarypolicy.commands.policy_tests import PolicyTestReader  # noqa: PLC0415 - suites without PolicyTests load nothing

        # One reader a session: policies are compiled once, however many files name them.
        reader = self.session.stash.setdefault(_READER, PolicyTestReader())
        return reader.read(_shown(self.path, self.config.invocation_params.dir))


class PolicyTestItem(pytest.Item):
    """
    One scenario of a PolicyTest.
    """

    def __init__(self, *, read: ReadTest, slices: Slices, scenario: CheckedScenario, **given: Any) -> None:
        super().__init__(**given)
        self._read, self._slices, self._scenario = read, slices, scenario

    def runtest(self) -> None:
        """
        Run the scenario; what it expected and did not get fails the item.
        """
        from canarypolicy.testing.running import run_scenario  # noqa: PLC0415 - suites without PolicyTests load nothing

        result = run_scenario(self._slices, self._read.test, self._scenario)
        if not result.has_passed:
            raise ScenarioFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """
        Show a failure as `canarypolicy test` does, and anything else as pytest does.
        """
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """
        Say where the scenario is written; pytest counts lines from 0.
        """
        place = self._read.test.at((*self._scenario.path, "name"))
        return self.path, place.line - 1, self.name


class ScenarioFailed(Exception):
    """
    A scenario that did not go as it was expected to.
    """

    def __init__(self, result: ScenarioResult) -> None:
        from canarypolicy.reports.policytest_text import scenario_text  # noqa: PLC0415 - only what fails is shown

        super().__init__(scenario_text(result).rstrip("\n"))


def _shown(path: Path, here: Path) -> str:
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
