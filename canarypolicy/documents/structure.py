"""
The structure of a document: every fault that its JSON Schema finds, placed and put in words.

The schema is the contract that editors use, too; what the values mean together is for the models and for `meaning`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from canarypolicy.documents import structure_wording as wording
from canarypolicy.documents.finding import Finding
from canarypolicy.documents.placeholders import without_placeholders
from canarypolicy.documents.schemas import structure_of
from canarypolicy.documents.wording import code, nearest

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.yaml_tree import Tree

PathFinding: TypeAlias = tuple["Path", Finding]
"""A finding and the path of what it is about."""


def structure_findings(tree: Tree, schema_name: str) -> list[PathFinding]:
    """
    Hold a document against a schema and give all faults.
    """
    reader = _Reader(tree=tree, definitions=_schema(schema_name).get("$defs", {}))
    faults = (_fault(error, ()) for error in _validator(schema_name).iter_errors(tree.data))
    findings: dict[Path, Finding] = {}
    for fault in faults:
        for path, finding in reader.read(fault):
            findings.setdefault(path, finding)  # one fault a value: of a wrong value, its wrong type is no news
    return list(findings.items())


@cache
def _schema(schema_name: str) -> dict[str, Any]:
    schema: dict[str, Any] = without_placeholders(structure_of(schema_name))
    return schema


@cache
def _validator(schema_name: str) -> Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to import, and needed only when a document is read

    return Draft202012Validator(_schema(schema_name))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """
    What of jsonschema's error is used.
    """

    path: Path
    """From the document's root."""
    keyword: str
    """The keyword of the schema that is not met."""
    asked: Any
    """That keyword's value."""
    value: Any
    schema: Mapping[str, Any]
    is_about_key: bool
    """Whether `value` is a key and `path` leads to its mapping."""
    is_about_whole: bool
    """Whether, below an alternative, it is about the very value for which there are alternatives."""
    below: Mapping[int, tuple[_Fault, ...]]
    """For alternatives: the faults of each."""


def _fault(error: Any, path: Path) -> _Fault:
    below: dict[int, tuple[_Fault, ...]] = {}
    here = (*path, *error.relative_path)
    for each in error.context:
        number = each.relative_schema_path[0]
        below[number] = (*below.get(number, ()), _fault(each, here))
    return _Fault(
        path=here,
        keyword=error.validator,
        asked=error.validator_value,
        value=error.instance,
        schema=error.schema,
        is_about_key="propertyNames" in error.relative_schema_path,
        is_about_whole=not error.relative_path,
        below=below,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """
    Turns a schema's faults into findings with a place.
    """

    tree: Tree
    definitions: Mapping[str, Any]

    def read(self, fault: _Fault) -> Iterator[PathFinding]:
        """
        Put one fault in words; the unknown keys of a mapping are one fault, and several findings.
        """
        path, value = fault.path, fault.value
        if fault.is_about_key:
            yield self._name_of_key(fault)
            return
        match fault.keyword:
            case "additionalProperties":
                yield from self._unknown_keys(fault)
            case "required":
                yield from self._missing_keys(fault)
            case "type":
                yield self._value(path, "wrong-type", *wording.wrong_type(path, value, self._expected(fault)))
            case "enum" | "const":
                yield self._choice_of_values(fault, fault)
            case "pattern":
                yield self._value(path, *wording.wrong_text(value, fault.asked))
            case "anyOf" | "oneOf":
                yield from self._one_of(fault)
            case "minProperties" | "maxProperties":
                yield from self._count(fault)
            case keyword:
                yield self._value(path, *wording.out_of_bounds(path, value, keyword, fault.asked))

    def _expected(self, fault: _Fault) -> str:
        return wording.expected(fault.schema, self.definitions)

    def _value(self, path: Path, name: str, message: str, way_out: str | None = None) -> PathFinding:
        return path, Finding(name=name, message=message, span=self.tree.at(path), help=way_out)

    def _name_of_key(self, fault: _Fault) -> PathFinding:
        path = (*fault.path, fault.value)
        if fault.keyword == "pattern":
            name, message, way_out = wording.wrong_text(fault.value, fault.asked)
        else:
            name, message, way_out = wording.out_of_bounds(path, fault.value, fault.keyword, fault.asked)
        return path, Finding(name=name, message=message, span=self.tree.key(path), help=way_out)

    def _unknown_keys(self, fault: _Fault) -> Iterator[PathFinding]:
        for key in _strangers(fault):
            message, way_out = wording.unknown_key(key, fault.schema)
            path = (*fault.path, key)
            yield path, Finding(name="unknown-key", message=message, span=self.tree.key(path), help=way_out)

    def _missing_keys(self, fault: _Fault) -> Iterator[PathFinding]:
        absent = [key for key in fault.asked if key not in fault.value]
        meant = {nearest(stranger, absent) for stranger in _strangers(fault)}
        missing = [key for key in absent if key not in meant]  # of the others, the unknown key says what was meant
        if missing:
            yield self._value((*fault.path, missing[0]), "missing-key", wording.missing_keys(fault.path, missing))

    def _choice_of_values(self, fault: _Fault, whole: _Fault) -> PathFinding:
        """
        Tell a value that is none of some; `whole` is the fault of all alternatives, if there are further ones.
        """
        allowed = [str(each) for each in fault.schema.get("enum", ())]
        message, way_out = wording.wrong_type(fault.path, fault.value, self._expected(whole))
        guess = nearest(fault.value, allowed) if isinstance(fault.value, str) else None
        return self._value(fault.path, "unknown-value", message, f"did you mean {code(guess)}?" if guess else way_out)

    def _count(self, fault: _Fault) -> Iterator[PathFinding]:
        known = fault.schema.get("properties", {})
        if fault.schema.get("maxProperties") != 1:
            yield self._value(fault.path, "empty-mapping", f"{wording.subject(fault.path)} is empty")
        elif not known or not _strangers(fault):  # else the unknown key is what is wrong
            message, way_out = wording.not_one(fault.schema.get("x-kind", "key"), fault.value, known)
            yield self._value(fault.path, "not-one-choice", message, way_out)

    def _one_of(self, fault: _Fault) -> Iterator[PathFinding]:
        """
        Tell the faults of the alternative that was probably meant.
        """
        near = [faults for faults in fault.below.values() if not any(_is_of_another_type(each) for each in faults)]
        if not near:
            yield self._value(fault.path, "wrong-type", *wording.wrong_type(fault.path, fault.value, self._expected(fault)))
            return
        for each in min(near, key=lambda faults: sum(_weight(each) for each in faults)):
            if each.is_about_whole and each.keyword == "enum":
                yield self._choice_of_values(each, fault)
            else:
                yield from self.read(each)


def _strangers(fault: _Fault) -> list[str]:
    return [key for key in fault.value if key not in fault.schema.get("properties", {})]


def _is_of_another_type(fault: _Fault) -> bool:
    return fault.keyword == "type" and fault.is_about_whole


def _weight(fault: _Fault) -> int:
    """
    Count how much speaks against an alternative: each key too many or too few, each value that does not fit.
    """
    return len(_strangers(fault)) if fault.keyword == "additionalProperties" else 1
