"""
Pages on what is proved of one policy by itself; see `canarypolicy.documents.pages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGES_OF_REMARKS: Mapping[str, str] = MappingProxyType(
    {
        "dead-rule": """A rollback or hold rule never fires, whatever is measured.

Proved over all values that the signals' declarations admit and over every time in the steps in which the rule
acts. A rule that never fires protects nobody: a limit is a slip of scale, two limits contradict each other, or
the exemption in `unless` covers all that `when` finds. `unreachable-rule` is the lint for what intervals show.
""",
        "unmeetable-slo": """An SLO is never met, so no rollout ever leaves a step in which it acts.

Proved over all values that the signals' declarations admit. Correct the limit, or the range of the signal.
""",
        "effortless-slo": """An SLO is met by whatever is measured.

With every signal present it is never false: it asks for a measurement and for nothing else. Correct the limit,
or write a hold rule with `!has(...)` if the presence of a signal is all that is meant.
""",
        "ever-true-rule": """A rollback or hold rule is true of whatever is measured.

With every signal present it is never false, so that no rollout ever leaves a step in which it acts.
""",
        "needless-rule": """A rule decides nothing that others do not decide without it.

For a rollback rule: whenever it fires, or has been unknown too long, one of the named rules rolls back too, and
whenever it holds, one of them holds too or an SLO is not met. For a hold rule: whenever it holds, something
named holds too. For an SLO: it is met whenever the named ones are. The proof is over all values and times; of
rules that make one another needless the last is named, so that all that are reported can be removed together.

Keep such a rule if its message or its runbook is worth a line, or if the others are about to change.
""",
        "rollback-over-advance": """A rollback rule can fire while every SLO is met and nothing else holds.

The rollout is rolled back, for a rollback wins; yet the SLOs say that all is well. Often the rule fires at
once, at values that the SLO on the same signal accepts. Only rules that read a signal of an SLO are looked at:
that a rule on anything else fires while the SLOs are met is what it is for.
""",
        "endless-hold": """A state holds for ever: no rule ends it, only a person or better values do.

With every signal present, the same values for as long as any rule asks, the approval given and the step past
its `max`, the decision is still hold. Between the limit of an SLO and that of a rollback rule there is such a
gap on purpose; `on_timeout: rollback` in the step ends it.
""",
        "stuck-when-healthy": """A rollout in which every signal stays at its healthy value does not come through.

The engine folded a history of healthy samples: it is rolled back, or a step is not left although the longest
time that any rule asks for has passed. Correct `healthy`, or the rule that is named.
""",
        "late-when-healthy": """A healthy rollout leaves a step later than at its `min`.

The engine folded a history of healthy samples. An SLO that asks for longer than `min`, or a derived signal that
has no value yet, keeps the rollout in the step: `min` says less than the truth.
""",
        "looser-when-missing": """A decision becomes an advance when a signal goes missing.

The same values, at the same time, are held or rolled back if the signal is present, and advance if it is not.
Only `has()` and `missing: ignore` can do that; everything else errs on the safe side. Leave them out, write
`missing: rollback`, or add an SLO that reads the signal: an SLO that is unknown is not met.

Signals that a derived signal reads are taken for present, since what becomes of its window depends on the past.
""",
        "looser-when-worse": """A worse value of a signal turns a rollback into something else, or a hold into an advance.

`worse` says which way is bad. The decision on the same history with a worse value is looser: a limit has the
wrong direction, or a rule has an upper end that no other rule takes over from.
""",
        "not-monotone": """A rule is looser at a worse value of a signal.

`worse` says which way is bad; here a rollback or hold rule ends, or an SLO is met, as the signal gets worse. It
is no fault if other rules take over, as in bands of severity, and no history was found in which they do not.
""",
        "unknown-when-present": """An expression can be unknown although every signal in it has a value.

A division by zero, a result beyond every double or every int64, or a conversion that fails. Numbers that only
an open range admits, beyond 1e12, and doubles nearer to 0 than 1e-12 are left out. An SLO that is unknown is
not met, and a rollback rule that is unknown holds and does not fire: guard the operation with `&&`, `||` or
`?:`, or declare a range that leaves such values out.
""",
        "invariant-holds": """An invariant of the policy is proved: no history breaks it.

The proof is over all values that the declarations admit, any sampling, and any length. Invariants speak of
samples that are judged in a step: what is measured before the first step is entered, or after the rollout's
end, breaks none, and what an operator decides by an abort is none of the policy's decisions.
""",
        "invariant-broken": """An invariant of the policy does not hold: a history breaks it, which the engine replayed.

Either the policy or the invariant says what is not meant. The history is shown, and `review --witness-dir`
saves it as a recording.
""",
        "invariant-open": """An invariant is neither proved nor broken, and that does not count as fine.

It depends on what the proof cannot see, such as how a derived signal comes about, or the budget ran out; the
sentence says which. `not-within-k`: no history of so many samples breaks it, longer ones are not known.
""",
        "not-answered": """A question about the policy has no answer.

The budget of the proof ran out, or the answer depends on what the proof cannot see; the sentence says which.
""",
    }
)
"""Each remark's name and its page: a first sentence, an empty line, the rest."""
