"""
All that the storefront's whole runbook needs, as real processes: the stage of a rollout, and Redis, MariaDB and backups.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from live.redis_server import RealRedis, running_redis
from live.stage import Stage, running_stage
from store.database_servers import PASSWORD, Server, _execute, running_mariadb

DATABASE = (
    "CREATE TABLE sales (id INT PRIMARY KEY, article TEXT)",
    "INSERT INTO sales VALUES (1, 'a'), (2, 'b')",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """
    The running parts, and where they are.
    """

    stage: Stage
    redis: RealRedis
    database: Server
    backups: Path
    hook: str

    @property
    def variables(self) -> dict[str, str]:
        """
        Give what the storefront's Environment brings in by `${env:...}`, the store apart.
        """
        return {
            **self.stage.variables,
            "REDIS_URL": self.redis.url,
            "DATABASE_URL": self.database.url("shop"),
            "BACKUP_DIRECTORY": str(self.backups),
            "HOOK_URL": self.hook,
            "SMOKE_USER": "smoke",
            "SMOKE_PASSWORD": PASSWORD,
        }


@contextmanager
def running_parts(folder: Path, backups: Path, hook: str, **stage: Any) -> Iterator[Parts]:
    """
    Run everything, with a small database of the shop; options are those of `running_stage`.
    """
    with running_redis(folder) as redis, running_mariadb() as database, running_stage(folder, **stage) as running:
        _execute(database.url("mysql"), "CREATE DATABASE shop")
        for statement in DATABASE:
            _execute(database.url("shop"), statement)
        yield Parts(stage=running, redis=redis, database=database, backups=backups, hook=hook)
