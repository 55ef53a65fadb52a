"""
Patterns are those of RE2, and a wrong one says why without writing to the screen.
"""

import pytest
from canarypolicy.cel.pattern import compile_pattern


def test_a_pattern_is_found_anywhere_in_a_text():
    assert compile_pattern("b+").search("abbc") is not None
    assert compile_pattern("^b").search("abbc") is None


@pytest.mark.parametrize(("pattern", "why"), [("(", "missing ): ("), ("(?=a)", "invalid perl operator: (?="), ("a{2000}", "invalid repetition size: {2000}")])  # fmt: skip
def test_a_wrong_pattern_says_why(pattern, why, capfd):
    with pytest.raises(ValueError) as caught:
        compile_pattern(pattern)
    assert str(caught.value) == why
    assert capfd.readouterr() == ("", "")
