"""
The SQL that puts one schema in the place of another, with its tables, views, triggers, routines and events.

There is no statement that renames a schema. Tables go from one to another by one `RENAME TABLE`, which is done as a whole
or not at all, but not while they have triggers; views, routines and events do not go at all, and are made anew. So that no
client that is killed leaves half of it, MariaDB gets all of it as one statement, which the server carries out to its end
whoever waits for it, and which undoes itself if a part of it fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from canarypolicy.backups.dump_text import statements_of, without_schema
from canarypolicy.backups.mysql_server import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from canarypolicy.backups.mysql_server import MysqlSession

MARKER: Final = "canarypolicy_swap"
"""A table that goes from the side schema to the old one with the tables: where it is tells whether they have gone."""
BROKEN_VIEW: Final = "BROKEN VIEW"
_LOCK_SECONDS: Final = 60
_LONG_SECONDS: Final = 86_400
_VERSION = re.compile(r"(\d+)\.(\d+)\.\d+-MariaDB")
_ONE_STATEMENT_SINCE = (10, 6)
_SET_CHARSET = re.compile(rb"character_set_client\s*=\s*(?!utf8)[a-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """
    The names of what is in a schema, by kind: `TABLE`, `VIEW`, `TRIGGER`, `EVENT`, `PROCEDURE`, `FUNCTION`, `PACKAGE`.

    A `BROKEN VIEW` reads what is no longer there: it can be dropped, and neither dumped nor made anew.
    """

    objects: tuple[tuple[str, str], ...]

    def names(self, kind: str) -> tuple[str, ...]:
        """
        Give the names of one kind.
        """
        return tuple(name for each, name in self.objects if each == kind)


def inventory_of(session: MysqlSession, schema: str) -> Inventory:
    """
    Ask the server what is in a schema; nothing is in one that is not there.
    """
    name = literal(schema)
    rows = session.ask(
        "SELECT IF(TABLE_TYPE LIKE '%VIEW', 'VIEW', 'TABLE'), TABLE_NAME FROM information_schema.TABLES"  # noqa: S608 - quoted
        f" WHERE TABLE_SCHEMA = {name};"
        f"SELECT 'TRIGGER', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {name};"
        f"SELECT 'EVENT', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {name};"
        "SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES"
        f" WHERE ROUTINE_SCHEMA = {name} AND ROUTINE_TYPE <> 'PACKAGE BODY';"
    )
    broken = _broken(session, schema, [name for kind, name in rows if kind == "VIEW"])
    found = ((BROKEN_VIEW if kind == "VIEW" and name in broken else kind, name) for kind, name in rows if name != MARKER)
    return Inventory(objects=tuple(sorted(found)))


def _broken(session: MysqlSession, schema: str, views: list[str]) -> set[str]:
    if not views:
        return set()
    checked = session.ask(f"CHECK TABLE {', '.join(_full((schema, view)) for view in views)}")
    sound = {name.removeprefix(f"{schema}.") for name, _, kind, text in checked if (kind, text) == ("status", "OK")}
    return set(views) - sound


def definitions_of(session: MysqlSession, schema: str, views: tuple[str, ...], *, has_events: bool) -> bytes:
    """
    Give the SQL that makes a schema's triggers, routines, views and, where they are wanted, events anew.
    """
    events = "--events" if has_events else "--skip-events"
    text = session.text_of(session.dumping(schema, "--no-data", "--no-create-info", "--add-drop-trigger", events))
    if views:
        bare = ("--no-data", "--skip-triggers", "--skip-routines", "--skip-events")
        text += session.text_of(session.dumping(schema, *bare, tables=views))
    return without_schema(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """
    A schema's tables by name, all that is in it, and how to make the rest anew.
    """

    inventory: Inventory
    definitions: bytes
    charset: tuple[str, str]
    """The schema's default character set and collation."""

    def as_record(self) -> dict[str, Any]:
        """
        Give it as a JSON value.
        """
        definitions = self.definitions.decode("utf-8", "surrogateescape")
        return {"objects": list(self.inventory.objects), "definitions": definitions, "charset": list(self.charset)}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Side:
        """
        Read what `as_record` gave.
        """
        charset, collation = record["charset"]
        return cls(
            inventory=Inventory(objects=tuple((kind, name) for kind, name in record["objects"])),
            definitions=record["definitions"].encode("utf-8", "surrogateescape"),
            charset=(charset, collation),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """
    What goes where: the tables of `target` to `before`, those of `side` to `target`.
    """

    target: str
    side: str
    before: str
    old: Side
    new: Side

    def script(self, *, is_one_statement: bool) -> bytes:
        """
        Give all of the swap, for the client, with `target` as the schema in use.
        """
        if is_one_statement:
            return b"".join(self._one_statement())
        return _plain((*self._first(), self._rename(), self._charset(self.new)), self.new.definitions)

    def rest(self) -> bytes:
        """
        Give what follows the tables' change of place; doing it again does no harm.
        """
        return _plain((*self._drops(self.new.inventory), self._charset(self.new)), self.new.definitions)

    def back(self) -> bytes:
        """
        Give what makes the old schema's triggers, views, routines and events anew, as long as its tables have not gone.
        """
        return _plain((self._charset(self.old),), self.old.definitions)

    def as_record(self) -> dict[str, Any]:
        """
        Give it as a JSON value.
        """
        return {
            "target": self.target,
            "side": self.side,
            "before": self.before,
            "old": self.old.as_record(),
            "new": self.new.as_record(),
        }

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Swap:
        """
        Read what `as_record` gave.
        """
        return cls(
            target=record["target"],
            side=record["side"],
            before=record["before"],
            old=Side.of_record(record["old"]),
            new=Side.of_record(record["new"]),
        )

    def can_be_one_statement(self, version: str) -> bool:
        """
        Tell whether the server takes all of it as one statement, and whether no text would change on the way.
        """
        found = _VERSION.search(version)
        if found is None or (int(found[1]), int(found[2])) < _ONE_STATEMENT_SINCE:
            return False
        return all(_survives(side.definitions) for side in (self.old, self.new))

    def _first(self) -> Iterator[str]:
        yield from self._drops(self.old.inventory)
        for name in self.new.inventory.names("TRIGGER"):  # a table with triggers does not change its schema
            yield f"DROP TRIGGER IF EXISTS {quoted(self.side)}.{quoted(name)}"

    def _drops(self, inventory: Inventory) -> Iterator[str]:
        for kind in ("EVENT", "TRIGGER", BROKEN_VIEW, "VIEW", "PROCEDURE", "FUNCTION", "PACKAGE"):
            for name in inventory.names(kind):
                yield f"DROP {kind.removeprefix('BROKEN ')} IF EXISTS {quoted(self.target)}.{quoted(name)}"

    def _rename(self) -> str:
        return "RENAME TABLE " + ", ".join(f"{_full(one)} TO {_full(other)}" for one, other in self._moves())

    def _rename_back(self) -> str:
        return "RENAME TABLE " + ", ".join(f"{_full(other)} TO {_full(one)}" for one, other in reversed(self._moves()))

    def _moves(self) -> list[tuple[tuple[str, str], tuple[str, str]]]:
        return [
            ((self.side, MARKER), (self.before, MARKER)),
            *(((self.target, name), (self.before, name)) for name in self.old.inventory.names("TABLE")),
            *(((self.side, name), (self.target, name)) for name in self.new.inventory.names("TABLE")),
        ]

    def _charset(self, side: Side) -> str:
        # Before all definitions: each routine keeps its schema's collation from when it was made.
        charset, collation = side.charset
        return f"ALTER DATABASE {quoted(self.target)} CHARACTER SET {charset} COLLATE {collation}"

    def _one_statement(self) -> Iterator[bytes]:
        yield (
            f"SET SESSION sql_mode = '', foreign_key_checks = 0, lock_wait_timeout = {_LOCK_SECONDS};\n"
            f"DELIMITER ;;\nBEGIN NOT ATOMIC\n"
            f"IF GET_LOCK({literal(lock_name(self.target))}, {_LOCK_SECONDS}) <> 1 THEN"
            " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'another restore of this database goes on'; END IF;\n"
            "BEGIN\nDECLARE moved INT DEFAULT 0;\nDECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN\n"
            # Whatever keeps a table busy now: undoing waits for it.
            f"SET SESSION lock_wait_timeout = {_LONG_SECONDS};\nIF moved THEN\n"
        ).encode()
        yield from _immediate((*self._drops(self.new.inventory), self._rename_back()))
        yield b"END IF;\n"
        yield from _immediate((self._charset(self.old), *statements_of(self.old.definitions)))
        yield b"RESIGNAL;\nEND;\n"
        yield from _immediate((*self._first(), self._rename()))
        yield b"SET moved = 1;\n"
        yield from _immediate((self._charset(self.new), *statements_of(self.new.definitions)))
        yield b"END;\nEND;;\n"


def lock_name(target: str) -> str:
    """
    Name the server's lock that a swap holds; such names have 64 characters at most.
    """
    return f"canarypolicy:{target}"[:64]


def _full(table: tuple[str, str]) -> str:
    return f"{quoted(table[0])}.{quoted(table[1])}"


def _plain(first: Iterable[str], definitions: bytes) -> bytes:
    begin = f"SET SESSION foreign_key_checks = 0, lock_wait_timeout = {_LOCK_SECONDS}"
    return "".join(f"{each};\n" for each in (begin, *first)).encode("utf-8", "surrogateescape") + definitions


def _immediate(statements: Iterable[str | bytes]) -> Iterator[bytes]:
    for each in statements:
        data = each.encode("utf-8", "surrogateescape") if isinstance(each, str) else each
        yield b"EXECUTE IMMEDIATE '" + data.replace(b"\\", b"\\\\").replace(b"'", b"\\'") + b"';\n"


def _survives(text: bytes) -> bool:
    """
    Tell whether a text means the same as a literal in UTF-8: it is plain ASCII, or its own character set is UTF-8.
    """
    if text.isascii():
        return True
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return _SET_CHARSET.search(text) is None
