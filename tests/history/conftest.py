"""
A small program for recordings.
"""

import pytest

from driver import program_of
from recorded import PLAN, RULES, SIGNALS


@pytest.fixture(scope="module")
def program():
    return program_of(signals=SIGNALS, rules=RULES, plan=PLAN)
