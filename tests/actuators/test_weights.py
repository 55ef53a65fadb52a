from fractions import Fraction

import pytest
from canarypolicy.actuators.weights import Versions, changes
from hypothesis import given
from hypothesis import strategies as st

ONE_EACH = Versions(canary=("v2",), baseline=("v1",))


def versions(canary, baseline):
    return Versions(canary=tuple(f"c{n}" for n in range(canary)), baseline=tuple(f"b{n}" for n in range(baseline)))


@pytest.mark.parametrize(
    ("percent", "canary", "baseline"),
    [
        (0, 0, 100),
        (1, 1, 99),
        (10, 10, 90),
        (50, 50, 50),
        (99, 99, 1),
        (100, 100, 0),
        (12.5, 12, 84),
        (0.001, 1, 256),
        (99.999, 256, 1),
    ],
)
def test_one_server_each_has_percents_as_weights(percent, canary, baseline):
    """Of the weights that give a share, those whose sum is nearest 100; only 0 and 100 leave a version without any."""
    assert ONE_EACH.weights(percent, 256) == {"v2": canary, "v1": baseline}


@pytest.mark.parametrize(
    ("servers", "percent", "canary", "baseline"),
    [((1, 3), 10, 10, 30), ((2, 2), 10, 5, 45), ((3, 1), 50, 17, 51), ((1, 4), 20, 20, 20), ((300, 1), 100, 1, 0)],
)
def test_versions_of_several_servers(servers, percent, canary, baseline):
    """The share is that of the version, whatever the number of its servers."""
    found = versions(*servers).weights(percent, 256)
    assert (found["c0"], found["b0"]) == (canary, baseline)
    assert len(set(found.values())) <= 2


@given(st.integers(0, 100), st.integers(1, 20))
def test_whole_percents_are_exact_where_both_have_as_many_servers(percent, servers):
    """To the bit."""
    each = versions(servers, servers)
    assert each.percent(each.weights(percent, 256)) == percent


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 20), st.integers(1, 20))
def test_no_other_weights_are_nearer(canary, baseline, part, more):
    """Against all weights there are, a small largest one making that possible."""
    share = Fraction(part, part + more)
    each = versions(canary, baseline)
    found = each.weights(float(100 * share), 12)

    def miss(one, other):
        return abs(Fraction(one * canary, one * canary + other * baseline) - share)

    least = min(miss(one, other) for one in range(1, 13) for other in range(1, 13))
    assert part == 0 or float(miss(found["c0"], found["b0"])) <= float(least) + 1e-12


weights = st.integers(0, 5)


@given(st.lists(weights, min_size=2, max_size=2), st.lists(weights, min_size=3, max_size=3), st.integers(0, 100))
def test_on_the_way_the_canary_never_has_more_than_before_or_after(canary, baseline, percent):
    """And the total is never 0, unless it was."""
    each = versions(2, 3)
    found = dict(zip(each.servers, (*baseline, *canary), strict=True))
    wanted = each.weights(percent, 5)
    if not any(found.values()):
        assert changes(wanted, found, each.canary)
        return
    most = max(each.percent(found), each.percent(wanted))
    for server, takes in changes(wanted, found, each.canary):
        before = each.percent(found)
        found[server] = wanted[server]
        assert any(found.values())
        assert each.percent(found) <= most + 1e-9
        assert (each.percent(found) <= before) if takes else (each.percent(found) >= before)
    assert found == wanted
