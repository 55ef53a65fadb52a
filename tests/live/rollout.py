"""
A live rollout in tests: `canarypolicy run` as a process of its own, its journal read as it grows, commands on it.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from live.shops import until

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One entry of the journal.
    """

    seq: int
    at: float
    kind: str
    body: dict[str, Any]


class LiveRun:
    """
    One rollout in a folder that has `policy.yaml` and `environment.yaml`; its store is a SQLite file there.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str], store: str = "store.db") -> None:
        self.folder = folder
        self.store = folder / store
        self.variables = {**os.environ, "PYTHONPATH": str(ROOT), **variables, "CANARYPOLICY_STORE": f"sqlite:///{self.store}"}
        self.process: subprocess.Popen | None = None
        self.name = ""

    def start(self, *arguments: str) -> None:
        """
        Start `run`, and wait until the journal knows it; with `--continue`, until it is its holder again.
        """
        before = len(self.entries()) if self.name else 0
        with (self.folder / "stdout").open("ab") as out, (self.folder / "stderr").open("ab") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "canarypolicy", "run", "policy.yaml", "environment.yaml", *arguments],
                cwd=self.folder, env=self.variables, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            )  # fmt: skip
        self.name = until(self._newest, 60, "the run to begin")
        until(lambda: len(self.entries()) > before or self.process.poll() is not None, 60, "an entry of the run")

    def _newest(self) -> str | None:
        assert self.process.poll() is None, f"the run has ended in {self.process.poll()}: {self.stderr}"
        rows = self._rows("SELECT run FROM canarypolicy_runs ORDER BY started_us DESC LIMIT 1")
        return rows[0][0] if rows else None

    def _rows(self, query: str, *values: Any) -> list[tuple]:
        if not self.store.exists():
            return []
        try:
            with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=10)) as connection:
                return connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise

    def entries(self, kind: str | None = None) -> list[Entry]:
        rows = self._rows("SELECT seq, at_us, kind, text FROM canarypolicy_entries WHERE run = ? ORDER BY seq", self.name)
        return [
            Entry(seq=seq, at=at_us / 1e6, kind=each, body=json.loads(text))
            for seq, at_us, each, text in rows
            if kind in (None, each)
        ]

    def acts(self, kind: str, act: str, **body: Any) -> list[Entry]:
        """
        Give the entries of a kind about an act, such as `("confirm", "weight", step="full")`.
        """
        return [each for each in self.entries(kind) if each.body["act"] == act and body.items() <= each.body.items()]

    def entered(self, step: str, seconds: float = 60) -> Entry:
        """
        Wait until a step is entered: its weight was read back.
        """
        return until(lambda: self._step(step), seconds, f"the step {step}")

    def _step(self, step: str) -> Entry | None:
        found = [each for each in self.entries("event") if each.body["event"] == "step" and each.body["step"] == step]
        if not found:
            assert self.process.poll() is None, f"the run has ended in {self.process.poll()}: {self.stderr}"
        return found[0] if found else None

    def decisions(self, since: float = 0.0) -> list[dict[str, Any]]:
        """
        Give what was decided, with `reason_names` beside the reasons.
        """
        found = []
        for each in self.entries("decision"):
            if each.at >= since:
                record = each.body
                found.append({**record, "time": each.at, "reason_names": {reason["rule"] for reason in record["reasons"]}})
        return found

    def steps(self) -> list[str]:
        return [each.body["step"] for each in self.entries("event") if each.body["event"] == "step"]

    def notes(self) -> list[str]:
        return [each.body["note"] for each in self.entries("note")]

    def asked(self) -> float:
        """
        Give when the last request of an operator was in the store.
        """
        return self._rows("SELECT max(at_us) FROM canarypolicy_requests WHERE run = ?", self.name)[0][0] / 1e6

    @property
    def notices(self) -> list[dict[str, Any]]:
        """
        Give what people were told.
        """
        file = self.folder / "notices.jsonl"
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []

    @property
    def stderr(self) -> str:
        return (self.folder / "stderr").read_text(encoding="utf-8", errors="replace")

    @property
    def stdout(self) -> str:
        return (self.folder / "stdout").read_text(encoding="utf-8", errors="replace")

    def command(self, *arguments: str, status: int | None = 0) -> subprocess.CompletedProcess:
        """
        Run another command against the same store, and see that it ends as it should.
        """
        done = subprocess.run(
            [sys.executable, "-m", "canarypolicy", *arguments],
            cwd=self.folder, env=self.variables, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert status is None or done.returncode == status, f"{arguments} ended in {done.returncode}: {done.stdout}{done.stderr}"
        return done

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self, seconds: float = 60) -> int:
        """
        Wait for the run's end and give its exit status.
        """
        return self.process.wait(seconds)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


@contextmanager
def rollout(folder: Path, policy: str, environment: str, variables: Mapping[str, str]) -> Iterator[LiveRun]:
    """
    Have a rollout with these documents ready to start; whatever is still running at the end is ended.
    """
    (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    (folder / "environment.yaml").write_text(environment, encoding="utf-8")
    run = LiveRun(folder, variables)
    try:
        yield run
    finally:
        run.end()
