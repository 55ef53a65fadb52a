"""
The store that a command works on: `--store URL`, `--environment ENV`, or the variable `CANARYPOLICY_STORE`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.inputs import read_environment_file, world_here
from canarypolicy.documents.secrets import Secret

if TYPE_CHECKING:
    from canarypolicy.commands.console import Console
    from canarypolicy.commands.outputs import Command
    from canarypolicy.documents.environment import CheckedEnvironment
    from canarypolicy.exit_status import ExitStatus
    from canarypolicy.store.database import DatabaseStore

VARIABLE = "CANARYPOLICY_STORE"
DEFAULT = "sqlite:///canarypolicy.db"
"""The store of an Environment that names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreChoice:
    """
    What the user said of the store.
    """

    url: str | None
    environment: str | None
    """The path of an Environment."""


def takes_store(command: Command) -> Command:
    """
    Give a command the options that say which store it works on; it gets them as `store`, for `open_store_of`.
    """

    @click.option("--store", "store_url", metavar="URL", help=f"The store's URL; without it {VARIABLE} is looked at.")
    @click.option("--environment", "store_environment", metavar="ENV", help="An Environment, whose store is meant.")
    @wraps(command)
    def with_store(*, store_url: str | None, store_environment: str | None, **given: Any) -> ExitStatus:
        return command(store=StoreChoice(url=store_url, environment=store_environment), **given)

    return with_store


def open_store_of(choice: StoreChoice, console: Console) -> DatabaseStore:
    """
    Open the store that the user chose; it is a usage error to choose none, or two. The caller closes it.
    """
    if choice.url is not None and choice.environment is not None:
        raise click.UsageError("give --store URL or --environment ENV, one of them")
    if choice.environment is not None:
        return open_store_in(read_environment_file(choice.environment), console)
    if choice.url is None and not os.environ.get(VARIABLE):
        raise click.UsageError(f"there is no store to look in: give --store URL or --environment ENV, or set {VARIABLE}")
    return _open(Secret(os.environ[VARIABLE]) if choice.url is None else choice.url)


def open_store_in(environment: CheckedEnvironment, console: Console) -> DatabaseStore:
    """
    Open an Environment's store; one that names none means a file in the working folder. The caller closes it.
    """
    written = environment.environment.store
    if written is None:
        console.notice(f"canarypolicy: note: `{environment.source.path}` names no store: `{DEFAULT}` is used")
        return _open(DEFAULT)
    world = world_here()
    url, brought_in = written.resolve(world, "`store`")
    return _open(url if brought_in else url.reveal())


def _open(url: Secret | str) -> DatabaseStore:
    from canarypolicy.store.database import open_store  # noqa: PLC0415 - `--help` needs no database

    return open_store(url)
