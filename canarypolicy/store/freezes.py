"""
Freezes as rows: placed, lifted, and in force at a time.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, or_, select, update

from canarypolicy.live.storing import Freeze
from canarypolicy.store.tables import freezes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, RowMapping

    from canarypolicy.live.storing import NewFreeze


def place(connection: Connection, new: NewFreeze) -> Freeze:
    """
    Place a freeze; the same policy, reason and time twice is one.
    """
    mark = sha256(json.dumps([new.policy, new.reason, new.at_us]).encode()).hexdigest()
    query = select(freezes).where(freezes.c.mark == mark)
    found = connection.execute(query).mappings().one_or_none()
    if found is None:
        values = {"policy": new.policy, "at_us": new.at_us, "by": new.by, "reason": new.reason, "until_us": new.until_us}
        connection.execute(freezes.insert().values(mark=mark, **values))
        found = connection.execute(query).mappings().one()
    return _freeze_of(found)


def lift(connection: Connection, policy: str | None, by: str | None, now_us: int) -> Sequence[Freeze]:
    """
    Lift the freezes in force of a policy or, with None, those of all, and give them.
    """
    query = select(freezes).where(*_in_force(now_us), _of(policy)).order_by(freezes.c.id).with_for_update()
    lifted = tuple(_freeze_of(found) for found in connection.execute(query).mappings())
    marked = update(freezes).where(freezes.c.id.in_([each.id for each in lifted]))
    connection.execute(marked.values(lifted_us=now_us, lifted_by=by))
    return lifted


def in_force(connection: Connection, policy: str | None, now_us: int) -> Sequence[Freeze]:
    """
    Give the freezes in force that hold a policy, or every one.
    """
    query = select(freezes).where(*_in_force(now_us)).order_by(freezes.c.id)
    if policy is not None:
        query = query.where(or_(_of(policy), _of(None)))
    return tuple(_freeze_of(found) for found in connection.execute(query).mappings())


def _in_force(now_us: int) -> tuple[ColumnElement[bool], ...]:
    return freezes.c.lifted_us.is_(None), or_(freezes.c.until_us.is_(None), freezes.c.until_us > now_us)


def _of(policy: str | None) -> ColumnElement[bool]:
    return freezes.c.policy.is_(None) if policy is None else freezes.c.policy == policy


def _freeze_of(found: RowMapping) -> Freeze:
    values: dict[str, Any] = {name: found[name] for name in ("id", "policy", "at_us", "by", "reason", "until_us")}
    return Freeze(**values)
