"""
Secrets: text that is used and never shown, and templates whose `${env:NAME}` and `${file:PATH}` bring secrets in.

No variable and no file is read here; both come in as arguments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from pydantic_core import CoreSchema, core_schema

from canarypolicy.documents.fields import fault
from canarypolicy.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

SHOWN = "***"
"""The one text form of a secret."""

_SUBSTITUTION = re.compile(r"\$(?P<escaped>\$\{)|\$\{(?P<inside>[^{}]*)(?P<closed>\})?")
_INSIDE = re.compile(r"(?P<kind>env|file):(?P<name>[^\x00]+)", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_URL_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^/\s:@'\"]*:)(?P<hidden>[^\s'\"]+)(?=@)", re.IGNORECASE)
_KEY_OF_SECRET = re.compile(
    r"(?P<before>\b(?:password|passwd|token|bearer_token|secret|authorization|api[-_]?key)['\"]?\s*:[ \t]*)"
    r"(?P<hidden>\"[^\"\n]*\"|'[^'\n]*'|[^\s,{}'\"][^,}\n]*)",
    re.IGNORECASE,
)


class Secret:
    """
    A text that has no text form but `***`; only `reveal` gives it, to the one who uses it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """
        Give the text itself, to be sent and never to be shown.
        """
        return self._text

    def __repr__(self) -> str:
        return SHOWN

    def __format__(self, _: str) -> str:
        return SHOWN

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


@dataclass(frozen=True, slots=True)
class Reference:
    """
    One `${env:NAME}` or `${file:PATH}`.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"${{{self.kind}:{self.name}}}"


Part: TypeAlias = "str | Reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """
    Where substitutions come from: the environment's variables, and a reader of files that raises `OSError`.
    """

    variables: Mapping[str, str]
    read_file: Callable[[str], str]
    started_us: int | None = None
    """When the run began, for what is played from its beginning; None: there is no run."""


@dataclass(frozen=True, slots=True, repr=False)
class Template:
    """
    Text with substitutions in it, as it is written; `$${` stands for `${` itself.
    """

    parts: tuple[Part, ...]

    JSON_SCHEMA: ClassVar[JsonSchemaValue] = {
        "type": "string",
        "minLength": 1,
        "description": "Text; ${env:NAME} and ${file:PATH} bring in secrets.",
    }

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(part for part in self.parts if isinstance(part, Reference))

    @property
    def has_written_password(self) -> bool:
        """
        Whether a URL's password is written out, and not brought in.
        """
        return any("${" not in match["hidden"] for match in _URL_PASSWORD.finditer(self._written))

    @property
    def _written(self) -> str:
        return "".join(str(part) for part in self.parts)

    def __str__(self) -> str:
        """
        Give the text as it is written, without the passwords in it.
        """
        return without_passwords(self._written)

    def __repr__(self) -> str:
        return f"Template({str(self)!r})"

    def resolve(self, world: World, place: str) -> tuple[Secret, tuple[Secret, ...]]:
        """
        Give the whole text, and each text that was brought in.

        An unset variable or an unreadable file is `Unavailable`, which names it and `place`.
        """
        brought_in: list[Secret] = []
        texts: list[str] = []
        for part in self.parts:
            if isinstance(part, Reference):
                secret = Secret(_bring_in(part, world, place))
                brought_in.append(secret)
                texts.append(secret.reveal())
            else:
                texts.append(part)
        return Secret("".join(texts)), tuple(brought_in)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            parse_template,
            core_schema.str_schema(strict=True, min_length=1),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return dict(cls.JSON_SCHEMA)


def parse_template(text: str) -> Template:
    """
    Find the substitutions in a text; any other `${` is a fault.
    """
    parts: list[Part] = []
    at = 0
    for match in _SUBSTITUTION.finditer(text):
        if match.start() > at:
            parts.append(text[at : match.start()])
        parts.append("${" if match["escaped"] else _reference(match))
        at = match.end()
    if at < len(text):
        parts.append(text[at:])
    return Template(tuple(parts))


def _reference(match: re.Match[str]) -> Reference:
    written, inside = match[0], _INSIDE.fullmatch(match["inside"])
    if not match["closed"]:
        raise fault("unknown-substitution", f"`{written[:40]}` has no closing brace", help="write `$${` for `${` itself")
    if inside is None or (inside["kind"] == "env" and not _VARIABLE.fullmatch(inside["name"])):
        name = match["inside"]
        meant = f"did you mean `${{env:{name}}}`? " if _VARIABLE.fullmatch(name) else ""
        raise fault(
            "unknown-substitution",
            f"`{written[:40]}` is no substitution: expected `${{env:NAME}}` or `${{file:PATH}}`",
            help=f"{meant}write `$${{` for `${{` itself",
        )
    return Reference(inside["kind"], inside["name"])


def _bring_in(reference: Reference, world: World, place: str) -> str:
    if reference.kind == "env":
        if reference.name not in world.variables:
            raise Unavailable(f"{place}: the environment variable `{reference.name}` is not set", help=f"set `{reference.name}`")
        text = world.variables[reference.name]
        if any("\ud800" <= each <= "\udfff" for each in text):  # bytes that are no text, as Python keeps them
            raise Unavailable(f"{place}: the environment variable `{reference.name}` is not UTF-8 text")
        return text
    try:
        return world.read_file(reference.name).removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        raise Unavailable(f"{place}: cannot read the file `{reference.name}`: {why}") from None


def without_passwords(text: str) -> str:
    """
    Hide the passwords of URLs.
    """
    return _URL_PASSWORD.sub(lambda match: match["before"] + SHOWN, text)


def blotted(text: str) -> str:
    """
    Blot out what looks like a secret in a document's text, character for character, so that all places stay true.
    """
    for pattern in (_URL_PASSWORD, _KEY_OF_SECRET):
        text = pattern.sub(lambda match: match["before"] + _blot(match["hidden"]), text)
    return text


def _blot(hidden: str) -> str:
    return hidden if "${" in hidden else "*" * len(hidden)


def masked(text: str, secrets: tuple[Secret, ...]) -> str:
    """
    Hide secrets in a text that came from elsewhere, such as a server's error message.
    """
    for shown in sorted({secret.reveal() for secret in secrets} - {""}, key=len, reverse=True):
        text = text.replace(shown, SHOWN)
    return without_passwords(text)
