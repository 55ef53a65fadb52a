"""
The faults that a document's models find: values that do not fit together.

A model raises `fields.fault`, whose sentence is final; whatever else pydantic finds is put in words here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from canarypolicy.documents.finding import Finding
from canarypolicy.documents.structure_wording import found, subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core import ErrorDetails

    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.structure import PathFinding
    from canarypolicy.documents.yaml_tree import Tree

M = TypeVar("M", bound=BaseModel)

_NAMES = {"url": "invalid-url", "string_pattern_mismatch": "invalid-text"}


def model_findings(tree: Tree, model: type[M], structure: Sequence[PathFinding]) -> tuple[M | None, list[PathFinding]]:
    """
    Make a document's model of its data, or tell its faults, those of its structure among them.

    Of two faults of one value the model's is told, which knows more of the meaning, unless both are the same.
    """
    try:
        return model.model_validate(tree.data), list(structure)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
    names = {(path, finding.name) for path, finding in structure}
    own = [_own(error, tree) for error in errors if _is_own(error)]
    own = [(path, finding) for path, finding in own if (path, finding.name) not in names]
    better = {path for path, _ in own}
    kept = [(path, finding) for path, finding in structure if path not in better]
    if structure:  # what else pydantic says, the schema has said already
        return None, kept + own
    others = [_other(error, tree) for error in errors if not _is_own(error) and not _follows(error, errors)]
    return None, own + [each for each in others if each[0] not in better]


def _is_own(error: ErrorDetails) -> bool:
    return "sentence" in error.get("ctx", {})


def _follows(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """
    Tell whether a list is only too short because items in it are wrong.
    """
    place = error["loc"]
    below = [each for each in errors if len(each["loc"]) > len(place) and each["loc"][: len(place)] == place]
    return error["type"] == "too_short" and bool(below)


def _own(error: ErrorDetails, tree: Tree) -> PathFinding:
    context = error["ctx"]
    path = (*_written(error["loc"], tree.data), *context["at"])
    return path, Finding(name=error["type"], message=context["sentence"], span=tree.at(path), help=context["help"])


def _other(error: ErrorDetails, tree: Tree) -> PathFinding:
    path = _written(error["loc"], tree.data)
    name = next((name for start, name in _NAMES.items() if error["type"].startswith(start)), "wrong-value")
    if name == "invalid-url":
        asked = "a URL such as `https://wiki.example/errors`"
        sentence = f"{subject(path)} is {asked}, found {found(error['input'])}"
    else:
        sentence = f"{subject(path)} does not fit: {error['msg'][:1].lower()}{error['msg'][1:]}"
    return path, Finding(name=name, message=sentence, span=tree.at(path))


def _written(place: tuple[int | str, ...], data: Any) -> Path:
    """
    Leave out of pydantic's path what stands for an alternative and not for a key.
    """
    path: list[str | int] = []
    for key in place:
        is_key = isinstance(data, dict) and key in data
        if is_key or (isinstance(data, list) and isinstance(key, int) and key < len(data)):
            path.append(key)
            data = data[key]
    return tuple(path)
