"""
CSV: one decision a row, in which any cell can be read back.
"""

import csv
import io

from canarypolicy.reports import REPORTS
from canarypolicy.reports.csv_table import COLUMNS
from canarypolicy.reports.escape import visible
from canarypolicy.reports.result import ReplayedRollout

from results import HOSTILE, full_decision, recording, replay, timeline


def rows(result):
    return list(csv.DictReader(io.StringIO(REPORTS["csv"].render(result), newline="")))


def test_rows_of_both_policies():
    """A rollout without a decision has no row; the counterfactual part is marked from its first sample."""
    found = rows(replay(shows_all=True))
    assert [(row["policy"], row["outcome"], row["decision"]) for row in found[3:6]] == [
        ("policy.yaml", "rolled-back", "hold"),
        ("policy.yaml", "rolled-back", "rollback"),
        ("other.yaml", "holding", "hold"),
    ]
    assert [row["counterfactual"] for row in found] == ["false"] * 3 + ["true"] * 2 + ["false"] * 5
    assert len(rows(replay())) == 4 + 1


def test_a_row_with_everything():
    rollout = ReplayedRollout(recording=recording(), timeline=timeline(full_decision(), rollout=HOSTILE))
    (row,) = rows(replay(rollout))
    assert tuple(row) == COLUMNS
    assert row["rollout"] == visible(HOSTILE)
    assert not set(REPORTS["csv"].render(replay(rollout))) & set("\x1b\u202e\ud800")
    assert row["weight"] == "12.5"
    assert row["elapsed_seconds"] == "720"
    assert row["earliest_advance"] == "2026-05-01T10:20:00Z"
    assert row["reasons"].startswith("low:pending high:unknown gate:waiting ")
    assert row["missing"].startswith("a.c ")
