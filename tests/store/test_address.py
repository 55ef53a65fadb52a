"""
Which URLs are read as what, and how the others are refused.
"""

import pytest
from canarypolicy.documents.secrets import Secret
from canarypolicy.errors import Unavailable
from canarypolicy.store.address import address_of
from canarypolicy.store.database import open_store


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("postgresql://u:p@h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg"),
        ("mysql://u:p@h/d", "mysql+pymysql"),
        ("mysql+pymysql://u:p@h/d", "mysql+pymysql"),
        ("mariadb://u:p@h/d", "mysql+pymysql"),
        ("sqlite:///runs.db", "sqlite"),
    ],
)
def test_the_driver_is_ours_whatever_is_written(written, meant):
    assert address_of(written).url.drivername == meant


@pytest.mark.parametrize(
    "written", ["oracle://u:hid-den@h/d", "postgresql+psycopg2://u:hid-den@h/d", "mysql+mysqldb://u:hid-den@h/d"]
)
def test_another_kind_is_refused_with_what_is_supported(written):
    with pytest.raises(Unavailable) as caught:
        address_of(written)
    assert caught.value.message.endswith(f"is of a kind `{written.partition(':')[0]}` that is not supported")
    assert caught.value.help.startswith("supported: `sqlite:///FILE`, `postgresql://")
    assert "hid-den" not in caught.value.message
    with pytest.raises(Unavailable, match=r"^the store is of a kind that is not supported$"):
        address_of(Secret(written))


@pytest.mark.parametrize("written", ["", "runs.db", "postgresql://u:hid-den@h:port/d"])
def test_what_is_no_url_is_refused(written):
    with pytest.raises(Unavailable, match="has a URL that cannot be read") as caught:
        address_of(written)
    assert "hid-den" not in caught.value.message


@pytest.mark.parametrize("written", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_would_be_lost_with_the_process(written):
    with pytest.raises(Unavailable, match="names no file"):
        address_of(written)


def test_the_folder_of_a_file_must_be_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    address_of("sqlite:///runs.db")
    with pytest.raises(Unavailable, match="its folder `no` does not exist"):
        address_of("sqlite:///no/runs.db")
    with pytest.raises(Unavailable, match="its folder does not exist"):
        address_of(Secret("sqlite:///no/runs.db"))


@pytest.mark.parametrize(("scheme", "library"), [("postgresql", "psycopg"), ("mysql", "pymysql")])
def test_a_missing_library_says_what_to_install(monkeypatch, scheme, library):
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(Unavailable, match="needs a library that is not installed") as caught:
        open_store(f"{scheme}://u:hid-den@h/d")
    assert caught.value.help == f"`pip install 'canarypolicy[{scheme}]'`"


def test_an_address_shows_no_password():
    assert "hid-den" not in repr(address_of("postgresql://u:hid-den@h/d"))
