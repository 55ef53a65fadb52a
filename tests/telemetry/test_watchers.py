"""
Several watchers as one.
"""

import io

from canarypolicy.live.protocols import Told
from canarypolicy.telemetry.address import ListenAddress
from canarypolicy.telemetry.log import LogStyle, LogWatcher
from canarypolicy.telemetry.metrics import MetricsWatcher
from canarypolicy.telemetry.watchers import OfRun, Watchers, watchers_of


class FakeWatcher:
    """Notes what reaches it."""

    def __init__(self, name, seen):
        self.name, self.seen = name, seen

    def tell(self, told):
        self.seen.append((self.name, told.event))

    def measure(self, facts):
        self.seen.append((self.name, facts))

    def close(self):
        self.seen.append((self.name, "closed"))


def test_everything_reaches_everyone_and_the_first_is_closed_last():
    seen = []
    with Watchers(FakeWatcher("log", seen), FakeWatcher("metrics", seen)) as watchers:
        watchers.tell(Told(level="info", event="e", message="m"))
        watchers.measure({"a": 1})
    assert seen == [
        ("log", "e"), ("metrics", "e"), ("log", {"a": 1}), ("metrics", {"a": 1}), ("metrics", "closed"), ("log", "closed"),
    ]  # fmt: skip


def logged(listen):
    stream = io.StringIO()
    with watchers_of(LogWatcher(stream, lambda: 0, LogStyle()), listen) as watchers:
        kinds = [type(each) for each in watchers._watchers]
        port = watchers._watchers[-1].address.port if listen else None
    return kinds, port, stream.getvalue()


def test_without_an_address_nobody_listens():
    assert logged(None) == ([LogWatcher], None, "")


def test_where_it_listens_is_told():
    kinds, port, text = logged(ListenAddress(host="127.0.0.1", port=0))
    assert kinds == [LogWatcher, MetricsWatcher]
    assert text == f"00:00:00 metrics at http://127.0.0.1:{port}/metrics\n"


def test_listening_beyond_this_machine_is_warned_of():
    _, port, text = logged(ListenAddress(host="0.0.0.0", port=0))
    assert text == (
        f"00:00:00 warning: metrics at http://0.0.0.0:{port}/metrics: other machines can read them, and nobody is asked who they are\n"
    )


def test_lines_of_a_run_say_which_run_it_is():
    stream = io.StringIO()
    log = LogWatcher(stream, lambda: 0, LogStyle())
    seen = []
    watcher = OfRun(Watchers(log, FakeWatcher("metrics", seen)), "shop-1", "shop")
    watcher.tell(Told(level="info", event="e", message="m"))
    watcher.measure({"a": 1})
    log.close()
    assert stream.getvalue() == "00:00:00 rollout shop-1: m\n"
    assert seen == [("metrics", "e"), ("metrics", {"a": 1})]
