"""
Leases: who may act for a run, and for the service whose traffic it moves.

Whoever takes a run, or its service, locks the service's row first and then the runs', so that no two wait for each other.
A run loses its service only together with its fence: its former holder can write nothing any more.
"""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from canarypolicy.live.entry import ROOT
from canarypolicy.live.storing import Held, Lease, LeaseLost
from canarypolicy.store.rows import held, is_held, locked
from canarypolicy.store.tables import entries, requests, runs, services

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from canarypolicy.live.entry import Entry
    from canarypolicy.live.storing import Holder, NewRun

RUNNING = "running"
INTERRUPTED = "interrupted"
_NOBODY: Mapping[str, Any] = {
    "holder_host": None,
    "holder_pid": None,
    "holder_started": None,
    "held_since_us": None,
    "expires_us": 0,
}


def begin(connection: Connection, new: NewRun, holder: Holder, lease_us: int, clock_us: int) -> int:
    """
    Make a run that holds its service, and give its fence.

    One whose process died before its first entry never began: its name is free.
    """
    found = locked(connection, new.run)
    if found is not None and (found["head_seq"] > 0 or is_held(found, clock_us)):
        raise Held(f"there is a run `{new.run}` already", help=f"`canarypolicy run --continue {new.run}` goes on with it")
    _claim(connection, new.service, new.run, clock_us)
    fence: int = 1 if found is None else found["fence"] + 1
    values = {**asdict(new), **_held_by(holder, clock_us + lease_us, clock_us), "state": RUNNING, "fence": fence}
    if found is None:
        connection.execute(runs.insert().values(**values, head_seq=0, head_hash=ROOT))
    else:
        connection.execute(update(runs).where(runs.c.run == new.run).values(**values))
    return fence


def take_over(connection: Connection, run: str, holder: Holder, lease_us: int, clock_us: int) -> int | None:
    """
    Take a run that nobody holds, and give its new fence; None if there is no such run.
    """
    service = connection.execute(select(runs.c.service).where(runs.c.run == run)).scalar_one_or_none()
    if service is None:
        return None
    _claim(connection, service, run, clock_us)
    found = locked(connection, run)
    assert found is not None, "runs are never deleted"
    fence: int = found["fence"] + 1
    taken = _held_by(holder, clock_us + lease_us, clock_us)
    connection.execute(update(runs).where(runs.c.run == run).values(**taken, state=RUNNING, fence=fence))
    return fence


def append(connection: Connection, lease: Lease, written: Sequence[Entry], taken: Sequence[int], expires_us: int) -> None:
    """
    Put entries behind the head, mark requests as taken, and renew the lease.

    Entries that are there already, from a commit of which the answer was lost, are not written again.
    """
    found = locked(connection, lease.run)
    missing = (
        None if found is None or found["fence"] != lease.fence else _behind((found["head_seq"], found["head_hash"]), written)
    )
    if missing is None:
        raise _lost(lease)
    values: dict[str, Any] = {"expires_us": expires_us}
    if missing:
        connection.execute(entries.insert(), [asdict(entry) for entry in missing])
        values |= {"head_seq": missing[-1].seq, "head_hash": missing[-1].hash}
    if taken:
        _mark_taken(connection, lease.run, taken, values.get("head_seq", written[-1].seq if written else 0))
    connection.execute(update(runs).where(runs.c.run == lease.run).values(**values))


def _behind(head: tuple[int, str], written: Sequence[Entry]) -> Sequence[Entry] | None:
    """
    Give those of the entries that follow the head; None if they do not fit.
    """
    if not written or (written[0].seq - 1, written[0].previous) == head:
        return written
    for index, entry in enumerate(written):
        if (entry.seq, entry.hash) == head:
            return written[index + 1 :]
    return None


def _mark_taken(connection: Connection, run: str, taken: Sequence[int], seq: int) -> None:
    ours = requests.c.run == run, requests.c.id.in_(taken)
    connection.execute(update(requests).where(*ours, requests.c.taken_seq.is_(None)).values(taken_seq=seq))
    known = connection.execute(select(func.count()).select_from(requests).where(*ours)).scalar_one()
    if known != len(set(taken)):
        raise ValueError("only a request that was left to the run is taken in")


def renew(connection: Connection, lease: Lease, expires_us: int) -> None:
    """
    Renew a lease that is still the run's.
    """
    _change(connection, lease, {"expires_us": expires_us})


def release(connection: Connection, lease: Lease, state: str) -> None:
    """
    Give a run up and note its state.
    """
    _change(connection, lease, {**_NOBODY, "state": state})


def _change(connection: Connection, lease: Lease, values: Mapping[str, Any]) -> None:
    query = update(runs).where(runs.c.run == lease.run, runs.c.fence == lease.fence).values(**values)
    if connection.execute(query).rowcount != 1:
        raise _lost(lease)


def _lost(lease: Lease) -> LeaseLost:
    return LeaseLost(
        f"another process holds the run `{lease.run}`, or its service, now: this one does nothing more",
        help="`canarypolicy status` shows who holds it",
    )


def _claim(connection: Connection, service: str, run: str, clock_us: int) -> None:
    """
    Take a service for a run; `Held` if the run itself, or another one of the service, is held by a living process.
    """
    mark = sha256(service.encode()).hexdigest()
    _make_service(connection, mark, service)
    holding = connection.execute(select(services.c.run).where(services.c.mark == mark).with_for_update()).scalar_one()
    for name in dict.fromkeys((holding, run)):
        found = None if name is None else locked(connection, name)
        if found is None or found["service"] != service:
            continue  # a run that never began, and began anew for another service
        if is_held(found, clock_us):
            raise held(found)
        if name != run:
            state = INTERRUPTED if found["state"] == RUNNING else found["state"]
            lost = {**_NOBODY, "state": state, "fence": found["fence"] + 1}
            connection.execute(update(runs).where(runs.c.run == name).values(**lost))
    connection.execute(update(services).where(services.c.mark == mark).values(run=run))


def _make_service(connection: Connection, mark: str, service: str) -> None:
    if connection.execute(select(services.c.mark).where(services.c.mark == mark)).scalar_one_or_none() is not None:
        return
    try:
        with connection.begin_nested():
            connection.execute(services.insert().values(mark=mark, service=service, run=None))
    except IntegrityError:
        return  # another process was faster, which is as good


def _held_by(holder: Holder, expires_us: int, since_us: int) -> Mapping[str, Any]:
    return {
        "holder_host": holder.host,
        "holder_pid": holder.pid,
        "holder_started": holder.started,
        "held_since_us": since_us,
        "expires_us": expires_us,
    }
