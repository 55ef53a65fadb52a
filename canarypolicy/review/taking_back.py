"""
Taking one edit back: small steps on the plain data of the new side, and the document that they leave, checked anew.

A document that one edit alone cannot be taken back from, since others lean on it, does not load: that is None.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeAlias

from canarypolicy.documents.loading import load_policy

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy, Path

TakingBack: TypeAlias = Callable[[Any], None]
"""Changes plain data in place."""

_LISTS = ("slos", "rollback", "hold")


def put(path: Path, value: Any) -> TakingBack:
    """
    Write a value under a key again; what lies around it is made where it is not there.
    """

    def apply(data: Any) -> None:
        around = _around(data, path)
        around[path[-1]] = deepcopy(value)

    return apply


def drop(path: Path) -> TakingBack:
    """
    Leave a key of a mapping, or an item of a list, out.
    """

    def apply(data: Any) -> None:
        around = _around(data, path)
        del around[path[-1]]

    return apply


def restore(old: Any, path: Path, keys: Sequence[str]) -> TakingBack:
    """
    Write keys of a mapping as they were; those that were not there are left out.
    """

    def apply(data: Any) -> None:
        around = _around(data, (*path, ""))
        for key in keys:
            if old is not None and key in old:
                around[key] = deepcopy(old[key])
            else:
                around.pop(key, None)

    return apply


def insert(path: Path, index: int, value: Any) -> TakingBack:
    """
    Put an item back into a list, which is made where it is not there.
    """

    def apply(data: Any) -> None:
        around = _around(data, path)
        around.setdefault(path[-1], []).insert(index, deepcopy(value))

    return apply


def one_after_the_other(*steps: TakingBack) -> TakingBack:
    """
    Do several of these in turn.
    """

    def apply(data: Any) -> None:
        for step in steps:
            step(data)

    return apply


def reorder(path: Path, places: Sequence[int]) -> TakingBack:
    """
    Give items of a list the order of `places`, in the positions that these items take up together; all others stay.
    """

    def apply(data: Any) -> None:
        items = _around(data, path)[path[-1]]
        moved = [items[place] for place in places]
        for position, item in zip(sorted(places), moved, strict=True):
            items[position] = item

    return apply


def rename_step(index: int, name: str) -> TakingBack:
    """
    Give a step another name, also where it is named: in rules, derived signals, checklist and invariants.
    """

    def apply(data: Any) -> None:
        step = data["plan"]["steps"][index]
        present, step["name"] = step["name"], name
        items = [item for key in _LISTS for item in data.get(key, ())] + list(data["plan"].get("checklist", ()))
        for item in items:
            if item.get("steps") is not None:
                item["steps"] = [name if each == present else each for each in item["steps"]]
        for chosen in data.get("derived", {}).values():
            if chosen.get("frozen", {}).get("at") == present:
                chosen["frozen"]["at"] = name
        for invariant in data.get("invariants", ()):
            never = invariant.get("never")
            if isinstance(never, dict) and never["reach"] == present:
                never["reach"] = name

    return apply


def taken_back(data: Any, path: str, step: TakingBack) -> CheckedPolicy | None:
    """
    Give the policy that data make without an edit; None if they make no valid one.
    """
    changed = deepcopy(data)
    step(changed)
    # JSON is YAML that needs no writer; what no document may hold is in none of its texts.
    return load_policy(json.dumps(changed, ensure_ascii=False, indent=1).encode(), path).document


def _around(data: Any, path: Path) -> Any:
    for key in path[:-1]:
        data = data[key] if isinstance(key, int) else data.setdefault(key, {})
    return data
