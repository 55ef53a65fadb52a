"""
Every real history is one of the histories that a proof is about: no fact excludes it, and what is decided in it is what the terms say.
"""

from random import Random

import pytest
from canarypolicy.cel.computation import Computation
from canarypolicy.engine.event import StepEvent
from canarypolicy.engine.sample import RawSample
from canarypolicy.review.encoded import encode
from canarypolicy.review.matching import match_steps

from review.drawing import draw_policy, program_of
from review.mutants import draw_mutant
from review.real_histories import Told, draw_history, standing_of


@pytest.mark.parametrize("seed", range(40))
def test_no_real_history_is_excluded(seed):
    """At every sample of drawn histories all facts hold, what is shared agrees, and both decisions are those of the engine."""
    random = Random(seed)
    document = draw_policy(random)
    mutant, names = draw_mutant(random, document)
    old, new = program_of(document), program_of(mutant)
    common = match_steps(old.checked, new.checked).common
    if not common:
        return
    steps = list(common.items())
    follower = Follower(encode(old, new, common), steps, names)
    histories = (draw_history(random, {**old.signals, **new.signals}, steps) for _ in range(12))
    assert sum(follower.follow(old, new, items) for items in histories) > 0


class Follower:
    """Follows histories with both policies and the terms."""

    def __init__(self, encoded, steps, names):
        self.encoded, self.steps, self.names = encoded, steps, names
        self.facts = Computation(encoded.facts)
        sides = (encoded.old, encoded.new)
        self.decisions = [Computation((step.rollback, step.blocked)) for side in sides for step in side.steps]

    def follow(self, old, new, items):
        encoded, steps, names, facts, decisions = self.encoded, self.steps, self.names, self.facts, self.decisions
        gated = any(type(item).__name__ == "GateEvent" for item in items)
        both = [Told(old, gated=gated), Told(new, gated=gated)]
        renamed = dict(steps)
        place = 0
        checked = 0
        for item in items:
            if isinstance(item, StepEvent):
                place = [name for name, _ in steps].index(item.step)
                both[0].event(item)
                both[1].event(StepEvent(at_us=item.at_us, step=renamed[item.step]))
                continue
            if not isinstance(item, RawSample):
                for told in both:
                    told.event(item)
                if any(told.state.course.final is not None for told in both):
                    break  # an event alone settled it
                continue
            for told in both:
                told.sample(item)
            if any(told.decision is None for told in both):
                continue
            values = standing_of(encoded, *both, item, place)
            held = facts.on(values)
            assert all(held), (names, [encoded.facts[i] for i, each in enumerate(held) if not each], values)
            for index, told in enumerate(both):
                rollback, blocked = decisions[index * len(steps) + place].on(values)
                found = "rollback" if rollback else "hold" if blocked else "advance"
                assert found == told.decision.verdict.value, (names, item, told.decision, values)
            checked += 1
            if any(told.state.course.final is not None for told in both):
                break
        return checked
