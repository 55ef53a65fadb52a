"""
Witnesses as recordings: what each file is called and what is in it.

Names say which question a witness answers, and are the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from canarypolicy.engine.sample import RawSample
from canarypolicy.history.recording_text import event_line, header_line, sample_line, text_of_line
from canarypolicy.review.findings import PolicyReview, Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessFile:
    """
    One witness and the name of its file.
    """

    name: str
    policy: PolicyReview
    witness: Witness
    is_of_one: bool = False
    """Whether it is about the new policy alone."""

    @property
    def text(self) -> str:
        """
        The lines of a JSONL recording.
        """
        return witness_text(self.witness, self.name.removesuffix(".jsonl"))


def witness_text(witness: Witness, rollout: str) -> str:
    """
    Give a witness as the lines of a JSONL recording.
    """
    return "".join(text_of_line(line) for line in (header_line(rollout), *witness_lines(witness)))


def witness_lines(witness: Witness) -> Iterator[dict[str, Any]]:
    """
    Give a witness's samples and events as the objects on the lines of a recording.
    """
    return (sample_line(item) if isinstance(item, RawSample) else event_line(item) for item in witness.items)


def witness_files(reviews: Iterable[PolicyReview]) -> tuple[WitnessFile, ...]:
    """
    Give a file for every witness; a name that is there already gets a number.
    """
    files: dict[str, WitnessFile] = {}
    for review in reviews:
        for question, witness, is_of_one in _witnesses(review):
            stem = f"{review.name}-{question}"
            names = (f"{stem}{'' if count == 1 else f'-{count}'}.jsonl" for count in range(1, len(files) + 2))
            name = next(each for each in names if each not in files)
            files[name] = WitnessFile(name=name, policy=review, witness=witness, is_of_one=is_of_one)
    return tuple(files.values())


def _witnesses(review: PolicyReview) -> Iterator[tuple[str, Witness, bool]]:
    for each in review.transitions:
        if each.witness is not None:
            yield f"{each.step}-{each.old.value}-{each.new.value}", each.witness, False
    for remark in review.remarks:
        if remark.witness is not None:
            yield remark.name, remark.witness, True
