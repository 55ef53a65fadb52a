"""
A review as JSON values, in the form of `schemas/v1/review.schema.json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_instant
from canarypolicy.history.decision_record import Record, instant, place_record, reason_record, seconds
from canarypolicy.review.standing import FailOn, refusals, standing_of
from canarypolicy.review.witness_files import witness_lines

if TYPE_CHECKING:
    from canarypolicy.engine.decision import Decision
    from canarypolicy.reports.result import Review
    from canarypolicy.review.findings import (
        Changed,
        Edit,
        Headroom,
        OnRecordings,
        PlanChange,
        PolicyReview,
        Remark,
        Transition,
        Witness,
    )


def review_record(review: Review) -> Record:
    """
    Give the review of every policy.
    """
    refused = any(refusals(policy, review.fail_on) for policy in review.policies)
    return {
        "refused": refused,
        "fail_on": review.fail_on.value,
        "base": review.base,
        "policies": [_policy(review, policy, review.fail_on) for policy in review.policies],
    }


def _policy(review: Review, policy: PolicyReview, fail_on: FailOn) -> Record:
    return {
        "policy": policy.name,
        "old_path": policy.old_path,
        "new_path": policy.new_path,
        "standing": standing_of(policy).value,
        "refusals": list(refusals(policy, fail_on)),
        "not_proved": policy.not_proved,
        "edits": [_edit(edit) for edit in policy.edits],
        "added_steps": list(policy.added_steps),
        "removed_steps": list(policy.removed_steps),
        "renamed_steps": dict(policy.renamed_steps),
        "plan_changes": [_plan_change(change) for change in policy.plan_changes],
        "transitions": [_transition(review, each) for each in policy.transitions],
        "remarks": [_remark(review, each) for each in policy.remarks],
        "recordings": None if policy.recordings is None else _recordings(policy.recordings),
        "headroom": [_headroom(each) for each in policy.headroom],
        "queries": policy.queries,
    }


def _edit(edit: Edit) -> Record:
    old, new = (None if span is None else place_record(span) for span in (edit.old, edit.new))
    return {"sentence": edit.sentence, "old": old, "new": new}


def _plan_change(change: PlanChange) -> Record:
    told = {"name": change.name, "sentence": change.sentence, "direction": change.direction.value}
    return told | {"location": place_record(change.place)}


def _transition(review: Review, transition: Transition) -> Record:
    return {
        "step": transition.step,
        "old": transition.old.value,
        "new": transition.new.value,
        "direction": transition.direction.value,
        "certainty": transition.certainty.value,
        "why": transition.why,
        "witness": None if transition.witness is None else _witness(review, transition.witness),
        "blamed": [_edit(edit) for edit in transition.blamed],
    }


def _witness(review: Review, witness: Witness) -> Record:
    file = review.file_of(witness)
    return {
        "step": witness.step,
        "off_healthy": dict(witness.off_healthy),
        "lasted_seconds": seconds(witness.lasted_us),
        "old": _decision(witness.old),
        "new": _decision(witness.new),
        "history": list(witness_lines(witness)),
        "file": None if file is None else file.name,
    }


def _decision(decision: Decision) -> Record:
    return {
        "decision": decision.verdict.value,
        "at": format_instant(decision.at_us),
        "reasons": [reason_record(reason) for reason in decision.reasons],
    }


def _remark(review: Review, remark: Remark) -> Record:
    return {
        "name": remark.name,
        "sentence": remark.sentence,
        "fault": remark.is_fault,
        "certainty": remark.certainty.value,
        "why": remark.why,
        "witness": None if remark.witness is None else _witness(review, remark.witness),
        "location": place_record(remark.place),
    }


def _recordings(recordings: OnRecordings) -> Record:
    return {"changed": [_changed(each) for each in recordings.changed], "same": dict(recordings.same)}


def _changed(changed: Changed) -> Record:
    return {
        "rollout": changed.rollout,
        "source": changed.source,
        "old_outcome": changed.old_outcome,
        "new_outcome": changed.new_outcome,
        "first_difference": instant(changed.first_difference_us),
        "old_rules": list(changed.old_rules),
        "new_rules": list(changed.new_rules),
        "exposure_seconds": seconds(changed.exposure_us),
        "counterfactual_from": instant(changed.counterfactual_from_us),
    }


def _headroom(headroom: Headroom) -> Record:
    return {
        "rule": headroom.rule,
        "limit": headroom.limit,
        "low": headroom.low,
        "high": headroom.high,
        "below": headroom.below,
        "above": headroom.above,
        "location": place_record(headroom.place),
    }
