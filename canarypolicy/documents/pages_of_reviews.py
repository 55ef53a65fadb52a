"""
Pages on what a review finds between two policies; see `canarypolicy.documents.pages`.

Remarks on one policy by itself have their pages in `canarypolicy.documents.pages_of_remarks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_CERTAINTIES = """What is known of it stands beside it: `proved` (no history does this), a witness (a history does this; it was replayed by
the engine under both policies), `rounding` (only values next to a limit could do this), or not known, and why. What
is not known is refused as if it were so.
"""

PAGES_OF_REVIEWS: Mapping[str, str] = MappingProxyType(
    {
        "advance-to-hold": f"""A sample at which the rollout advanced is now one at which it holds.

The new policy is stricter here: something must be met, or must not be the case, that was not asked before.

{_CERTAINTIES}""",
        "advance-to-rollback": f"""A sample at which the rollout advanced is now one at which it is rolled back.

The new policy is stricter here. See that what rolls back now is bad enough: a rollout that was fine ends with it.

{_CERTAINTIES}""",
        "gate-added": """A gate is asked for that was not.

Gates are judged before the first step or in the last one, on the result of a probe. No question of the matrix is
about them.
""",
        "gate-changed": """A gate asks for something else.

Whether results pass that did not is not compared; read both expressions. It counts as looser.
""",
        "gate-removed": """A gate is no longer asked for.

What it found is not looked for any more, before the first step or in the last one. It counts as looser.
""",
        "hold-to-advance": f"""A sample at which the rollout held is now one at which it advances.

The new policy is looser here: more traffic goes to the canary on evidence that was not enough. Often an SLO has
become weaker, `min` or `for` shorter, or a rule is gone that held while its signal was missing.

{_CERTAINTIES}""",
        "hold-to-rollback": f"""A sample at which the rollout held is now one at which it is rolled back.

The new policy is stricter here.

{_CERTAINTIES}""",
        "not-proved": """Nothing was proved, so what no search and no recording shows is not known.

Proofs need the library `z3-solver`: install `canarypolicy[prove]`. Without it a review compares the documents,
searches around the limits and replays recordings. What is not found so counts as not known, and is refused by
`--fail-on looser`.
""",
        "policy-added": """The policy is new.

There is nothing to hold it against. What is remarkable about it by itself is told as it is of every new policy.
""",
        "policy-removed": """The policy was removed, and what it rolled back is rolled back by nothing.

A policy that was moved or whose file was renamed is found by its path or its `metadata.name`, and is not told so.
""",
        "recorded-outcome": """A recorded rollout is judged otherwise by the new policy.

Both policies were replayed over the recording. Where they part, what was recorded afterwards was measured at the
weight that was there, not at the one that would have been: from then on the comparison is counterfactual.
""",
        "rollback-to-advance": f"""A sample at which the rollout was rolled back is now one at which it advances.

This is the most dangerous change there is: what was bad enough to go back is good enough to go on.

{_CERTAINTIES}""",
        "rollback-to-hold": f"""A sample at which the rollout was rolled back is now one at which it holds.

The new policy is looser here: the canary keeps its traffic until something else ends it.

{_CERTAINTIES}""",
        "step-added": """A step is new.

What is decided in it is compared with nothing. Steps are matched by name, and those that are left by content, so a
step that only has another name is not told so.
""",
        "step-removed": """A step was removed, and with it the evidence that was gathered in it.

It counts as looser. Steps are matched by name, and those that are left by content.
""",
        "traffic-sooner": """More traffic can be on the canary sooner than before.

The earliest time of each weight is the sum of `min` of the steps before it. A step with a higher weight, a shorter
`min` or one step less makes it sooner, although in every step all is decided as before. It counts as looser.
""",
    }
)
"""Each finding's name and its page: a first sentence, an empty line, the rest."""
