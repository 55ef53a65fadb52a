"""
Every check, the same here and in CI: `nox` runs all of them, `nox -s types` one.

They run in the environment that nox itself is installed in: `make test` makes it.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))

CORE = ",".join(f"canarypolicy/{room}/*" for room in ("cel", "derived", "documents", "engine", "history", "lints"))


@nox.session
def lint(session: nox.Session) -> None:
    """Style: ruff with all rules on, minus explained exceptions."""
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Types: mypy strict."""
    session.run("mypy", "--strict", "canarypolicy")


@nox.session
def layers(session: nox.Session) -> None:
    """Who may import whom: .importlinter."""
    session.run("lint-imports")


@nox.session
def reviews(session: nox.Session) -> None:
    """What the last commit changed in this repository's own policies; a meant loosening: `REVIEW_FAIL_ON=never`."""
    asked = ("git", "rev-parse", "--verify", "--quiet", "HEAD~1")
    told = session.run(*asked, external=True, silent=True, success_codes=[0, 1, 128]) if shutil.which("git") else ""
    if not re.fullmatch(r"[0-9a-f]{40,64}\s*", str(told)):
        session.log("git knows no commit before the last one here, so there is nothing to review against")
        return
    session.run("canarypolicy", "review", "--base", "HEAD~1", "policies", "--fail-on", os.environ.get("REVIEW_FAIL_ON", "looser"))


@nox.session
def policies(session: nox.Session) -> None:
    """The tests of this repository's own policies, which show all of them."""
    session.run("canarypolicy", "test", "policies", "--coverage", "--fail-under", "100")


@nox.session
def tests(session: nox.Session) -> None:
    """Tests: all of them, with coverage of lines and branches; arguments go to pytest."""
    workers = str(max(4, os.cpu_count() or 1))  # live rollouts wait more than they work
    spread = ("-n", workers, "--dist", "loadscope", "--no-loadscope-reorder")  # a module's servers are started once
    arguments = session.posargs or [*spread, "--durations=25", "--cov", "--cov-report="]
    session.run("pytest", *arguments)
    if not session.posargs:
        session.run("coverage", "report", "--format=total", "--fail-under=90")
        session.run("coverage", "report", "--skip-covered", f"--include={CORE}", "--fail-under=100")
