import os
import sys

import pytest
from canarypolicy.actuators.whole_file import replace_file
from canarypolicy.live.protocols import NotDone

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="modes and links are POSIX")


def test_a_file_is_made_and_replaced(tmp_path):
    """The text is whole, line breaks as they are, and nothing else lies about."""
    for text in ("one\n", "two\r\nthree"):
        replace_file(tmp_path / "state", text)
        assert (tmp_path / "state").read_bytes() == text.encode()
    assert os.listdir(tmp_path) == ["state"]


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o664])
def test_the_mode_is_kept(tmp_path, mode):
    """A file that others may not read stays so."""
    path = tmp_path / "state"
    path.write_text("old")
    path.chmod(mode)
    replace_file(path, "new")
    assert path.stat().st_mode & 0o777 == mode


@POSIX
def test_a_link_stays_a_link(tmp_path):
    """What it points to is replaced."""
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    replace_file(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    """A folder stands in the way: said without the path, which may be a secret."""
    (tmp_path / "state").mkdir()
    with pytest.raises(NotDone, match=r"^`state` cannot be written: "):
        replace_file(tmp_path / "state", "new")
    assert os.listdir(tmp_path) == ["state"]
