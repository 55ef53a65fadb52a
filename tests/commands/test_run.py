"""
`canarypolicy run`: what is refused before anything is read.
"""

import pytest

from command_line import canarypolicy


@pytest.mark.parametrize(
    "option", [("--name", "x"), ("--artefact", "2.0"), ("--by", "ann"), ("--dry-run",)], ids=lambda each: each[0]
)
def test_what_a_run_began_with_is_not_changed_by_going_on(option):
    """Least of all into a dry run that moves traffic: how a run began stands in its journal."""
    done = canarypolicy("run", "policy.yaml", "environment.yaml", "--continue", "r", *option)
    assert done.exit_code == 2
    assert f"`{option[0]}` is for a new run: the journal of `r` says it already" in done.stderr


@pytest.mark.parametrize(
    "version", ["", " 2.0", "2\n0", "\x1b[31m2", "2" * 201], ids=["empty", "space", "two lines", "control", "long"]
)
def test_a_version_is_a_line_of_text(version):
    done = canarypolicy("run", "policy.yaml", "environment.yaml", "--artefact", version)
    assert done.exit_code == 2
    assert "is no version: expected a line of 1 to 200 printable characters" in done.stderr
