"""
Every part of an Environment has its page, and a name of several kinds has all of theirs.
"""

from __future__ import annotations

import pytest
from canarypolicy.actuators import ACTUATORS
from canarypolicy.backups import BACKUPS
from canarypolicy.notifiers import NOTIFIERS
from canarypolicy.probes import PROBES
from canarypolicy.sources import SOURCES

from command_line import canarypolicy

TABLES = {"sources": SOURCES, "actuators": ACTUATORS, "backups": BACKUPS, "probes": PROBES, "notifiers": NOTIFIERS}


@pytest.mark.parametrize("name", sorted({name for table in TABLES.values() for name in table} | {"all"}))
def test_every_part_has_a_page(name):
    done = canarypolicy("explain", name)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"# {name}")
    assert len(done.stdout.splitlines()) >= 3


def test_a_name_of_several_kinds_has_the_pages_of_all():
    page = canarypolicy("explain", "command").stdout
    kinds = [kind for kind, table in TABLES.items() if "command" in table]
    assert [line for line in page.splitlines() if line.startswith("# ")] == [f"# command ({kind})" for kind in kinds]
    assert {"actuators", "backups", "probes", "notifiers"} <= set(kinds)


def test_the_list_has_each_part_under_its_kind():
    shown = canarypolicy("explain").stdout
    for kind, table in TABLES.items():
        _, _, below = shown.partition(f"\n{kind}\n")
        listed = [line.split()[0] for line in below.partition("\n\n")[0].splitlines()]
        assert set(listed) - {"all"} == set(table)
