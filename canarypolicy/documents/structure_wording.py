"""
Every sentence about a document's structure: keys, types, names and numbers that a schema refuses.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import PATTERN as DURATION_PATTERN
from canarypolicy.documents.duration import parse_duration
from canarypolicy.documents.fields import KEBAB_PATTERN
from canarypolicy.documents.signals import NAME_PATTERN
from canarypolicy.documents.wording import code, listed, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from canarypolicy.documents.checked import Path

_TYPES = {
    "string": "text",
    "integer": "an int",
    "number": "a number",
    "boolean": "`true` or `false`",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_WORDS = {"yes": "true", "on": "true", "no": "false", "off": "false", "true": "true", "false": "false"}
_PATTERNS = {DURATION_PATTERN: "a duration such as `5m`", KEBAB_PATTERN: "a name such as `canary-10`"}


def subject(path: Path) -> str:
    """
    Name a value by its key, an item of a list by its number, which counts from 1.
    """
    match path:
        case ():
            return "the document"
        case (*before, int(index)):
            return f"item {index + 1} of {subject(tuple(before))}"
        case (*_, key):
            return code(key)
    raise AssertionError(path)  # pragma: no cover - a path is empty or has a last part


def shown(value: Any) -> str:
    """
    Write a value as the document may have it.
    """
    return code(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def found(value: Any) -> str:
    """
    Say what stands there, in words of YAML.
    """
    if value is None or value == "":
        return "nothing" if value is None else "an empty text"
    kinds = ((str, "the text "), (bool, ""), (int, "the int "), (float, "the number "))
    word = next((word for kind, word in kinds if isinstance(value, kind)), None)
    if word is not None:
        return word + shown(value)
    return "a list" if isinstance(value, list) else "a mapping"


def expected(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """
    Say what a schema asks for.
    """
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "x-kind" in schema:
        return f"a mapping with one {schema['x-kind']}"
    branches = schema.get("anyOf", schema.get("oneOf"))
    if branches is not None:
        return " or ".join(expected(branch, definitions) for branch in branches)
    if "const" in schema or "enum" in schema:
        return listed([shown(value)[1:-1] for value in schema.get("enum", [schema.get("const")])], "or")
    pattern = schema.get("pattern")
    if pattern in _PATTERNS:
        return _PATTERNS[pattern]
    if schema.get("required"):
        return f"a mapping with {listed(schema['required'])}"
    types = schema.get("type", [])
    return " or ".join(_TYPES[name] for name in ([types] if isinstance(types, str) else types))


def missing_keys(path: Path, keys: Sequence[str]) -> str:
    """
    Say that keys are not there.
    """
    return f"{subject(path)} lacks {listed(keys)}"


def unknown_key(key: str, schema: Mapping[str, Any]) -> tuple[str, str | None]:
    """
    Say that there is no such key, and which there are.
    """
    kind = schema.get("x-kind")
    sentence = f"there is no {kind} {code(key)}" if kind else f"unknown key {code(key)}"
    known = schema.get("properties", {})
    glued = next((name for name in known if key.startswith(f"{name}:")), None)
    if glued is not None:
        return sentence, f"a key has a blank behind its colon: {code(f'{glued}: {key[len(glued) + 1 :]}')}"
    return sentence, suggestion(key, known, "allowed")


def wrong_type(path: Path, value: Any, asked: str) -> tuple[str, str | None]:
    """
    Say that a value has the wrong type.
    """
    if value is None:
        return f"{subject(path)} has no value, expected {asked}", None
    return f"{subject(path)} is {asked}, found {found(value)}", _other_spelling(value, asked)


def _other_spelling(value: Any, asked: str) -> str | None:
    """
    Say how a value would have to be written to have the type that is asked for.
    """
    if isinstance(value, str):
        if asked in (_TYPES["number"], _TYPES["integer"]) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
            return "leave the quotes out"
        meant = _WORDS.get(value.lower()) if "`true`" in asked else None
        return f"YAML 1.2 knows one word for it: write `{meant}`" if meant else None
    if isinstance(value, (list, dict)):
        return None
    if "a duration" in asked:
        return (
            f"a duration has a unit: {code(f'{value}s')} are seconds, {code(f'{value}m')} minutes" if type(value) is int else None
        )
    return (
        f"for text, write it in quotes: `'{json.dumps(value)}'`"
        if asked in (_TYPES["string"], _PATTERNS[KEBAB_PATTERN])
        else None
    )


def not_one(kind: str, value: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[str, str | None]:
    """
    Say that a mapping has not exactly one key, the name of a kind's member.
    """
    given = listed(value) if value else "none"
    return f"expected exactly one {kind}, found {given}", f"one of {listed(known, 'or')}" if known else None


def out_of_bounds(path: Path, value: Any, keyword: str, bound: Any) -> tuple[str, str, str | None]:
    """
    Say that a number, a text or a list is too small or too large: a finding's name, its sentence and help.
    """
    name, asked = {
        "minimum": ("number-out-of-range", f"at least {bound}"),
        "maximum": ("number-out-of-range", f"at most {bound}"),
        "exclusiveMinimum": ("number-out-of-range", f"more than {bound}"),
        "exclusiveMaximum": ("number-out-of-range", f"less than {bound}"),
        "minLength": ("empty-text", "text"),
        "maxLength": ("text-too-long", f"at most {bound} characters"),
        "minItems": ("wrong-count", f"at least {bound} {'item' if bound == 1 else 'items'}"),
        "maxItems": ("wrong-count", f"at most {bound} {'item' if bound == 1 else 'items'}"),
    }.get(keyword, ("wrong-value", f"{keyword} {shown(bound)}"))
    if isinstance(value, list):
        return name, f"{subject(path)} has {len(value)} {'item' if len(value) == 1 else 'items'}, expected {asked}", None
    if keyword == "minLength":
        return name, f"{subject(path)} is empty", None
    if keyword == "maxLength":
        return name, f"{subject(path)} has {len(value)} characters, expected {asked}", None
    return name, f"{subject(path)} is {shown(value)}, expected {asked}", None


def wrong_text(text: str, pattern: str) -> tuple[str, str, str | None]:
    """
    Say what is wrong with a text that has to follow a pattern: a finding's name, its sentence and help.
    """
    if pattern == DURATION_PATTERN:
        try:
            parse_duration(text)
        except ValueError as error:
            return "invalid-duration", str(error), _duration_help(text)
    if pattern == KEBAB_PATTERN:
        slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
        sentence = f"{code(text)} is not a name: expected lower-case letters, digits and single hyphens between them"
        return "invalid-name", sentence, f"write {code(slug)}" if slug else None
    if pattern == NAME_PATTERN:
        sentence = (
            f"{code(text)} is not the name of a signal: expected parts of letters and digits with dots between them, "
            "underscores only in the last part"
        )
        return "invalid-name", sentence, _signal_help(text)
    return "invalid-text", f"{code(text)} does not follow the pattern {code(pattern)}", None


_LONG_DURATION = re.compile(
    r"([0-9]+)\s*(milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)", re.IGNORECASE
)


def _duration_help(text: str) -> str | None:
    written = _LONG_DURATION.fullmatch(text.strip())
    if written is None:
        return None
    unit = written[2].lower()
    return f"write {code(written[1] + ('ms' if unit.startswith(('ms', 'milli')) else unit[0]))}"


def _signal_help(text: str) -> str | None:
    *roots, last = [re.sub(r"[^a-zA-Z0-9_]+", "_", part).strip("_") for part in text.split(".")]
    meant = ".".join([*(root.replace("_", "") for root in roots), last])
    return f"write {code(meant)}" if re.fullmatch(NAME_PATTERN, meant) else None
