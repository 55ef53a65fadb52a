"""
Proofs held against the independent judge, on random policies and their mutants.

`make soundness` runs this on 5,000 mutants: `python -m review.soundness [MUTANTS] [FIRST_SEED] [PROCESSES]`.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from random import Random
from typing import TYPE_CHECKING
from unittest.mock import patch

from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.program import build
from canarypolicy.engine.sample import RawSample
from canarypolicy.errors import Unsupported
from canarypolicy.review import proving
from canarypolicy.review.edits import edits
from canarypolicy.review.findings import Certainty, Edit, Transition
from canarypolicy.review.matching import match_steps
from canarypolicy.review.replaying import Pair
from canarypolicy.review.witness import find_witness

from review.drawing import Document, draw_policy, policy_of
from review.happenings import Cell, Item, decided_last
from review.mutants import draw_mutant
from review.reachable import Found, Search

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy

MUTANTS_OF_EACH = 5
TRANSITIONS = 4_000
"""So many samples are tried for each mutant; a fifth where derived or built-in signals make each of them dear."""
MOST_TRIES = 60
"""So many histories are tried for each witness: fewer than a review tries, for time."""
DEPENDS = "it depends on"
"""How the reason begins where a proof says that it does not see into an expression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """
    A verdict that is not so.
    """

    what: str
    cell: Cell | None
    """None: no verdict was given."""
    items: tuple[Item, ...]
    """A history that shows it."""
    documents: tuple[Document, Document]
    edited: str

    def __str__(self) -> str:
        shown = "\n".join(f"  {item}" for item in self.items)
        where = "" if self.cell is None else f": {self.cell[1].value} -> {self.cell[2].value} in `{self.cell[0]}`"
        both = "\n".join(json.dumps(each) for each in self.documents)
        return f"{self.what}{where} ({self.edited})\n{shown}\n{both}"


@dataclass(slots=True)
class Tally:
    """
    What came of the mutants that were judged.
    """

    mutants: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    """Verdicts that are unknown though nothing is opaque."""
    missed: int = 0
    """Pairs of decisions that were reached, for which no witness was given."""
    exhausted: int = 0
    """Mutants for which nothing on the grid was left to try."""
    violations: list[Violation] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """
        Take in what came of further mutants.
        """
        self.mutants += other.mutants
        self.verdicts += other.verdicts
        self.unknown += other.unknown
        self.missed += other.missed
        self.exhausted += other.exhausted
        self.violations += other.violations

    @property
    def share_unknown(self) -> float:
        return self.unknown / max(1, self.verdicts.total())

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(self.verdicts.items()))
        return (
            f"{self.mutants} mutants, {self.verdicts.total()} verdicts: {counts}; unknown without riddles {self.share_unknown:.1%}, "
            f"reached without a witness {self.missed}, exhausted {self.exhausted}, violations {len(self.violations)}"
        )


def drawn(seed: int, count: int) -> Iterator[tuple[Document, Document, str]]:
    """
    Draw policies with mutants of each.
    """
    random = Random(seed)
    document = draw_policy(random)
    for index in range(count):
        if index and index % MUTANTS_OF_EACH == 0:
            document = draw_policy(random)
        yield (document, *draw_mutant(random, document))


def judge(seed: int, count: int, transitions: int = TRANSITIONS) -> Tally:
    """
    Prove each mutant's matrix and hold it against what can be reached.
    """
    tally = Tally()
    for index, (old, new, edited) in enumerate(drawn(seed, count)):
        judge_pair(tally, (old, new), edited, Random(seed * 1_000_003 + index), transitions)
    return tally


def judge_pair(tally: Tally, documents: tuple[Document, Document], edited: str, random: Random, transitions: int) -> None:
    """
    Prove one matrix and hold it against what can be reached.
    """
    tally.mutants += 1
    pair, steps, changes = _pair_of(documents)
    try:
        verdicts = _proved(pair, steps, changes)
    except Unsupported as mismatch:
        tally.verdicts["mismatch"] += 1
        tally.violations.append(Violation(what=str(mismatch), cell=None, items=(), documents=documents, edited=edited))
        return
    claimed = {(each.step, each.old, each.new): each for each in verdicts}
    tally.verdicts.update(each.certainty.value for each in verdicts)
    tally.unknown += sum(each.certainty is Certainty.UNKNOWN and not each.why.startswith(DEPENDS) for each in verdicts)
    for cell, each in claimed.items():
        what = wrong_witness(pair, each)
        if what is not None:
            items = () if each.witness is None else each.witness.items
            tally.violations.append(Violation(what=what, cell=cell, items=items, documents=documents, edited=edited))
    if pair.old_names or not steps:
        return  # the search knows steps by one name only
    search = Search(pair.old, pair.new, random)
    is_any_proved = any(each.certainty is Certainty.PROVED for each in verdicts)
    found = search.run(transitions // 5 if search.reads_past else transitions, None if is_any_proved else set())
    tally.exhausted += found.is_exhausted
    _hold_against(tally, found, claimed, documents, edited)
    rounded = {cell for cell, each in claimed.items() if each.certainty is Certainty.ROUNDING_ONLY}
    if rounded:
        clear = Search(pair.old, pair.new, random, is_clear=True).run(transitions // 5, rounded)
        for cell in rounded & clear.cells.keys():
            what = "said to be only rounding, and reached far from every limit"
            items = clear.cells[cell]
            tally.violations.append(Violation(what=what, cell=cell, items=items, documents=documents, edited=edited))


def verdicts_of(documents: tuple[Document, Document]) -> tuple[Transition, ...]:
    """
    Prove the matrix of two documents; if the proof reads them wrongly, this is `Unsupported`.
    """
    return _proved(*_pair_of(documents))


def _pair_of(documents: tuple[Document, Document]) -> tuple[Pair, dict[str, str], Sequence[Edit]]:
    old, new = _loaded(documents[0]), _loaded(documents[1])
    steps = match_steps(old, new).common
    names = {after: before for before, after in steps.items() if before != after}
    return Pair(old=build(old), new=build(new), old_names=names), dict(steps), edits(old, new)


def _proved(pair: Pair, steps: dict[str, str], changes: Sequence[Edit]) -> tuple[Transition, ...]:
    with patch.object(proving, "find_witness", partial(find_witness, most=MOST_TRIES)):
        return proving.prove(pair, steps, changes).transitions


def _loaded(document: Document) -> CheckedPolicy:
    checked = policy_of(document)
    assert checked is not None, document
    return checked


def _hold_against(
    tally: Tally, found: Found, claimed: dict[Cell, Transition], documents: tuple[Document, Document], edited: str
) -> None:
    has_gates = any("gates" in each["plan"] for each in documents)  # of which traces say nothing
    for cell, items in found.cells.items():
        certainty = claimed[cell].certainty
        tally.missed += claimed[cell].witness is None
        what = None
        if certainty is Certainty.PROVED:
            what = "said to be proved, and reached"
        elif certainty is Certainty.NOT_WITHIN_K and not has_gates and _is_within(claimed[cell].why, items):
            what = f"said that {claimed[cell].why}, and reached by such"
        if what is not None:
            tally.violations.append(Violation(what=what, cell=cell, items=items, documents=documents, edited=edited))


def _is_within(why: str, items: tuple[Item, ...]) -> bool:
    """
    Tell whether a history is one of those that a verdict over traces speaks of: so many samples, evenly spaced, in one step, and no operator.
    """
    said = re.match(r"no (\d+) samples, 1m apart", why)
    taken = [item.at_us for item in items if isinstance(item, RawSample)]
    events = [item for item in items if not isinstance(item, RawSample)]
    is_even = taken[0] % (60 * SECOND_US) == 0 and all(later - before == 60 * SECOND_US for before, later in pairwise(taken))
    return said is not None and len(events) == 1 and is_even and len(taken) <= int(said[1])


def wrong_witness(pair: Pair, transition: Transition) -> str | None:
    """
    Say what is wrong with a transition's witness, if anything is.
    """
    witness = transition.witness
    if witness is None:
        return "a witness is missing" if transition.certainty is Certainty.WITNESS else None
    old = decided_last(pair.old, pair.in_old_words(witness.items))
    new = decided_last(pair.new, witness.items)
    if old != (transition.old, pair.old_name(transition.step)) or new != (transition.new, transition.step):
        return f"the witness does not replay: {old} and {new}"
    if (witness.old.verdict, witness.new.verdict) != (transition.old, transition.new):
        return "the witness's own decisions are others"
    return None


def main() -> int:
    """
    Judge many mutants, on all cores if no number of processes is given, and print what came of them.
    """
    mutants = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    processes = int(sys.argv[3]) if len(sys.argv) > 3 else None
    seeds = range(first, first + -(-mutants // 50))
    tally = Tally()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for part in pool.map(judge, seeds, [50] * len(seeds)):
            tally.add(part)
            print(tally, flush=True)
    for violation in tally.violations:
        print(f"\n{violation}")
    return 1 if tally.violations else 0


if __name__ == "__main__":
    sys.exit(main())
