"""
Unknown is neither true nor false, also by mistake.
"""

import pytest
from canarypolicy.cel.expression import UNKNOWN


def test_unknown_has_no_truth():
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(UNKNOWN)
    assert UNKNOWN not in (True, False, None, 0)
