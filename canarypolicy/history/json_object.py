"""
JSON read strictly, with the place of each member in its line.

Duplicate keys are faults; NaN and infinities are data. What an object must hold is the business of those who read it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from canarypolicy.history.draft import BadLine, TornLine
from canarypolicy.history.instant import BadTime, instant_of
from canarypolicy.history.wording import kind_of, offered, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from canarypolicy.history.draft import Place

_MOST_DIGITS = 400
"""Longer integers are beyond every double, and reading them digit by digit takes long."""
_BLANK = " \t\n\r"


class _DuplicateKey(Exception):
    pass


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _DuplicateKey
    return members


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


_STRICT = json.JSONDecoder(object_pairs_hook=_members, parse_int=_integer)
_LENIENT = json.JSONDecoder(parse_int=_integer)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonObject:
    """
    A JSON object, the text in which it stands, and what it is called in messages.
    """

    text: str
    members: Mapping[str, Any]
    title: str
    path: tuple[str, ...] = ()
    """The keys that lead to it from the text's outermost object."""

    def refuse(self, name: str, message: str, *path: str, help: str | None = None) -> BadLine:  # noqa: A002 - the word of the messages
        """
        Make the fault of a member's value, or of the whole object.
        """
        return BadLine(name, message, self.place_of(*path), help)

    def place_of(self, *path: str) -> Place | None:
        """
        Give the place of a member's value; None for the whole text.
        """
        return _place(self.text, (*self.path, *path))

    def called(self, title: str) -> JsonObject:
        """
        Give the same object under another title.
        """
        return JsonObject(text=self.text, members=self.members, title=title, path=self.path)

    def check_keys(self, allowed: Iterable[str], required: Iterable[str] = ()) -> None:
        """
        Refuse a key that is not allowed and the lack of one that is required.
        """
        names = list(allowed)
        for key in self.members:
            if key not in names:
                place = _place(self.text, (*self.path, key), of_key=True)
                raise BadLine("unknown-key", f"{self.title} has no key {quoted(key)}", place, offered(key, names))
        for key in required:
            if key not in self.members:
                raise self.refuse("missing-key", f"{self.title} lacks its key `{key}`")

    def text_of(self, key: str) -> str | None:
        """
        Give a text; None if it is absent or null.
        """
        value = self.members.get(key)
        if value is None or isinstance(value, str):
            return value
        raise self._wrong(key, "text")

    def truth_of(self, key: str) -> bool | None:
        """
        Give a bool; None if it is absent or null.
        """
        value = self.members.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self._wrong(key, "a bool")

    def weight_of(self, key: str) -> float | None:
        """
        Give a weight; None if it is absent, null or NaN.
        """
        value = self.members.get(key)
        if value is None or (isinstance(value, float) and isnan(value)):
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._wrong(key, "a number of percent")
        try:
            weight = float(value)
        except OverflowError:
            weight = float("inf")
        if not isfinite(weight):
            raise self.refuse("wrong-type", f"expected a number of percent for `{key}`, found one without end", key)
        return weight

    def instant_of(self, key: str) -> int:
        """
        Give a time in microseconds.
        """
        try:
            return instant_of(self.members[key])
        except BadTime as fault:
            raise self.refuse("bad-time", fault.message, key, help=fault.help) from fault

    def object_of(self, key: str) -> JsonObject:
        """
        Give an object; an empty one if it is absent.
        """
        value = self.members.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, "an object")
        return JsonObject(text=self.text, members=value, title=f"`{key}`", path=(*self.path, key))

    def values(self, help: str | None = None) -> Mapping[str, object]:  # noqa: A002 - the word of the messages
        """
        Give the members, of which each must be a number, a bool, text or null.
        """
        for key, value in self.members.items():
            if isinstance(value, (dict, list)):
                message = f"a signal is a number, a bool, text or null, found {kind_of(value)} for {quoted(key)}"
                raise self.refuse("wrong-type", message, key, help=help)
        return self.members

    def _wrong(self, key: str, expected: str) -> BadLine:
        return self.refuse("wrong-type", f"expected {expected} for `{key}`, found {kind_of(self.members[key])}", key)


def read_object(text: str, title: str) -> JsonObject:
    """
    Read text that must be one JSON object.
    """
    try:
        value = _decode(text)
    except json.JSONDecodeError as fault:
        sentence = f"{title} is an object in JSON: {fault.msg[:1].lower()}{fault.msg[1:]}"
        raise TornLine("bad-json", sentence, (fault.pos, min(fault.pos + 1, len(text)))) from fault
    except RecursionError as fault:
        raise BadLine("too-deep", "arrays or objects are nested too deep") from fault
    if not isinstance(value, dict):
        raise BadLine("wrong-type", f"expected an object for {title}, found {kind_of(value)}")
    if "\\ud" in text.lower() and _has_half_character(value):
        raise BadLine("not-text", "a text has half a character: a surrogate without its other half")
    return JsonObject(text=text, members=value, title=title)


def _decode(text: str) -> Any:
    try:
        return _STRICT.decode(text)
    except _DuplicateKey as fault:
        _LENIENT.decode(text)  # a line that is not JSON further on cannot be walked through, and that is the worse fault
        raise _duplicate(text) from fault


def _has_half_character(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _duplicate(text: str) -> BadLine:
    """
    Find the key that stands twice: in the object itself or in one of its members; deeper, the whole line is meant.
    """
    objects: list[int] = []
    if text.lstrip(_BLANK).startswith("{"):
        objects = [0, *(value[0] for _, _, value in _walk(text, 0) if text[value[0]] == "{")]
    for at in objects:
        seen: set[str] = set()
        for key, place, _ in _walk(text, at):
            if key in seen:
                return BadLine("duplicate-key", f"the key {quoted(key)} stands twice", place)
            seen.add(key)
    return BadLine("duplicate-key", "a key stands twice in one object")


def _place(text: str, path: tuple[str, ...], *, of_key: bool = False) -> Place | None:
    """
    Give the place of the value, or of the key, to which a path leads.
    """
    place: Place | None = None
    at = 0
    for key in path:
        found = next((each for each in _walk(text, at) if each[0] == key), None)
        assert found is not None, "a path leads to what was read"
        place = found[1] if of_key else found[2]
        at = found[2][0]
    return place


def _walk(text: str, at: int) -> Iterator[tuple[str, Place, Place]]:
    """
    Give key, place of the key and place of the value of each member of the object that begins at or behind `at`.
    """
    at = _skip(text, text.index("{", at) + 1)
    while text[at] != "}":
        key, key_end = _LENIENT.raw_decode(text, at)
        start = _skip(text, _skip(text, key_end) + 1)
        _, end = _LENIENT.raw_decode(text, start)
        yield key, (at, key_end), (start, end)
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    while text[at] in _BLANK:
        at += 1
    return at
