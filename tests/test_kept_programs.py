"""
Compiled policies on disk: found again, never out of date, never in the way, and never trusted further than they are whole.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from canarypolicy import kept_programs as kept

ROOT = Path(__file__).parent.parent
POLICY = ROOT / "policies/storefront/policy.yaml"
EVALUATE = ("evaluate", "policies/storefront/policy.yaml", "--metrics", "examples/snapshot/healthy.json")
POSIX = pytest.mark.skipif(os.name == "nt", reason="owners and rights of POSIX")


@pytest.fixture
def place(tmp_path):
    return kept.place_of(b"a policy", {kept.VARIABLE: str(tmp_path / "cache")})


def run(folder, *arguments, variables=None):
    script = "import sys\nfrom canarypolicy.cli import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", script, *(arguments or EVALUATE)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, kept.VARIABLE: str(folder), **(variables or {})},
    )  # fmt: skip
    return done.stdout, done.stderr, done.returncode


def test_what_was_kept_is_found(place):
    assert kept.read(place) is None
    kept.write(place, {"a": [1, 2.5, None, "é"]})
    assert kept.read(place) == {"a": [1, 2.5, None, "é"]}
    assert [path.name for path in Path(place.folder).iterdir()] == [f"{place.key}.json"]


def test_another_text_another_engine_and_another_python_have_another_place(place, monkeypatch, tmp_path):
    variables = {kept.VARIABLE: str(tmp_path / "cache")}
    assert kept.place_of(b"a policy", variables) == place
    assert kept.place_of(b"a policy ", variables) != place
    for name, value in (("__version__", "0.0.0"), ("_LIBRARIES", ("celpy",))):
        with monkeypatch.context() as changed:
            changed.setattr(kept, name, value)
            assert kept.place_of(b"a policy", variables) != place, name
    monkeypatch.setattr(sys, "version", "3.99")
    assert kept.place_of(b"a policy", variables) != place


def test_a_changed_module_of_the_engine_is_another_engine(tmp_path, monkeypatch):
    package = tmp_path / "canarypolicy"
    (package / "cel").mkdir(parents=True)
    (package / "kept_programs.py").write_text("")
    (package / "cel/tree.py").write_text("one")
    monkeypatch.setattr(kept, "__file__", str(package / "kept_programs.py"))
    before = list(kept._made_by())
    os.utime(package / "cel/tree.py", ns=(1, 1))
    assert list(kept._made_by()) != before


def test_a_program_in_an_archive_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "__file__", str(tmp_path / "canarypolicy.zip/canarypolicy/kept_programs.py"))
    assert kept.place_of(b"a policy", {kept.VARIABLE: str(tmp_path)}) is None


def whole(place):
    kept.write(place, {"a": 1})
    return Path(place.path).read_bytes()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"1}", b"2}"),
        lambda data: b"canarypolicy program 2" + data[22:],
        lambda data: data.partition(b"\n")[2],
        lambda data: b"\x80\x04cos\nsystem\n(S'touch pickled'\ntR.",
        lambda data: b"\x00" * 100,
        lambda data: b"[" * 200_000,
    ],
    ids=["empty", "cut by one", "cut in half", "changed", "of another form", "without head", "a pickle", "zeros", "deep"],
)
def test_what_is_not_whole_is_not_there_and_is_written_anew(place, spoil):
    data = whole(place)
    Path(place.path).write_bytes(spoil(data))
    assert kept.read(place) is None
    assert whole(place) == data


def test_an_entry_of_another_policy_is_not_taken(place):
    kept.write(place, {"a": 1})
    other = kept.Place(folder=place.folder, key="0" * 64)
    os.replace(place.path, other.path)
    assert kept.read(other) is None


@pytest.mark.parametrize("body", [b"[" * 5_000, b"NaN", b"{", b"\xff"])
def test_a_body_that_is_no_json_is_not_taken_although_its_head_fits(place, body):
    kept.write(place, {})
    Path(place.path).write_bytes(kept._head(place, body) + b"\n" + body)
    assert kept.read(place) is None or body == b"NaN"


@POSIX
def test_what_somebody_else_may_have_written_is_not_taken(place):
    kept.write(place, {"a": 1})
    os.chmod(place.path, 0o620)
    assert kept.read(place) is None
    os.chmod(place.path, 0o600)
    assert kept.read(place) == {"a": 1}
    os.chmod(place.folder, 0o777)
    assert kept.read(place) is None


@POSIX
def test_a_folder_that_others_may_write_gets_nothing(place):
    os.makedirs(place.folder)
    os.chmod(place.folder, 0o777)
    kept.write(place, {"a": 1})
    assert os.listdir(place.folder) == []


@POSIX
def test_another_owner_is_somebody_else(place, monkeypatch):
    kept.write(place, {"a": 1})
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert kept.read(place) is None


@POSIX
@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)], ids=["pipe", "folder", "link"]
)
def test_what_is_no_file_is_not_read(place, make):
    os.makedirs(place.folder, 0o700)
    make(place.path)
    assert kept.read(place) is None


def test_nothing_happens_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    place = kept.Place(folder=str(tmp_path / "file" / "below"), key="0" * 64)
    kept.write(place, {"a": 1})
    assert kept.read(place) is None


def test_a_disk_that_is_full_leaves_no_draft(place, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    kept.write(place, {"a": 1})
    assert os.listdir(place.folder) == []


def test_an_entry_that_is_too_large_is_not_kept(place, monkeypatch):
    monkeypatch.setattr(kept, "LARGEST", 100)
    kept.write(place, "x" * 100)
    assert kept.read(place) is None


def test_there_are_so_many_entries_and_no_more(place, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    for number in range(6):
        each = kept.Place(folder=place.folder, key=str(number) * 64)
        kept.write(each, number)
        os.utime(each.path, ns=(number, number))
    assert sorted(name[0] for name in os.listdir(place.folder)) == ["3", "4", "5"]


@pytest.mark.parametrize(
    ("name", "platform", "variables", "folder"),
    [
        ("posix", "linux", {"HOME": "/home/u"}, "/home/u/.cache/canarypolicy"),
        ("posix", "linux", {"HOME": "/home/u", "XDG_CACHE_HOME": "/var/c"}, "/var/c/canarypolicy"),
        ("posix", "linux", {"HOME": "/home/u", "XDG_CACHE_HOME": "c"}, "/home/u/.cache/canarypolicy"),
        ("posix", "linux", {}, None),
        ("posix", "darwin", {"HOME": "/Users/u"}, "/Users/u/Library/Caches/canarypolicy"),
        ("nt", "win32", {"LOCALAPPDATA": "/L"}, "/L/canarypolicy/Cache"),
        ("nt", "win32", {}, None),
        ("posix", "linux", {"HOME": "/home/u", kept.VARIABLE: "off"}, None),
        ("posix", "linux", {"HOME": "/home/u", kept.VARIABLE: ""}, None),
        ("posix", "linux", {"HOME": "/home/u", kept.VARIABLE: "/x/y"}, "/x/y"),
    ],
)
@POSIX
def test_the_folder_is_that_of_the_platform_or_the_users(name, platform, variables, folder, monkeypatch):
    monkeypatch.setattr(kept.sys, "platform", platform)
    with monkeypatch.context() as changed:
        changed.setattr(kept.os, "name", name)
        found = kept._folder(variables)
    assert found == folder


def spoiled(folder, change):
    """Change the only entry, and make its head fit again, as somebody would who knows the form."""
    (entry,) = Path(folder).iterdir()
    place = kept.Place(folder=str(folder), key=entry.stem)
    body = json.dumps(change(json.loads(entry.read_bytes().partition(b"\n")[2]))).encode()
    entry.write_bytes(kept._head(place, body) + b"\n" + body)
    return entry


@pytest.mark.parametrize(
    "change",
    [
        lambda record: [],
        lambda record: {},
        lambda record: {**record, "slos": [["x"]]},
        lambda record: {**record, "declared": [["a.b", "double", None, None, None, None]]},
        lambda record: {**record, "watches": [[*record["watches"][0][:-1], 10**9]]},
        lambda record: {**record, "steps": 1},
    ],
)
def test_an_entry_of_another_form_is_as_if_it_were_not_there(tmp_path, change):
    folder = tmp_path / "cache"
    expected = run("off")
    assert run(folder) == expected
    entry = spoiled(folder, change)
    before = entry.read_bytes()
    assert run(folder) == expected
    assert entry.read_bytes() != before


def test_processes_that_race_write_one_whole_entry(tmp_path):
    folder = tmp_path / "cache"
    script = "from canarypolicy.cli import main; main()"
    racing = [
        subprocess.Popen(
            [sys.executable, "-c", script, *EVALUATE],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, kept.VARIABLE: str(folder)},
        )
        for _ in range(4)
    ]  # fmt: skip
    told = {(*each.communicate(), each.returncode) for each in racing}
    assert told == {run("off")}
    assert len(list(folder.iterdir())) == 1
    assert run(folder) == run("off")
