"""
All mutants of a policy: each slip once, and only those that leave a valid policy that says something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.unparse import unparse
from canarypolicy.lints.evidence_free_slo import EVIDENCE_FREE_SLO
from canarypolicy.lints.healthy import health_of
from canarypolicy.lints.unguarded_step import UNGUARDED_STEP
from canarypolicy.lints.unhealthy_value import is_unhealthy
from canarypolicy.mutation.derived import derived_drafts
from canarypolicy.mutation.mutant import EXPRESSION, Mutant
from canarypolicy.mutation.plans import plan_drafts
from canarypolicy.mutation.rules import rule_drafts

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.lints.healthy import Health
    from canarypolicy.mutation.drafts import Draft
    from canarypolicy.mutation.mutant import Says


def mutants(checked: CheckedPolicy) -> Iterator[Mutant]:
    """
    Give the mutants of a policy: rules, steps, gates, derived signals.

    A slip that `validate` refuses is none, unless it refuses the policy as it is; nor is one that says what the policy or
    another mutant says already.
    """
    health = health_of(checked)
    is_refused_already = _is_refused(checked, checked, health)
    seen: set[Says] = set()
    for draft in chain(rule_drafts(checked), plan_drafts(checked), derived_drafts(checked)):
        changed = draft.checked
        if changed is None:
            continue
        says = _canonical(draft, changed)
        is_same = says[1] == EXPRESSION and says == _canonical(draft, checked)
        if says in seen or is_same or (not is_refused_already and _is_refused(changed, checked, health)):
            continue
        seen.add(says)
        yield Mutant(
            kind=draft.kind,
            sentence=draft.sentence,
            place=draft.place,
            danger=draft.danger,
            says=says,
            checked=changed,
        )


def _canonical(draft: Draft, checked: CheckedPolicy) -> Says:
    """
    Give what a policy says where a draft changes it, expressions in canonical text.
    """
    path, what, _ = draft.says
    if what != EXPRESSION:
        return draft.says
    with deep_stack():
        return path, what, unparse(checked.expressions[path].tree)


def _is_refused(changed: CheckedPolicy, checked: CheckedPolicy, health: Health) -> bool:
    """
    Tell whether a lint of severity error has something to say; weights, the only other matter of one, are not changed.
    """
    if any(UNGUARDED_STEP.find(changed)) or any(EVIDENCE_FREE_SLO.find(changed)):
        return True
    is_same = (
        changed.policy.derived is checked.policy.derived and changed.policy.plan.longest_gap == checked.policy.plan.longest_gap
    )
    return is_unhealthy(changed, health if is_same else health_of(changed))
