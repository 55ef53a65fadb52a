import pytest
from canarypolicy.actuators.nginx_include import Split, written_percent
from hypothesis import given
from hypothesis import strategies as st

SPLIT = Split(key="$request_id", variable="version", canary="v2", baseline="v1")


def test_the_file_of_a_weight():
    """What the docs show as the first one, with a line more."""
    assert SPLIT.text(12.5) == (
        "# canarypolicy writes this file anew with each weight\n"
        'split_clients "$request_id" $version {\n'
        "    12.5% v2;\n"
        "    * v1;\n"
        "}\n"
        'map "" $version_percent {\n'
        '    default "12.5";\n'
        "}\n"
    )


@pytest.mark.parametrize(("percent", "upstream"), [(0, "v1"), (100, "v2")])
def test_nothing_and_all_have_no_percent_line(percent, upstream):
    """nginx refuses `0%`."""
    text = SPLIT.text(percent)
    assert f"{{\n    * {upstream};\n}}" in text
    assert "%" not in text
    assert f'default "{percent}";' in text


@pytest.mark.parametrize(
    ("percent", "written"),
    [
        (10, "10"),
        (10.0, "10"),
        (33.333, "33.33"),
        (0.001, "0.01"),
        (99.999, "99.99"),
        (99.5, "99.5"),
        (50.10, "50.1"),
        (20, "20"),
    ],
)
def test_percents_have_two_decimals_at_most(percent, written):
    """Nothing is written as an exponent, and only 0 and 100 are nothing and all."""
    assert written_percent(percent) == written


@given(st.floats(0, 100))
def test_what_is_written_is_near(percent):
    """Within a hundredth."""
    found = float(written_percent(percent))
    assert abs(found - percent) <= 0.01
    assert (found in (0, 100)) == (percent in (0, 100))
