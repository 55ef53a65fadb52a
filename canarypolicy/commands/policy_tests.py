"""
PolicyTest files for `canarypolicy test`: found, read with their recordings and policies, and checked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from canarypolicy.commands.inputs import is_folder, policy_in, read_file, without_patterns
from canarypolicy.documents.finding import Finding
from canarypolicy.documents.loading import in_order
from canarypolicy.engine.program import build
from canarypolicy.errors import InvalidInput, Unavailable
from canarypolicy.testing.against_policy import check_against_policy
from canarypolicy.testing.loading import load_policy_test, with_recordings

if TYPE_CHECKING:
    from canarypolicy.engine.program import Program
    from canarypolicy.testing.checked import CheckedPolicyTest

_NAMES = ("test.yaml", "tests.yaml", "test.yml", "tests.yml")
_ENDINGS = (".test.yaml", ".test.yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTest:
    """
    A PolicyTest and its policy, ready to be run.
    """

    test: CheckedPolicyTest
    program: Program


def find_tests(paths: Iterable[str]) -> list[str]:
    """
    List the files to run: those that are named, and below folders those that are called like tests, in the order of names.

    A folder without any is `Unavailable`: nothing would be tested.
    """
    found: list[str] = []
    for path in without_patterns(paths):
        if not is_folder(path):
            found.append(path)
            continue
        below = list(_below(path))
        if not below:
            raise Unavailable(
                f"no file in `{path}` is called like a test",
                help="tests are called `tests.yaml`, `test.yaml` or `NAME.test.yaml`",
            )
        found += below
    return list(dict.fromkeys(found))


def _below(folder: str) -> Iterable[str]:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.lower() in _NAMES or name.lower().endswith(_ENDINGS):
                yield os.path.normpath(os.path.join(where, name))  # noqa: PTH118 - as users wrote it


class PolicyTestReader:
    """
    Reads tests, each file once; and each policy is compiled once, however many tests name it.
    """

    def __init__(self) -> None:
        self._programs: dict[str, Program | tuple[Finding, ...]] = {}
        self._tests: dict[str, ReadTest] = {}

    def read(self, path: str) -> ReadTest:
        """
        Read a test with all that it names; whatever is wrong with any of it is `InvalidInput`.
        """
        if path not in self._tests:
            self._tests[path] = self._read(path)
        return self._tests[path]

    def _read(self, path: str) -> ReadTest:
        loaded = load_policy_test(read_file(path), path)
        if loaded.document is None:
            raise InvalidInput(loaded.findings)
        attached = with_recordings(loaded.document, read_file)
        program = self._program(loaded.document)
        findings = (*check_against_policy(loaded.document, program.checked), *attached.findings)
        if attached.document is None or any(finding.is_error for finding in findings):
            raise InvalidInput(findings)
        return ReadTest(test=attached.document, program=program)

    def _program(self, test: CheckedPolicyTest) -> Program:
        path = test.beside(test.document.policy)
        key = str(Path(path).resolve())
        if key not in self._programs:
            try:
                self._programs[key] = build(policy_in(read_file(path), path))
            except InvalidInput as invalid:
                self._programs[key] = invalid.findings
            except Unavailable as unavailable:
                span = test.at(("policy",))
                raise InvalidInput([Finding(name="unreadable-policy", message=unavailable.message, span=span)]) from unavailable
        program = self._programs[key]
        if isinstance(program, tuple):
            raise InvalidInput(program)
        return program


def findings_in_test(data: bytes, path: str) -> tuple[Finding, ...]:
    """
    List every finding in a PolicyTest, held against its policy and its recordings; what is wrong in the policy is said there.
    """
    loaded = load_policy_test(data, path)
    if loaded.document is None:
        return loaded.findings
    test, findings = loaded.document, list(loaded.findings)
    policy = test.beside(test.document.policy)
    try:
        findings += check_against_policy(test, policy_in(read_file(policy), policy))
    except InvalidInput as invalid:
        count = len(invalid.findings)
        findings.append(
            Finding(
                name="invalid-policy",
                message=f"the policy has {count} error{'s' if count != 1 else ''}, so nothing can be tested",
                span=test.at(("policy",)),
                help=f"`canarypolicy validate {policy}` tells them",
            )
        )
    except Unavailable as unavailable:
        findings.append(Finding(name="unreadable-policy", message=unavailable.message, span=test.at(("policy",))))
    findings += with_recordings(test, read_file).findings
    return in_order(findings)
