"""
What tests of the loop share: a store that may be silent, and what a fake stage's journal says.
"""

import json
from dataclasses import dataclass

from canarypolicy.live.storing import StoreDown
from canarypolicy.live.verifying import verify

from live.crash_driver import POLICY
from live.fakes import HEALTHY, RUN

FAST = POLICY.replace("approval: required", "max: 1h")
"""Without a person's approval."""


@dataclass
class FlakyStore:
    """
    A real store that cannot be reached while `is_down`.
    """

    store: object
    is_down: bool = False

    def __getattr__(self, name):
        if self.is_down and name != "close":
            raise StoreDown("the store does not answer")
        return getattr(self.store, name)


def errors_from(first, last=10_000):
    return lambda second: HEALTHY | {"canary.errors": 0.05 if first <= second < last else 0.001}


def entries(stage, *kinds):
    return [(entry.kind, json.loads(entry.text)) for entry in stage.store.entries(RUN) if not kinds or entry.kind in kinds]


def weights(stage):
    return [body["weight"] for kind, body in entries(stage, "confirm") if body["act"] == "weight"]


def decisions(stage):
    return [body for _, body in entries(stage, "decision")]


def at(stage, **happenings):
    """Do something when a second has come: `at(stage, s5=call)`."""
    due = {int(name[1:]): call for name, call in happenings.items()}

    def tell(second):
        for when in [when for when in due if when <= second]:
            due.pop(when)()

    stage.clock.on_second = tell


def is_whole(stage):
    return verify(stage.store.find(RUN, stage.world.now_us), stage.store.entries(RUN)) == ()


def heal(stage):
    stage.traffic.refuse = lambda: None
