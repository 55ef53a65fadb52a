"""
The nearest name comes first, at most eight are named, and only a near one is asked for.
"""

import pytest
from canarypolicy.cel.nearest import did_you_mean, listed

NAMES = ["canary.error_rate", "canary.latency", "baseline.error_rate"]

HELP = {
    "a letter is missing": ("canary.eror_rate", "did you mean `canary.error_rate`? declared: `canary.error_rate`, `baseline.error_rate`, `canary.latency`"),
    "another case": ("Canary.Latency", "did you mean `canary.latency`? declared: `canary.latency`, `canary.error_rate`, `baseline.error_rate`"),
    "the first part is missing": ("latency", "did you mean `canary.latency`? declared: `canary.latency`, `baseline.error_rate`, `canary.error_rate`"),
    "nothing like it": ("xyz", "declared: `canary.latency`, `canary.error_rate`, `baseline.error_rate`"),
}  # fmt: skip


@pytest.mark.parametrize("case", HELP)
def test_the_nearest_name(case):
    name, expected = HELP[case]
    assert did_you_mean(name, NAMES, nothing=None) == expected


def test_at_most_eight_names():
    text = did_you_mean("s1", [f"s{number}" for number in range(20)], nothing=None)
    assert text is not None
    assert text.count("`, `") == 7


def test_nothing_is_allowed():
    assert did_you_mean("a", [], nothing="no signals are declared") == "no signals are declared"
    assert did_you_mean("a", [], nothing=None) is None


def test_another_word_for_what_is_allowed():
    assert did_you_mean("ab", ["abc"], nothing=None, rest="known") == "did you mean `abc`? known: `abc`"


def test_names_in_a_row():
    assert listed(["a", "b"]) == "`a`, `b`"
