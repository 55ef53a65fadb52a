"""
A plain program of two steps, made once for each file of tests.
"""

import pytest

from driver import program_of


@pytest.fixture(scope="module")
def plain():
    return program_of()
