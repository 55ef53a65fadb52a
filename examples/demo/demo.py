"""
The storefront's runbook on real parts of this machine, with a fault of your choice, to its end.

    make demo FAULT=5xx

Two versions of a small shop, HAProxy, Prometheus, Redis and MariaDB run on loopback in temporary folders, and customers buy.
`canarypolicy run` carries out the storefront's own documents, minutes as seconds. What was started is ended, also by Ctrl-C;
the journal and the documents stay in a folder of their own. The parts are those that the tests run: see `tests/live/`.

Exit status: 0 it ended as the runbook says; 1 it did not, or something is not installed; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from faults import FAULTS, Fault
from parts import look_where_servers_are, what_is_missing

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

if TYPE_CHECKING:
    from live.rollout import LiveRun
    from live.runbook import Parts

PER_SECOND = 100
MOST_SECONDS = 600
"""How long the longest rollout may take, and customers buy."""
INTERRUPTED = 130
RUN, VERSION = "storefront-demo", "shop-2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """
    How long the demo takes.
    """

    words: dict[str, str]
    """Durations of the policy, and what they become; what is left of minutes becomes seconds."""
    before_fault: float
    """Seconds from a step's entry to the fault."""


def say(line: str) -> None:
    """
    Tell a line of the demo itself.
    """
    print(f"demo: {line}", flush=True)


def demo(fault: Fault, pace: Pace, folder: Path) -> int:
    """
    Carry the rollout out, end all that was started, and tell how it went.
    """
    from fake_service import FakeService  # noqa: PLC0415 - what is not installed is said before
    from live.runbook import running_parts  # noqa: PLC0415 - as above

    backups = folder / "backups"
    backups.mkdir(parents=True)
    say(f"the fault `{fault.name}`: {fault.does}")
    say(f"what the runbook should make of it: {fault.expected}")
    say("starting Redis, MariaDB, two versions of the shop, HAProxy, Prometheus, and customers ...")
    chat = FakeService(lambda _: (200, b"ok"))
    with (
        tempfile.TemporaryDirectory(prefix="demo") as temporary,
        chat.serving() as url,
        running_parts(Path(temporary), backups, url, per_second=PER_SECOND, most_seconds=MOST_SECONDS, patience="5s") as parts,
    ):
        run, status = _roll_out(fault, pace, folder, parts)
        percent = parts.stage.percent()
        say("ending all that was started ...")
    return _tell(fault, run, status, {"percent": percent, "notices": [asked.json["text"] for asked in chat.asked]})


def _roll_out(fault: Fault, pace: Pace, folder: Path, parts: Parts) -> tuple[LiveRun, int]:
    """
    Carry out the storefront's policy in the storefront's Environment, and give the run and its exit status.
    """
    from view import shown  # noqa: PLC0415 - as above

    from live.rollout import rollout  # noqa: PLC0415 - as above
    from live.storefront import environment_text, own_parts, policy_text  # noqa: PLC0415 - as above

    environment = environment_text(own_parts({}), at_the_proxy=fault.at_the_proxy)
    with rollout(folder, policy_text(pace.words), environment, parts.variables) as run:
        say("a backup of last night: canarypolicy backup create environment.yaml snapshot")
        run.command("backup", "create", "environment.yaml", "snapshot")
        parts.stage.wait_for_past(6)
        say(f"canarypolicy run policy.yaml environment.yaml --name {RUN} --artefact {VERSION}")
        run.start("--name", RUN, "--artefact", VERSION)
        with shown(run, say) as tell:
            _play(fault, pace, run, tell, parts)
            status = run.ended(MOST_SECONDS)
    return run, status


def _play(fault: Fault, pace: Pace, run: LiveRun, tell: Any, parts: Parts) -> None:
    """
    Inject the fault in its step; where the policy only holds, be the operator who aborts what is overdue.
    """
    from live.shops import until  # noqa: PLC0415 - as above

    if fault.inject is None:
        return
    run.entered(fault.at, MOST_SECONDS)
    time.sleep(pace.before_fault)
    fault.inject(parts)
    tell(f"{time.strftime('%H:%M:%S')}: {fault.does}")
    if fault.needs_operator:
        until(lambda: _is_overdue(run), MOST_SECONDS, "the step to be overdue", every=0.5)
        tell(f"{time.strftime('%H:%M:%S')}: it only holds, and is overdue; the operator ends it: canarypolicy abort {run.name}")
        run.command("abort", run.name, "--reason", f"overdue: {fault.does}", "--by", "demo")


def _is_overdue(run: LiveRun) -> bool:
    return any("overdue" in each["reason_names"] for each in run.decisions())


def _tell(fault: Fault, run: LiveRun, status: int, seen: dict[str, Any]) -> int:
    """
    Print how it ended, the checklist and how to replay the journal, none of which needs anything that was started.
    """
    print(f"\n{run.stdout.strip()}\n\nthe canary had {seen['percent']:.0f} % of the traffic at the end; people were told:")
    for notice in seen["notices"]:
        print(f"  {notice}")
    run.command("journal", "export", run.name, "-o", "journal.jsonl")
    checklist = run.command("checklist", run.name, status=None)
    print(f"\n{checklist.stdout.strip()}\n\nthe journal stays; without anything running, see it, judge it again, verify it:")
    store = ["--store", f"sqlite:///{_shown(run.store)}"]
    for words in (
        ["status", run.name, *store],
        ["checklist", run.name, *store],
        ["replay", _shown(run.folder / "policy.yaml"), _shown(run.folder / "journal.jsonl"), "--follow", "recording", "--all"],
        ["journal", "verify", run.name, *store],
    ):
        print(f"  {shlex.join([_program(), *words])}")
    if fault.outcome == "complete":
        print("the last item is a person's to tick:")
        print(f"  {shlex.join([_program(), 'approve', run.name, '--item', 'go', *store])}")
    print()
    outcome = {0: "complete", 4: "refused", 5: "rolled-back"}.get(status, f"ended in {status}")
    rules = _rules_of_rollback(run)
    if outcome != fault.outcome or (fault.rule and fault.rule not in rules):
        say(f"not as expected: {outcome}{_by(rules)}; expected: {fault.expected}")
        return 1
    say(f"as expected: {outcome}{_by(rules)}; all that was started has ended")
    return 0


def _rules_of_rollback(run: LiveRun) -> list[str]:
    """
    Give the reasons of the first decision to roll back.
    """
    found = [each for each in run.decisions() if each["decision"] == "rollback"]
    return sorted(found[0]["reason_names"]) if found else []


def _by(rules: list[str]) -> str:
    return f" by {', '.join(f'`{rule}`' for rule in rules)}" if rules else ""


def _shown(path: Path) -> str:
    """
    Give a path as one would type it here.
    """
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _program() -> str:
    """
    Give the canarypolicy of this Python, as one would type it here.
    """
    beside = Path(sys.executable).with_name("canarypolicy")
    return _shown(beside) if beside.exists() else "canarypolicy"


def _end(number: int, _frame: object) -> NoReturn:
    """
    Have everything ended, once: what comes while that goes on changes nothing.
    """
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt(number)


def main() -> int:
    """
    Read the command line, see that all is installed, and carry on.
    """
    parser = argparse.ArgumentParser(description="The storefront's rollout on real parts of this machine.")
    parser.add_argument("--fault", choices=FAULTS, default="none", help="what is to break (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="a plan of some ten seconds, instead of minutes as seconds")
    parser.add_argument("--folder", type=Path, help="a new folder for the documents and the journal (default: one in .demo)")
    asked = parser.parse_args()
    if sys.platform == "win32":
        say("HAProxy and Redis do not run on Windows: use a Linux, a macOS or WSL")
        return 1
    look_where_servers_are()
    if missing := what_is_missing():
        for line in missing:
            say(line)
        return 1
    from live.storefront import FULL, SHORT  # noqa: PLC0415 - as above

    pace = Pace(words=SHORT, before_fault=0.5) if asked.quick else Pace(words=FULL, before_fault=5.0)
    folder = asked.folder or ROOT / ".demo" / f"{time.strftime('%Y%m%d-%H%M%S')}-{asked.fault}"
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _end)
    try:
        return demo(FAULTS[asked.fault], pace, folder.absolute())
    except KeyboardInterrupt:
        say("interrupted; all that was started has ended")
        return INTERRUPTED
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        say(f"it did not work: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
