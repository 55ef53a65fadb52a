"""
Looking at one run: its journal is read once, and after that only what is new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.errors import Unavailable, Unsupported
from canarypolicy.live.folding import Fold, item_of
from canarypolicy.live.standings import rules_of
from canarypolicy.live.summary import Summary
from canarypolicy.reports.result import RunStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.live.entry import Entry
    from canarypolicy.live.storing import RunRow, Store


class Look:
    """
    What is known of one run so far.
    """

    def __init__(self, store: Store, run: str) -> None:
        self._store = store
        self._run = run
        self._summary = Summary()
        self._fold: Fold | None = None

    def read(self, now_us: int) -> RunStatus:
        """
        Read what is new and give the run as it is now.
        """
        row = self._store.find(self._run, now_us)
        for entry in self._store.entries(row.run, after=self._summary.seq):
            self._add(entry)
        return RunStatus(
            summary=self._summary.of(row),
            rules=() if self._fold is None else rules_of(self._fold),
            requests=tuple(self._store.requests(row.run)),
            freezes=tuple(self._store.freezes(row.policy, now_us)),
            now_us=now_us,
        )

    def _add(self, entry: Entry) -> None:
        self._summary.add(entry)
        if entry.kind == "begin":
            self._fold = Fold(program=build(policy_in((entry,))), is_gated=entry.body["gated"])
        elif self._fold is not None and entry.kind in ("sample", "event"):
            self._fold.take(item_of(entry.text))


def summary_of(store: Store, row: RunRow) -> Summary:
    """
    Give what a whole journal comes to.
    """
    summary = Summary()
    for entry in store.entries(row.run):
        summary.add(entry)
    return summary


def policy_in(entries: Sequence[Entry]) -> CheckedPolicy:
    """
    Give the policy that stands in a journal's first entry.

    A journal without it is `Unavailable`; a policy that this version does not take any more is `Unsupported`.
    """
    if not entries or entries[0].kind != "begin":
        raise Unavailable("the run's journal does not begin with its policy", help="see `canarypolicy journal verify`")
    body = entries[0].body
    loaded = load_policy(body["policy_text"].encode(), body["policy"]["path"])
    if loaded.document is None:
        raise Unsupported(f"this version cannot read the policy of the run `{entries[0].run}`")
    return loaded.document
