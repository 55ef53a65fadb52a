"""
The page on the store names what there is.
"""

from pathlib import Path

from canarypolicy.live.entry import EntryKind

PAGE = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")


def test_every_kind_of_entry_is_in_the_table():
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert all(any(f"`{kind.value}`" in row for row in rows) for kind in EntryKind)


def test_the_urls_are_those_that_are_read(tmp_path, monkeypatch):
    from canarypolicy.store.address import address_of

    monkeypatch.chdir(tmp_path)
    for url in ("sqlite:///runs.db", "postgresql://USER:PASSWORD@HOST/DATABASE", "mysql://USER:PASSWORD@HOST/DATABASE"):
        assert f"`{url}`" in PAGE
        address_of(url)
