"""
A checked policy with one thing changed: models are made anew from the change up, everything else is shared.

YAML is not read again. A change that leaves no valid document gives None; what makes one valid is the business of
`canarypolicy.documents` and `canarypolicy.lints`, whose checks are used here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from canarypolicy.cel.checking import check_expression
from canarypolicy.derived import DERIVED
from canarypolicy.documents.choice import Choice
from canarypolicy.documents.policy import RolloutPolicy
from canarypolicy.documents.span import Embedded

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression
    from canarypolicy.documents.checked import CheckedPolicy, Path

T = TypeVar("T")

GONE = object()
"""The new value of a key that is left out."""


def with_keys(checked: CheckedPolicy, path: Path, **changes: Any) -> CheckedPolicy | None:
    """
    Change keys of the model at a path; `GONE` leaves a key out. None if the models refuse it.
    """
    try:
        policy = _put(checked.policy, path, changes)
    except ValidationError:
        return None
    return replace(checked, policy=policy)


def with_text(checked: CheckedPolicy, path: Path, expression: Expression) -> CheckedPolicy | None:
    """
    Put another expression in the place of one.
    """
    *around, key = path
    edited = with_keys(checked, tuple(around), **{str(key): expression.text})
    return None if edited is None else replace(edited, expressions={**checked.expressions, path: expression})


def without_key(checked: CheckedPolicy, path: Path) -> CheckedPolicy | None:
    """
    Leave a key of a model out, with the expression that may stand there.
    """
    *around, key = path
    edited = with_keys(checked, tuple(around), **{str(key): GONE})
    if edited is None:
        return None
    return replace(edited, expressions={each: value for each, value in checked.expressions.items() if each != path})


def without_item(checked: CheckedPolicy, path: Path) -> CheckedPolicy | None:
    """
    Leave an item of a list out; those behind it move up.
    """
    *around, key, index = path
    items = _at(checked.policy, (*around, key))
    left = tuple(item for place, item in enumerate(items) if place != index)
    edited = with_keys(checked, tuple(around), **{str(key): left})
    if edited is None:
        return None
    return replace(
        edited,
        places=_moved_up(checked.places, path),
        keys=_moved_up(checked.keys, path),
        expressions=_moved_up(checked.expressions, path),
    )


def with_derived(checked: CheckedPolicy, name: str, parameters: Mapping[str, Any]) -> CheckedPolicy | None:
    """
    Change parameters of a derived signal, and with them what is known of it and of those that read it.
    """
    chosen = checked.policy.derived[name]
    try:
        changed = _made_anew(chosen.parameters, parameters)
    except ValidationError:
        return None
    derived = {**checked.policy.derived, name: type(chosen)(chosen.name, changed)}
    declared = dict(checked.declared)
    for each in checked.derived_order:
        function, asked = DERIVED[derived[each].name], derived[each].parameters
        result = function.result(asked, tuple(declared[read] for read in function.inputs(asked)))
        if result.type is not declared[each].type:
            return None  # what reads it would have to be checked again
        declared[each] = result
    return replace(checked, policy=checked.policy.model_copy(update={"derived": derived}), declared=declared)


def with_characters(checked: CheckedPolicy, path: Path, span: tuple[int, int], text: str) -> Expression | None:
    """
    Give the expression at a path with other text in a part of it; None if that is no valid one.
    """
    place = checked.expressions[path].place
    start, end = span
    changed = place.text[:start] + text + place.text[end:]
    offsets = (*place.offsets[:start], *[place.offsets[start]] * len(text), *place.offsets[end:])
    is_gate = path[:2] == ("plan", "gates")
    expression, _ = check_expression(
        Embedded(text=changed, span=place.span, offsets=offsets),
        {} if is_gate else {name: declared.type for name, declared in checked.declared.items()},
        results=is_gate,
        values={} if is_gate else _texts(checked.policy),
    )
    return expression


def _texts(policy: RolloutPolicy) -> Mapping[str, tuple[str, ...]]:
    values = {name: signal.values for name, signal in policy.signals.items() if signal.values}
    return {**values, "rollout.step": tuple(step.name for step in policy.plan.steps)}


def _at(model: Any, path: Path) -> Any:
    for key in path:
        model = getattr(model, key) if isinstance(key, str) and isinstance(model, BaseModel) else model[key]
    return model


def _put(model: Any, path: Path, changes: Mapping[str, Any]) -> Any:
    if not path:
        return _made_anew(model, changes)
    key, *rest = path
    below = _put(_at(model, (key,)), tuple(rest), changes)
    if isinstance(model, tuple):
        return tuple(below if place == key else item for place, item in enumerate(model))
    return _made_anew(model, {str(key): below})


def _made_anew(model: BaseModel, changes: Mapping[str, Any]) -> Any:
    """
    Make a model once more with all its checks, keeping what was left out for its defaults.
    """
    if isinstance(model, RolloutPolicy):  # it has no checks of its own, and its derived signals are no data any more
        return model.model_copy(update=dict(changes))
    names = {field.alias or name: name for name, field in type(model).model_fields.items()}
    given = {name: getattr(model, name) for name in model.model_fields_set}
    given |= {names.get(key, key): value for key, value in changes.items()}
    return type(model)(**{name: value for name, value in given.items() if value is not GONE})


def _moved_up(table: Mapping[Path, T], gone: Path) -> dict[Path, T]:
    *around, index = gone
    depth = len(around)
    moved: dict[Path, T] = {}
    for path, value in table.items():
        present = path[depth] if len(path) > depth and path[:depth] == tuple(around) else None
        if not isinstance(present, int) or not isinstance(index, int) or present < index:
            moved[path] = value
        elif present > index:
            moved[(*around, present - 1, *path[depth + 1 :])] = value
    return moved


def chosen_parameters(choice: Choice) -> dict[str, Any]:
    """
    Give the parameters of a derived signal with their defaults, by name.
    """
    return {name: getattr(choice.parameters, name) for name in type(choice.parameters).model_fields}
