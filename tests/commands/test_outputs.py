"""
Where results go: files as a whole or not at all, and a status that options about output do not change.
"""

import os
import stat
from pathlib import Path

import pytest
from canarypolicy.commands import outputs
from canarypolicy.commands.outputs import OutputFile, OutputParameter, write_file
from canarypolicy.errors import Unavailable
from canarypolicy.reports.evaluation_result import Evaluation

from command_line import canarypolicy

ROOT = Path(__file__).parents[2]
EVALUATE = ("evaluate", str(ROOT / "policies/storefront/policy.yaml"), "--metrics", str(ROOT / "examples/snapshot/healthy.json"))
POSIX = pytest.mark.skipif(os.name == "nt", reason="rights and devices of POSIX")


def test_a_file_is_written_in_utf_8_with_the_line_breaks_of_the_text(tmp_path):
    write_file(str(tmp_path / "x.txt"), "a\nné\udc80\n")
    assert (tmp_path / "x.txt").read_bytes() == "a\nné\\udc80\n".encode()


def test_a_file_is_replaced_as_a_whole(tmp_path, monkeypatch):
    """Where writing fails half-way, the old file is there as it was, and no draft beside it."""
    target = tmp_path / "x.txt"
    target.write_text("old")

    def fail(self, data):
        self.open("wb").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(Unavailable, match=r"cannot write `.*x\.txt`: no space left on device"):
        write_file(str(target), "new")
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]
    assert target.read_text() == "old"


@POSIX
def test_a_replaced_file_keeps_its_rights_and_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "x.txt", tmp_path / "link.txt"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_file(str(link), "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@POSIX
def test_a_device_is_written_to_and_not_replaced():
    before = os.stat(os.devnull).st_mode
    write_file(os.devnull, "text")
    assert os.stat(os.devnull).st_mode == before


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(Unavailable, match="cannot write"):
        write_file(str(tmp_path), "text")


def test_a_file_that_cannot_be_written_turns_success_alone_into_failure(tmp_path):
    """A rollback or hold stays what it is; an advance whose report is lost is no success."""
    nowhere = str(tmp_path / "no-folder" / "x.json")
    held = canarypolicy(*EVALUATE, "--output", f"json={nowhere}")
    assert held.exit_code == 4
    assert f"cannot write `{nowhere}`" in held.stderr
    assert held.stdout.startswith("hold")
    assert canarypolicy(*EVALUATE, "--exit-zero", "--output", f"json={nowhere}").exit_code == 1


@pytest.mark.parametrize(
    "options", [(), ("--format", "json"), ("--format", "github"), ("--quiet",), ("--no-color",), ("--explain",)]
)
def test_options_about_output_do_not_change_the_status(options, tmp_path):
    done = canarypolicy(*EVALUATE, *options, "--output", f"json={tmp_path / 'x.json'}")
    assert done.exit_code == 4
    assert (tmp_path / "x.json").read_text().startswith("{")


def test_quiet_says_nothing_on_stderr_and_all_on_stdout():
    loud, quiet = canarypolicy(*EVALUATE, "--format", "json"), canarypolicy(*EVALUATE, "--format", "json", "--quiet")
    assert loud.stdout == quiet.stdout
    assert "judged without gates" in loud.stderr
    assert quiet.stderr == ""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("json", "names no file"),
        ("json=", "names no file"),
        ("json=-", "`--format` is for stdout"),
        ("xml=x", "formats are `github`, `json`, `text`"),
        ("=x", "does not begin with a format"),
    ],
)
def test_an_output_that_names_no_file_or_no_format_is_a_usage_error(given, told):
    done = canarypolicy(*EVALUATE, "--output", given)
    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stdout == ""


def test_a_path_may_hold_an_equals_sign():
    parameter = OutputParameter((Evaluation,))
    assert parameter.convert("json=a=b.json", None, None) == OutputFile(format="json", path="a=b.json")
    assert parameter.convert(OutputFile(format="json", path="x"), None, None) == OutputFile(format="json", path="x")


def test_the_text_in_a_file_has_no_colour(tmp_path, monkeypatch):
    monkeypatch.setattr(outputs.Console, "has_color", lambda *_: True)
    done = canarypolicy(*EVALUATE, "--output", f"text={tmp_path / 'x.txt'}")
    assert "\x1b[" in done.stdout
    assert "\x1b[" not in (tmp_path / "x.txt").read_text()


def test_an_html_page_is_a_file_like_any_other(tmp_path):
    recording = str(ROOT / "examples/healthy/recording.jsonl")
    done = canarypolicy(
        "replay", EVALUATE[1], recording, "--html", str(tmp_path / "a.html"), "--output", f"html={tmp_path / 'b.html'}"
    )
    assert done.exit_code == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
