"""
The soak in short: `make soak` is the long one.
"""

import sys

import pytest

from live.soak import soak

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform == "win32", reason="signals have no twin on Windows")]


def test_rollouts_at_once_in_one_store(tmp_path):
    """
    Every journal verifies, every request is in its journal once, no service has two holders, and nothing else goes wrong.
    """
    done = soak(tmp_path, f"sqlite:///{tmp_path / 'runs.db'}", 5, 20)
    assert not done.faults, "\n".join(done.faults)
    assert done.asked >= done.taken > 0
