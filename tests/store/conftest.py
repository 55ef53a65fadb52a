"""
One store per test: in a file, on a real PostgreSQL and on a real MariaDB.
"""

from __future__ import annotations

import pytest
from canarypolicy.store.database import open_store

from store.database_servers import running_mariadb, running_postgresql


@pytest.fixture(scope="session")
def postgresql():
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb():
    with running_mariadb() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'runs.db'}"
    return request.getfixturevalue(request.param).new_url()


@pytest.fixture
def store(url):
    with open_store(url) as opened:
        yield opened
