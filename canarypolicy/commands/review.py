"""
`canarypolicy review`: what a change of policies does, proved over all histories and shown on recorded ones.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.inputs import expand, read_file
from canarypolicy.commands.outputs import takes_output, write_file
from canarypolicy.commands.review_pairs import pairs_of
from canarypolicy.engine.program import build
from canarypolicy.errors import Unavailable
from canarypolicy.exit_status import ExitStatus
from canarypolicy.reports.result import Review
from canarypolicy.reports.review_findings import review_findings
from canarypolicy.review.policy_test import Named, policy_test_text
from canarypolicy.review.reviewing import ReviewOptions, review
from canarypolicy.review.standing import FailOn, refusals
from canarypolicy.review.witness_files import witness_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.engine.program import Program
    from canarypolicy.history.recording import Recording
    from canarypolicy.review.findings import PolicyReview
    from canarypolicy.review.witness_files import WitnessFile

_RECORDINGS = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".parquet")


@click.command("review")
@click.argument("paths", metavar="OLD NEW | [PATH...]", nargs=-1)
@click.option("--base", metavar="GIT_REV", help="Review what changed since this git revision, in PATH... or everywhere.")
@click.option(
    "--recordings", metavar="DIR", multiple=True, help="Replay these through both policies; may be given several times."
)
@click.option(
    "--headroom", "has_headroom", is_flag=True, help="Show how far each limit could move without another recorded outcome."
)
@click.option(
    "--witness-dir", metavar="DIR", help="Write each witness as a recording and, where a test can say it, as a PolicyTest."
)
@click.option(
    "--fail-on",
    type=click.Choice([fail_on.value for fail_on in FailOn]),
    default=FailOn.LOOSER.value,
    show_default=True,
    help="What ends in 3: a lost rollback or new advance; any change; a question without an answer; nothing.",
)
@takes_output(Review)
def command(*, outputs: Outputs, paths: tuple[str, ...], base: str | None, witness_dir: str | None, **options: Any) -> ExitStatus:
    """
    Say what a change of policies does: whether a history exists that is decided otherwise.

    With --base, the policies in PATH... that git sees changed are held against what they were; renamed ones are found.

    Exit status: 0 passed; 3 refused by --fail-on, or a policy is invalid; 1 it could not be reviewed.
    """
    pairs = pairs_of(paths, base, outputs.console)
    asked = ReviewOptions(recordings=_recordings(options["recordings"]), has_headroom=_headroom(options))
    reviews = tuple(review(old, new, asked) for old, new in pairs)
    fail_on = FailOn(options["fail_on"])
    files = () if witness_dir is None else _written(witness_dir, reviews, [new for _, new in pairs])
    result = Review(
        policies=reviews,
        fail_on=fail_on,
        base=base,
        witness_dir=witness_dir,
        witnesses=files,
    )
    if outputs.wants("sarif"):
        result = replace(result, pages=_pages(result))
    is_refused = any(refusals(each, fail_on) for each in reviews)
    return outputs.deliver(result, ExitStatus.FINDINGS if is_refused else ExitStatus.ADVANCE)


def _headroom(options: Mapping[str, Any]) -> bool:
    if options["has_headroom"] and not options["recordings"]:
        raise click.UsageError("--headroom needs --recordings: limits are held against recorded rollouts")
    return bool(options["has_headroom"])


def _recordings(paths: Iterable[str]) -> tuple[Recording, ...]:
    """
    Read all recordings; an invalid one is refused, since what it would show is not known.
    """
    from canarypolicy.history.recording import read_recordings  # noqa: PLC0415 - most reviews have none

    given = list(paths)
    files = expand(given, _RECORDINGS) if given else []
    return tuple(recording for path in files for recording in read_recordings(read_file(path), path))


def _written(folder: str, reviews: Sequence[PolicyReview], policies: Sequence[CheckedPolicy | None]) -> tuple[WitnessFile, ...]:
    """
    Write each witness, and what the new policy decides on it as a test; the folder is made if it is not there.
    """
    files = witness_files(reviews)
    programs = {policy.source.path: build(policy) for policy in policies if policy is not None}
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"cannot make the folder `{folder}`: {(error.strerror or str(error)).lower()}") from error
    for file in files:
        path = Path(folder) / file.name
        write_file(str(path), file.text)
        test = _test_of(file, folder, programs)
        if test is not None:
            write_file(str(path.with_suffix(".test.yaml")), test)
    return files


def _test_of(file: WitnessFile, folder: str, programs: Mapping[str, Program]) -> str | None:
    """
    Give a witness as a test of the new policy, whose file it names as seen from its own.
    """
    new_path = file.policy.new_path
    if new_path is None or not Path(new_path).exists():
        return None
    try:
        seen = os.path.relpath(new_path, folder)
    except ValueError:  # it is on another drive of Windows
        seen = str(Path(new_path).resolve())
    named = Named(test=Path(file.name).stem, policy=seen.replace(os.sep, "/"))
    return policy_test_text(file.witness, programs[new_path], file.witness.new, named)


def _pages(result: Review) -> Mapping[str, str]:
    from canarypolicy.commands.explain import page_on_finding  # noqa: PLC0415 - only SARIF carries pages

    found = {finding.name: page_on_finding(finding.name) for finding in review_findings(result)}
    return {name: page.text for name, page in found.items() if page is not None}
