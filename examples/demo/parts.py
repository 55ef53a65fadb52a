"""
What the demo needs to be installed, and the command that installs what is not there.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path

PACKAGES = Path(__file__).parents[2] / "tests" / "debian-packages.txt"
PROGRAMS = ("haproxy", "prometheus", "redis-server", "mariadbd", "mariadb-dump")
LIBRARIES = {"redis": "redis", "pymysql": "mysql"}
"""The libraries beside those that canarypolicy itself needs, and the extra that brings each."""
SYSTEM = ("/usr/sbin", "/sbin")
"""Where Debian has servers, and where a user's PATH does not look."""


def look_where_servers_are() -> None:
    """
    Let programs be found there, too.
    """
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM])


def what_is_missing(
    find_program: Callable[[str], object] = shutil.which, find_library: Callable[[str], object] = importlib.util.find_spec
) -> list[str]:
    """
    Say what is not installed, with the command that installs it; nothing to say, nothing is missing.
    """
    lines = []
    programs = [name for name in PROGRAMS if not find_program(name)]
    if programs:
        packages = _packages()
        wanted = " ".join(dict.fromkeys(packages[name] for name in programs))
        lines += [
            f"not installed: {', '.join(programs)}",
            f"  on Debian and Ubuntu: sudo apt-get install --no-install-recommends {wanted}",
            "  or all that the tests need, with no service started: sh tests/debian-packages.sh",
        ]
    extras = [extra for name, extra in LIBRARIES.items() if not find_library(name)]
    if extras:
        names = ", ".join(name for name, extra in LIBRARIES.items() if extra in extras)
        lines += [f"not installed: the Python library {names}", f"  pip install 'canarypolicy[{','.join(extras)}]'"]
    return lines


def _packages() -> dict[str, str]:
    """
    Give the Debian package of each program.
    """
    lines = [line.split() for line in PACKAGES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {program: package for package, program in lines}
