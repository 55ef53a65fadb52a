"""
Who may import whom: the rooms as a table, and the contracts of `.importlinter`.
"""

import ast
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "canarypolicy"

ROOMS = {
    "__init__": {"documents", "engine", "errors", "history", "lints"},
    "__main__": {"cli"},
    "cli": {"__init__", "commands", "errors", "exit_status"},
    "commands": {
        "actuators",
        "backups",
        "cel",
        "derived",
        "documents",
        "engine",
        "errors",
        "exit_status",
        "__init__",
        "history",
        "kept_programs",
        "kinds",
        "lints",
        "live",
        "mutation",
        "notifiers",
        "probes",
        "reports",
        "review",
        "sources",
        "store",
        "telemetry",
        "testing",
        "wiring",
    },
    "pytest_plugin": {"commands", "errors", "reports", "testing"},
    "mutation": {"cel", "derived", "documents", "engine", "errors", "lints", "review", "testing"},
    "testing": {"cel", "documents", "engine", "errors", "history"},
    "wiring": {"actuators", "backups", "documents", "errors", "kinds", "live", "notifiers", "probes", "sources", "store"},
    "actuators": {"documents", "errors", "http_calls", "kinds", "live", "processes"},
    "backups": {"backup_files", "documents", "errors", "http_calls", "kinds", "live", "processes"},
    "notifiers": {"documents", "errors", "http_calls", "kinds", "live", "processes"},
    "probes": {"backup_files", "cel", "documents", "engine", "errors", "http_calls", "kinds", "live", "processes"},
    "backup_files": {"documents"},
    "kept_programs": {"__init__"},
    "http_calls": {"documents", "errors"},
    "processes": {"documents"},
    "store": {"documents", "errors", "live"},
    "telemetry": {"documents", "errors", "live", "reports"},
    "live": {"__init__", "cel", "documents", "engine", "errors", "history"},
    "reports": {"__init__", "cel", "documents", "engine", "history", "kinds", "live", "mutation", "review", "testing"},
    "review": {"cel", "derived", "documents", "engine", "errors", "history", "kinds", "lints"},
    "sources": {"derived", "documents", "engine", "errors", "history", "http_calls", "kinds", "live", "processes"},
    "history": {"__init__", "cel", "derived", "documents", "engine", "errors"},
    "lints": {"cel", "derived", "documents", "kinds"},
    "engine": {"cel", "derived", "documents"},
    "documents": {"cel", "derived", "engine", "errors", "kinds"},
    "derived": {"cel", "documents", "kinds"},
    "cel": {"documents"},
    "errors": {"documents"},
    "exit_status": set(),
    "kinds": {"errors"},
}
"""Room -> the rooms that it may import; a new one must be given its place here and in ARCHITECTURE.md."""


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports():
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).with_suffix("").parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "canarypolicy":
                yield path, room, room_of(node.module)


def test_each_room_imports_only_what_it_may():
    wrong = {f"{path.name}: {room} -> {other}" for path, room, other in imports() if other != room and other not in ROOMS[room]}
    assert not wrong


def test_every_room_has_its_place():
    on_disk = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__")}
    assert on_disk == set(ROOMS)


def test_the_contracts_hold():
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"],
        cwd=PACKAGE.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_and_functions_stay_small():
    """No file over 300 lines, no function over 60."""
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 300, path.name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 60, f"{path.name}: {node.name}"
