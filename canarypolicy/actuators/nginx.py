"""
nginx: a `split_clients` block in a file of its own, tested, reloaded and asked for until all workers say the same.

A reload of nginx is not free: for a moment old and new workers both accept, and a request may be dropped.
A bad file keeps the old configuration in silence, hence `nginx -t` before.
"""

from __future__ import annotations

import re
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, ClassVar

from canarypolicy.actuators.nginx_include import FIRST_LINE, Split, written_percent
from canarypolicy.actuators.nginx_processes import Master, master_of
from canarypolicy.actuators.percent import percent_of
from canarypolicy.actuators.whole_file import replace_file
from canarypolicy.documents.duration import SECOND_US, format_duration, microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.proxy_parameters import NginxParameters
from canarypolicy.http_calls import NoReply, Request, call, url_of
from canarypolicy.live.protocols import NotDone
from canarypolicy.processes import NotEnded, Program, arguments_of, run_program

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World

_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?", re.ASCII)
_EQUAL_ANSWERS = 5
"""In a row, each on a connection of its own: one worker's answer is not the others'."""
_PAUSE_SECONDS = 0.02


class Nginx:
    """
    Shares traffic out by a file that nginx includes.
    """

    name: ClassVar[str] = "nginx"
    Parameters = NginxParameters

    def __init__(self, label: str, parameters: NginxParameters, world: World) -> None:
        self._keeper = keeper = Keeper(f"actuator `{label}`", world)
        self._include = Path(keeper.text(parameters.include, "include"))
        self._pid_file = Path(keeper.text(parameters.pid_file, "pid_file"))
        self._test = (*arguments_of(keeper, (parameters.program, *parameters.arguments), "program"), "-t")
        self._url = url_of(keeper, parameters.probe_url, "probe_url")
        self._timeout_us = microseconds(parameters.timeout)
        self._split = Split(
            key=parameters.key, variable=parameters.variable, canary=parameters.canary, baseline=parameters.baseline
        )

    def set(self, weight: float) -> None:
        """
        Write the file, have it tested, reload, and wait until new workers only have the weight.

        A file that nginx does not take is put back as it was; one that is served already is left alone.
        """
        until = monotonic() + self._timeout_us / SECOND_US
        before, text, wanted = self._read(), self._split.text(weight), float(written_percent(weight))
        master = master_of(self._pid_file)
        if text == before and self._served(until) == wanted:
            return
        old = master.workers()
        self._write(before, text, master, until)
        while not (workers := master.workers()) or workers & old:
            sleep(min(_PAUSE_SECONDS, self._left(until)))
        found = self._served(until)
        if found != wanted:
            raise NotDone(f"nginx was reloaded with {wanted:g} percent, and serves {found:g}")

    def read_back(self) -> float:
        """
        Give the percent that the workers tell, once several answers in a row are equal.
        """
        return self._served(monotonic() + self._timeout_us / SECOND_US)

    def _read(self) -> str:
        name = self._keeper.shown(self._include.name)
        try:
            text = self._include.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or "it is no text"
            raise NotDone(f"the file `{name}`, which nginx includes, cannot be read: {why}") from None
        if text.partition("\n")[0].rstrip() != FIRST_LINE:
            raise NotDone(f"the file `{name}` is not overwritten: its first line is not `{FIRST_LINE}`")
        return text

    def _write(self, before: str, text: str, master: Master, until: float) -> None:
        # Its name begins with a dot: `include folder/*` passes over it.
        replace_file(self._include.with_name(f".{self._include.name}.before"), before)
        replace_file(self._include, text)
        try:
            self._have_tested(until)
            master.reload()
        except BaseException:
            replace_file(self._include, before)
            raise

    def _have_tested(self, until: float) -> None:
        limit_us = max(1, round(self._left(until) * SECOND_US))
        program = Program(arguments=self._test, variables=self._keeper.world.variables, timeout_us=limit_us)
        ended = run_program(program, self._keeper)
        if isinstance(ended, NotEnded):
            raise NotDone(f"nginx's configuration cannot be tested: {ended.why}")
        if ended.status != 0:
            lines = ended.stderr.strip().splitlines() or [f"status {ended.status}"]
            said = next((line for line in lines if "[emerg]" in line), lines[-1])
            raise NotDone(f"nginx does not take the split: {self._keeper.shown(said.removeprefix('nginx: '))}")

    def _served(self, until: float) -> float:
        """
        Ask until so many answers in a row are equal.
        """
        answers: list[float] = []
        while True:
            answers = [*answers, self._ask(until)][-_EQUAL_ANSWERS:]
            if len(answers) == _EQUAL_ANSWERS and len(set(answers)) == 1:
                return answers[0]
            sleep(min(_PAUSE_SECONDS, self._left(until)))

    def _ask(self, until: float) -> float:
        limit_us = max(1, round(self._left(until) * SECOND_US))
        reply = call(Request(method="GET", url=self._url, headers={}, timeout_us=limit_us))
        if isinstance(reply, NoReply):
            raise self._too_late() if monotonic() >= until else NotDone(f"nginx at its `probe_url`: {reply.why}")
        said = reply.body.decode(errors="replace").strip()
        if not reply.is_success or not _PERCENT.fullmatch(said):
            raise NotDone(f"`probe_url` gives a percent, found HTTP {reply.status} with `{self._keeper.shown(said)}`")
        return percent_of(float(said), "nginx")

    def _left(self, until: float) -> float:
        left = until - monotonic()
        if left <= 0:
            raise self._too_late()
        return left

    def _too_late(self) -> NotDone:
        return NotDone(f"nginx's workers did not all tell the same percent within {format_duration(self._timeout_us)}")
