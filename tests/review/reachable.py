"""
The independent judge of proofs: which pairs of decisions two policies can reach, searched over bounded histories.

It knows nothing of the encoding. The search goes over pairs of states in the words of SPEC 2.3 and 2.4, with times
relative to now and cut where longer makes no difference, so that equal situations meet; every pair of decisions that it
reports has been decided so by the engine itself, on the history that leads there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from random import Random
from typing import Any

from canarypolicy.derived.window import Missing as MissingValue
from canarypolicy.derived.window import Tick as DerivedTick
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import GateEvent, StepEvent
from canarypolicy.engine.observation import truth_of
from canarypolicy.engine.program import Program, ProgramRule
from canarypolicy.engine.rollout import begin
from canarypolicy.engine.sample import RawSample, admit_sample

from review.grid import expressions_of, rows
from review.happenings import Cell, Happens, Item, confirm, events_of
from review.runs import NO_RUN, Run, after_slo, after_watch, unheard
from review.situations import Found, Past, Side, Situation, TakenOn, after_event


class Search:
    """
    A bounded search over the histories of a pair of policies.
    """

    def __init__(self, old: Program, new: Program, random: Random, *, is_clear: bool = False) -> None:
        self.programs = (old, new)
        self.random = random
        self.reads_past = any(program.derived for program in self.programs) or any(
            name.startswith("rollout.") for program in self.programs for each in expressions_of(program) for name in each.signals
        )
        self.rows = rows(random, self.programs, 30 if self.reads_past else 400, is_clear=is_clear)
        self.admitted = [
            tuple(admit_sample(RawSample(at_us=0, signals=row), program.signals).values for program in self.programs)
            for row in self.rows
        ]
        is_one_schema = old.signals == new.signals and [(each.name, each.parameters) for each in old.derived] == [
            (each.name, each.parameters) for each in new.derived
        ]
        self.truths: dict[Any, tuple[int, ProgramRule]] = {}
        self.watch_slots: dict[Any, int] = {}
        self.slo_slots: dict[Any, int] = {}
        self.sides = tuple(Side(self, program, index, one=is_one_schema) for index, program in enumerate(self.programs))
        self.truth_keys = list(self.truths)
        self.steps = [step.name for step in old.steps if step.name in {each.name for each in new.steps}]
        self.caps = {name: self._cap(name) for name in self.steps}
        self.spans = self._spans()
        places = {key: place for place, key in enumerate(self.truth_keys)}
        self.watched = [(places[key], asked, gap_us, slot) for (key, asked, gap_us), slot in self.watch_slots.items()]
        self.gathered = [(places[key], asked, slot) for (key, asked, _), slot in self.slo_slots.items()]
        self.known: dict[Any, TakenOn] = {}
        self.known_runs: dict[Any, tuple[Run, int]] = {}
        if not self.reads_past:
            self._merge_rows()

    def _spans(self) -> tuple[int, ...]:
        """
        Give the times between samples: as planned, at the longest gap that counts as watching, and beyond it.
        """
        every, gaps = self.programs[1].every_us, sorted(program.max_gap_us for program in self.programs)
        asked = [key[1] for key in (*self.watch_slots, *self.slo_slots)]
        times = [each.for_us or 0 for each in asked] + [each.after_us or 0 for each in asked]
        times += [time for program in self.programs for step in program.steps for time in (step.min_us, step.max_us or 0)]
        halves = [every // 2] if self.reads_past or any(time % every for time in times) else []
        return tuple(dict.fromkeys((every, *gaps, gaps[1] + every, *halves)))

    def _cap(self, name: str) -> int:
        steps = [program.step_named(name) for program in self.programs]
        return max(max(step.min_us, -1 if step.max_us is None else step.max_us) for step in steps) + 1

    def _merge_rows(self) -> None:
        """
        Keep one row for each combination of what the rules make of it.
        """
        kept: dict[tuple[Any, ...], int] = {}
        for index in range(len(self.rows)):
            kept.setdefault(tuple(self._truth(key, self.admitted[index]) for key in self.truth_keys), index)
        self.rows = [self.rows[index] for index in kept.values()]
        self.vectors = list(kept)

    def _truth(self, key: Any, values: tuple[Any, ...]) -> Any:
        side, rule = self.truths[key]
        return truth_of(rule, values[side])

    def run(self, budget: int, wanted: set[Cell] | None = None) -> Found:
        """
        Search until so many transitions have been tried, nothing is left, or all that is wanted has been reached.
        """
        found = Found()
        self.nodes: list[tuple[Situation, int, Happens | None]] = []
        self.changes: list[int] = []
        self.seen: set[Situation] = set()
        self.open: list[list[tuple[int, Iterator[Happens]]]] = [[], [], []]
        """Where there is more to try, by how often the history so far changes: never, once, more often."""
        for situation in self._beginnings():
            self._add(situation, -1, None)
        while any(self.open) and found.transitions < budget:
            weights = [weight * bool(group) for weight, group in zip((4, 2, 1), self.open, strict=True)]
            group = self.random.choices(self.open, weights)[0]
            place = self.random.randrange(len(group))
            node, ticks = group[place]
            for _ in range(12):
                happens = next(ticks, None)
                if happens is None:
                    group[place] = group[-1]
                    group.pop()
                    break
                found.transitions += 1
                self._try(node, happens, found)
            if wanted is not None and wanted <= found.cells.keys():
                return found
        found.is_exhausted = not any(self.open)
        return found

    def _beginnings(self) -> Iterator[Situation]:
        gates = any(program.after_gates or program.before_gates for program in self.programs)
        for step in self.steps:
            for gated, ready in ((False, False), (True, True), (True, False)) if gates else ((False, False),):
                past = None
                if self.reads_past:
                    derived = tuple(begin(program).derived for program in self.programs)
                    past = Past(now_us=0, previous_us=None, entered_us=0, entries={"start": 0, step: 0}, derived=derived)
                yield Situation(
                    step=step, elapsed_us=0, spent_us=0, gated=gated, ready=ready, past=past,
                    watches=(NO_RUN,) * len(self.watch_slots), slos=(NO_RUN,) * len(self.slo_slots),
                )  # fmt: skip

    def _add(self, situation: Situation, parent: int, happens: Happens | None) -> None:
        if not self.reads_past:
            if situation in self.seen:
                return
            self.seen.add(situation)
        changes = 0
        if happens is not None:
            changes = self.changes[parent]
            before = self.nodes[parent][2]
            changes += (before is not None and before.row != happens.row) or happens.event is not None
        self.nodes.append((situation, parent, happens))
        self.changes.append(changes)
        choices = self._choices(situation, None if happens is None else happens.row)
        self.open[min(changes, 2)].append((len(self.nodes) - 1, choices))

    def _choices(self, situation: Situation, row: int | None) -> Iterator[Happens]:
        """
        Give all that may happen next, in an order at random; events are sparse.
        """
        every, gap = self.spans[0], self.spans[1]
        if row is not None:  # what stands goes on standing: this is how runs get long
            yield from (Happens(after_us, row) for after_us in dict.fromkeys((every, gap)))
        spans = (0, *self.spans) if situation.is_first else self.spans
        quiet = [Happens(after_us, each) for after_us in spans for each in range(len(self.rows))]
        self.random.shuffle(quiet)
        yield from quiet[:24]
        if situation.events < 2 and not situation.is_first:
            events = list(self._events(situation))
            few = [Happens(span, each, *event) for span in (every, gap) for each in range(len(self.rows)) for event in events]
            self.random.shuffle(few)
            yield from (each for pair in zip_longest(quiet[24:], few) for each in pair if each is not None)
            return
        yield from quiet[24:]

    def _events(self, situation: Situation) -> Iterator[tuple[str, str]]:
        later = self.steps[self.steps.index(situation.step) + 1 :]
        yield from (("step", name) for name in later[:2])
        if situation.idle is None:
            yield ("pause", "")
            yield ("freeze", "")
        else:
            yield ("resume" if situation.idle == "pause" else "unfreeze", "")
        if any(program.step_named(situation.step).needs_approval for program in self.programs):
            yield ("approve", "")
        last = all(program.steps[-1].name == situation.step for program in self.programs)
        gates = {gate.name for program in self.programs for gate in program.after_gates}
        if situation.gated and last and len(gates) == 1:
            yield ("pass", next(iter(gates)))
        if situation.gated and len(gates) == 1:
            yield ("fail", next(iter(gates)))

    def _try(self, node: int, happens: Happens, found: Found) -> None:
        situation = after_event(self.nodes[node][0], happens)
        situation, verdicts, is_final = self._after_sample(situation, happens)
        cell = (situation.step, *verdicts)
        if verdicts[0] is verdicts[1]:
            found.agreed.add(cell)
        elif cell not in found.cells:
            found.cells[cell] = self._history(node, happens)
            confirm(self.programs, found.cells[cell], cell, gated=situation.gated)
        if not is_final:
            self._add(situation, node, happens)

    def _after_sample(self, now: Situation, happens: Happens) -> tuple[Situation, tuple[Verdict, Verdict], bool]:
        after_us, cap = happens.after_us, self.caps[now.step]
        spent_us = now.spent_us if now.idle is not None else min(now.spent_us + after_us, cap)
        elapsed_us = min(now.elapsed_us + after_us, cap)
        idle = None if happens.event in ("resume", "unfreeze") else now.idle
        truths, past = self._truths(now, happens)
        watches, slos, standings, met = self._taken_on(now, after_us, truths)
        following = now._replace(
            elapsed_us=elapsed_us,
            spent_us=spent_us,
            idle=idle,
            is_first=False,
            watches=watches,
            slos=slos,
            past=past,
        )
        verdicts = []
        for side in self.sides:
            failed = happens.event == "fail" and side.rolls_back_on_fail
            verdicts.append(Verdict.ROLLBACK if failed else side.decide(following, standings, met))
        is_final = Verdict.ROLLBACK in verdicts or any(
            verdict is Verdict.ADVANCE and side.last == now.step for side, verdict in zip(self.sides, verdicts, strict=True)
        )
        return following, (verdicts[0], verdicts[1]), is_final

    def _taken_on(self, now: Situation, after_us: int, truths: tuple[Any, ...]) -> TakenOn:
        """
        Take a sample into the pasts of all rules: what equal pasts make of equal truths is worked out once.
        """
        memory = (now.watches, now.slos, truths, after_us, now.is_first)
        if memory in self.known:
            return self.known[memory]
        watches, standings = [], []
        for place, asked, gap_us, slot in self.watched:
            run, truth = now.watches[slot], truths[place]
            known = (slot, run, truth, after_us, now.is_first)
            if known not in self.known_runs:
                self.known_runs[known] = after_watch(asked, run, truth, after_us, unheard(now.is_first, after_us, gap_us))
            after, standing = self.known_runs[known]
            watches.append(after)
            standings.append(standing)
        slos, met = list(now.slos), [False] * len(now.slos)
        for place, asked, slot in self.gathered:
            slos[slot], met[slot] = after_slo(asked, now.slos[slot], truths[place], 0 if now.is_first else after_us)
        found = tuple(watches), tuple(slos), tuple(standings), tuple(met)
        self.known[memory] = found
        return found

    def _truths(self, now: Situation, happens: Happens) -> tuple[tuple[Any, ...], Past | None]:
        if not self.reads_past:
            return self.vectors[happens.row], None
        past: Past = now.past
        at_us = past.now_us + happens.after_us
        values, states = [], []
        for index, program in enumerate(self.programs):
            row = dict(self.admitted[happens.row][index])
            tick = DerivedTick(
                at_us=at_us, previous_us=past.previous_us, max_gap_us=program.max_gap_us, entries=past.entries,
                entered_us=past.entered_us, entry_belongs=past.entered_us == 0,
            )  # fmt: skip
            folded = []
            for each, before in zip(program.derived, past.derived[index], strict=True):
                inputs = tuple(row[name] if name in row else MissingValue(why="") for name in each.reads)
                value, state = each.function.fold(before, tick, inputs)
                folded.append(state)
                if not isinstance(value, MissingValue):
                    row[each.name] = value
            row["rollout.step"], row["rollout.weight"] = now.step, program.step_named(now.step).weight
            row["rollout.step_elapsed_seconds"] = (at_us - past.entered_us) / SECOND_US
            row["rollout.elapsed_seconds"] = at_us / SECOND_US
            values.append(row)
            states.append(tuple(folded))
        following = Past(
            now_us=at_us, previous_us=at_us, entered_us=past.entered_us, entries=past.entries, derived=(states[0], states[1])
        )
        return tuple(self._truth(key, tuple(values)) for key in self.truth_keys), following

    def _history(self, node: int, last: Happens) -> tuple[Item, ...]:
        """
        Write down what led to a node and then happened.
        """
        happenings = [last]
        while self.nodes[node][1] >= 0:
            _, parent, happens = self.nodes[node]
            assert happens is not None
            happenings.append(happens)
            node = parent
        first = self.nodes[node][0]
        before = {gate.name for program in self.programs for gate in program.before_gates if first.ready}
        items: list[Item] = [GateEvent(at_us=0, gate=name, passed=True) for name in sorted(before)]
        items.append(StepEvent(at_us=0, step=first.step))
        at_us = 0
        for happens in reversed(happenings):
            before_us, at_us = at_us, at_us + happens.after_us
            items += events_of(happens, before_us, at_us)
            items.append(RawSample(at_us=at_us, signals=self.rows[happens.row]))
        return tuple(items)
