"""
The command line that replays a witness through both policies.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.reports.result import Review
    from canarypolicy.review.witness_files import WitnessFile


def replay_command(review: Review, file: WitnessFile) -> str:
    """
    Give the command; a policy of a git revision comes through a pipe, and a witness follows the steps that it holds.

    Where a step has another name now, the witness fits the new policy alone.
    """
    policy = file.policy
    path = f"{review.witness_dir}/{file.name}" if review.witness_dir else file.name
    replay = f"canarypolicy replay {shlex.quote(policy.new_path or '-')} {shlex.quote(path)} --follow recording"
    if policy.old_path is None or policy.renamed_steps or file.is_of_one:
        return replay
    if review.base is None:
        return f"{replay} --against {shlex.quote(policy.old_path)}"
    return f"git show {shlex.quote(policy.old_path)} | {replay} --against -"
