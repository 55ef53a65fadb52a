"""
A library of an extra that is not installed.
"""

import pytest
from canarypolicy.documents.keeper import Keeper
from canarypolicy.errors import Unavailable
from canarypolicy.probes.library import library

from programs import world


def test_a_missing_library_says_what_to_install():
    with pytest.raises(Unavailable, match="probe `cache` needs the library `no_such_library`") as raised:
        library(Keeper("probe `cache`", world({})), "no_such_library", "redis")
    assert raised.value.help == "pip install 'canarypolicy[redis]'"
