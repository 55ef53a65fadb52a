"""
Runs as rows: how they are read, and who holds one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from canarypolicy.documents.duration import format_instant
from canarypolicy.live.storing import Held, Holder, RunRow, UnknownRun
from canarypolicy.store.holder import is_dead
from canarypolicy.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, RowMapping

_MOST_SHOWN = 8


def row_of(found: RowMapping, clock_us: int) -> RunRow:
    """
    Give a run as the store knows it; `clock_us` is the time by which leases expire.
    """
    holder = _holder_of(found)
    return RunRow(
        run=found["run"],
        policy=found["policy"],
        environment=found["environment"],
        service=found["service"],
        digest=found["digest"],
        started_us=found["started_us"],
        state=found["state"],
        holder=holder,
        is_held=is_held(found, clock_us),
        expires_us=found["expires_us"],
        head_seq=found["head_seq"],
        head_hash=found["head_hash"],
    )


def is_held(found: RowMapping, clock_us: int) -> bool:
    """
    Tell whether somebody holds a run: the lease has not expired and, as far as can be seen from here, its process lives.
    """
    holder = _holder_of(found)
    return holder is not None and clock_us < found["expires_us"] and not is_dead(holder)


def locked(connection: Connection, run: str) -> RowMapping | None:
    """
    Give a run's row, which nobody else changes until the transaction ends.
    """
    return connection.execute(select(runs).where(runs.c.run == run).with_for_update()).mappings().one_or_none()


def all_rows(connection: Connection, clock_us: int) -> Sequence[RunRow]:
    """
    Give all runs, the youngest first.
    """
    query = select(runs).order_by(runs.c.started_us.desc(), runs.c.run.desc())
    return tuple(row_of(found, clock_us) for found in connection.execute(query).mappings())


def found_row(connection: Connection, run: str, clock_us: int, shown: str) -> RunRow:
    """
    Give the run of that name, or the only one whose name begins so.
    """
    query = select(runs).where(runs.c.run.startswith(run, autoescape=True)).order_by(runs.c.run)
    # SQLite takes `A` for `a` in a pattern
    begun = [found for found in connection.execute(query).mappings() if found["run"].startswith(run)]
    meant = [found for found in begun if found["run"] == run] or begun
    if not meant or not run:
        raise unknown(run, shown)
    if len(meant) > 1:
        names = ", ".join(f"`{found['run']}`" for found in meant[:_MOST_SHOWN])
        more = f" and {len(meant) - _MOST_SHOWN} more" if len(meant) > _MOST_SHOWN else ""
        raise UnknownRun(f"`{run}` may be any of the runs {names}{more}", help="write more of the name")
    return row_of(meant[0], clock_us)


def unknown(run: str, shown: str) -> UnknownRun:
    """
    Say that there is no run of that name.
    """
    return UnknownRun(f"{shown} has no run `{run}`", help="`canarypolicy status` lists the runs")


def held(found: RowMapping) -> Held:
    """
    Say who holds a run, and how to go on.
    """
    run = found["run"]
    return Held(
        f"the run `{run}` of the service `{found['service']}` is held by process {found['holder_pid']} on "
        f"`{found['holder_host']}` since {format_instant(found['held_since_us'])}, until "
        f"{format_instant(found['expires_us'])} unless it goes on",
        help=f"end that process, or wait until then; `canarypolicy run --continue {run}` then goes on with it",
    )


def _holder_of(found: RowMapping) -> Holder | None:
    host: Any = found["holder_host"]
    return None if host is None else Holder(host=host, pid=found["holder_pid"], started=found["holder_started"])
