"""
The store's URL: which database it means, and what messages may call it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from canarypolicy.documents.secrets import Secret, without_passwords
from canarypolicy.errors import Unavailable

SUPPORTED = "`sqlite:///FILE`, `postgresql://USER:PASSWORD@HOST/DATABASE` and `mysql://USER:PASSWORD@HOST/DATABASE`"

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
}
"""The scheme that users write -> SQLAlchemy's database and driver. A bare `mysql` would be another driver there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """
    Where the store is.
    """

    url: URL
    shown: str
    """What messages call it: ``the store `sqlite:///runs.db` ``, or only `the store` where its URL is a secret."""

    @property
    def database(self) -> str:
        """
        Which kind of database it is: `sqlite`, `postgresql` or `mysql`.
        """
        return self.url.get_backend_name()


def address_of(url: Secret | str) -> Address:
    """
    Read a store's URL; one that cannot be used is `Unavailable`, and its password is never told.
    """
    shown = "the store" if isinstance(url, Secret) else f"the store `{without_passwords(url)}`"
    try:
        read = make_url(url.reveal() if isinstance(url, Secret) else url)
    except (ArgumentError, ValueError):
        raise Unavailable(f"{shown} has a URL that cannot be read", help=f"supported: {SUPPORTED}") from None
    driver = _DRIVERS.get(read.drivername)
    if driver is None:
        what = "" if isinstance(url, Secret) else f" `{read.drivername}`"
        raise Unavailable(f"{shown} is of a kind{what} that is not supported", help=f"supported: {SUPPORTED}")
    address = Address(url=read.set(drivername=driver), shown=shown)
    if address.database == "sqlite":
        _check_file(address)
    return address


def _check_file(address: Address) -> None:
    name = address.url.database
    if not name or name == ":memory:":
        raise Unavailable(f"{address.shown} names no file", help="write `sqlite:///FILE`, or `sqlite:////FOLDER/FILE`")
    folder = Path(name).parent
    if not folder.is_dir():
        shown = "its folder" if address.shown == "the store" else f"its folder `{folder}`"
        raise Unavailable(f"{address.shown} cannot be opened: {shown} does not exist", help="make the folder first")
