"""
A database of the shop on a real MariaDB, with one of everything that a backup has to bring back.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from canarypolicy.backups.mysqldump import MysqldumpBackup
from canarypolicy.documents.backup_parameters import MysqldumpParameters
from canarypolicy.documents.secrets import World

from store.database_servers import PASSWORD, Server

SHOP = r"""
CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80), UNIQUE (name)) ENGINE=InnoDB;
CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer INT, total DECIMAL(10,2), note TEXT, picture BLOB,
  FOREIGN KEY (customer) REFERENCES customers (id)) ENGINE=InnoDB;
CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(100)) ENGINE=InnoDB;
CREATE TABLE `odd ``name`` ü` (`a;b` INT, c DOUBLE, d TIMESTAMP NULL) ENGINE=Aria;
CREATE SEQUENCE numbers START WITH 7;
DELIMITER ;;
CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC RETURN 2 * x;;
CREATE PROCEDURE totals() BEGIN
-- a comment that stays
# another; with a semicolon
SELECT 'it''s ; "ü" \\', COUNT(*) FROM orders; END;;
CREATE TRIGGER orders_ai AFTER INSERT ON orders FOR EACH ROW BEGIN
-- Dumping events for database 'nothing'
INSERT INTO audit (what) VALUES (CONCAT('order ; ', NEW.id)); END;;
CREATE EVENT sweep ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 00:00:00' COMMENT 'it''s ü' DO DELETE FROM audit WHERE id < 0;;
DELIMITER ;
CREATE VIEW a_summary AS SELECT twice(1) AS two;
CREATE VIEW large AS SELECT o.id, c.name, 'a;b' AS x FROM orders o JOIN customers c ON c.id = o.customer WHERE o.total > 10;
CREATE OR REPLACE VIEW a_summary AS SELECT l.name, COUNT(*) AS orders, twice(COUNT(*)) AS twice FROM large l GROUP BY l.name;
INSERT INTO customers (name) VALUES ('ann'), ('bob'), ('o''x\n-- Dump completed\\ ü 😀');
INSERT INTO orders (customer, total, note, picture) SELECT 1 + seq % 3, seq, REPEAT('ü;', seq % 50), UNHEX('00ff0a27') FROM seq_1_to_2000;
INSERT INTO `odd ``name`` ü` VALUES (1, 0.1, '2026-01-01 00:00:00'), (NULL, 1e300, NULL);
DO NEXTVAL(numbers);
"""
LATER = r"""
INSERT INTO customers (name) VALUES ('late');
DELETE FROM orders WHERE id % 2 = 0;
DROP TRIGGER orders_ai;
CREATE TRIGGER later_bi BEFORE INSERT ON customers FOR EACH ROW SET NEW.name = UPPER(NEW.name);
DROP VIEW a_summary, large;
CREATE TABLE large (id INT PRIMARY KEY);
CREATE VIEW late_view AS SELECT * FROM customers;
DROP PROCEDURE totals;
CREATE PROCEDURE later_on() SELECT 1;
DROP EVENT sweep;
CREATE EVENT later_event ON SCHEDULE EVERY 2 DAY STARTS '2026-01-01 00:00:00' DO SELECT 1;
"""
"""What somebody did to the shop after the backup."""


QUOTE = "'"


@contextmanager
def in_memory() -> Iterator[None]:
    """
    Have temporary folders in memory where there is room: a server's many syncs take most of a test's time.
    """
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > 2**29
    before, tempfile.tempdir = tempfile.tempdir, str(memory) if has_room else tempfile.tempdir
    try:
        yield
    finally:
        tempfile.tempdir = before


class ShopDatabase:
    """
    One database, which may be filled, changed and looked at.
    """

    def __init__(self, server: Server, name: str, folder: Path) -> None:
        self.server = server
        self.name = name
        self.folder = folder
        folder.mkdir(exist_ok=True)

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    def as_root(self, text: str) -> None:
        self._sql(text, None, "root", "")

    def sql(self, text: str, database: str | None = None) -> list[list[str]]:
        """
        Run statements by the client and give the rows.
        """
        return self._sql(text, database, "canary", PASSWORD)

    def _sql(self, text: str, database: str | None, user: str, password: str) -> list[list[str]]:
        host, port = self.server.address.split(":")
        arguments = ["mariadb", "--no-defaults", f"-u{user}", f"-h{host}", f"-P{port}", "--batch", "-N", "--comments", "--default-character-set=utf8mb4"]  # fmt: skip
        done = subprocess.run(
            [*arguments, *(() if database is None else (database,))],
            input=text.encode(), capture_output=True, env={**os.environ, "MYSQL_PWD": password}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return [line.split("\t") for line in done.stdout.decode().splitlines()]

    def make(self, text: str = SHOP) -> None:
        self.sql(
            f"DROP DATABASE IF EXISTS `{self.name}`; CREATE DATABASE `{self.name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
        )
        self.sql(text, self.name)

    def schemas(self) -> list[str]:
        """
        Name the schemas that are there because of this database.
        """
        return [name for (name,) in self.sql("SHOW DATABASES") if name.startswith(self.name)]

    def everything(self) -> dict[str, list[str]]:
        """
        Give all that is in the database, to be held against another time's.
        """
        of = f"SCHEMA = '{self.name}'"
        names = self.sql(
            f"SELECT IF(TABLE_TYPE = 'SEQUENCE', 'TABLE', REPLACE(TABLE_TYPE, 'BASE ', '')), TABLE_NAME FROM information_schema.TABLES WHERE TABLE_{of};"
            f"SELECT 'TRIGGER', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_{of};"
            f"SELECT 'EVENT', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_{of};"
            f"SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_{of};"
        )
        asked = {"schema": f"SHOW CREATE DATABASE `{self.name}`"}
        for kind, name in names:
            full = f"`{self.name}`.`{name.replace('`', '``')}`"
            asked[f"{kind} {name}"] = f"SHOW CREATE {kind} {full}"
            if kind == "TABLE":
                asked[f"rows of {name}"] = f"SELECT COUNT(*) FROM {full}"
                asked[f"checksum of {name}"] = f"CHECKSUM TABLE {full}"
        found: dict[str, list[str]] = {}
        for row in self.sql("".join(f"SELECT '-> {key.replace(QUOTE, QUOTE * 2)}'; {each};" for key, each in asked.items())):
            if row[0].startswith("-> "):
                rows = found[row[0]] = []
            else:  # but for the time at which a trigger was created
                rows += [cell for cell in row if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d\d", cell)]
        assert all(found.values())
        return found

    def backup(self, **more: object) -> MysqldumpBackup:
        written = {"url": self.url, "directory": str(self.folder), "timeout": "60s", **more}
        world = World(variables=dict(os.environ), read_file=lambda _: "")
        return MysqldumpBackup("snapshot", MysqldumpParameters.model_validate(written), world)

    def environment(self, path: Path, **more: object) -> str:
        """
        Write an Environment whose actuator keeps backups of this database; the URL is brought in.
        """
        options = "".join(f", {key}: {value}" for key, value in more.items())
        path.write_text(
            "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: shop}\nactuators:\n"
            f"  snapshot: {{mysqldump: {{url: '${{env:SHOP_URL}}', directory: {self.folder}{options}}}}}\n"
        )
        return str(path)
