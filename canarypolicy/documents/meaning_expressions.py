"""
Where expressions stand in a policy, and the faults in them.

Works on the data as it is written, so that expressions can be checked although something else in the policy is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from canarypolicy.cel.checking import check_expression
from canarypolicy.documents.finding import Finding, Severity

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.signals import SignalType
    from canarypolicy.documents.yaml_tree import Tree

_EACH = "*"
_WATCHES = tuple((kind, _EACH, key) for kind in ("rollback", "hold") for key in ("when", "unless"))
_RULES = (("slos", _EACH, "require"), *_WATCHES)
_ABOUT_SIGNALS = (
    *_RULES,
    *(("plan", "steps", _EACH, *rule) for rule in _RULES),
    ("plan", "on_rollback", "recovery", "require"),
    ("invariants", _EACH, "while"),
    ("invariants", _EACH, "when"),
)
_ABOUT_RESULTS = tuple(("plan", "gates", when, _EACH, "require") for when in ("before", "after"))


def check_expressions(
    tree: Tree, declared: Mapping[str, SignalType], *, leave_out: Collection[Path] = ()
) -> tuple[dict[Path, Expression], list[Finding]]:
    """
    Typecheck every expression of a policy; a gate's is about its probe's result, all others about signals.
    """
    expressions: dict[Path, Expression] = {}
    findings: list[Finding] = []
    texts = _texts(tree.data)
    for path, has_result in _places(tree.data):
        if path in leave_out:
            continue
        place = tree.embedded(path)
        expression, faults = check_expression(
            place, {} if has_result else declared, results=has_result, values={} if has_result else texts
        )
        if expression is not None:
            expressions[path] = expression
        for fault in faults:
            severity = Severity.WARNING if fault.is_lint else Severity.ERROR
            span = place.place(*fault.span)
            findings.append(Finding(name=fault.name, message=fault.message, span=span, severity=severity, help=fault.help))
    return expressions, findings


def _texts(data: Any) -> dict[str, tuple[str, ...]]:
    """
    Give the texts that each string signal may be, as far as they are written rightly.
    """
    steps = (path for path in _matching(data, ("plan", "steps", _EACH, "name")))
    texts = {"rollout.step": tuple(data["plan"]["steps"][path[2]]["name"] for path in steps)}
    signals = data.get("signals") if isinstance(data, dict) else None
    for name, signal in (signals if isinstance(signals, dict) else {}).items():
        values = signal.get("values") if isinstance(signal, dict) else None
        if isinstance(values, list) and values and all(isinstance(value, str) for value in values):
            texts[name] = tuple(values)
    return {name: values for name, values in texts.items() if values}


def _places(data: Any) -> Iterator[tuple[Path, bool]]:
    for has_result, patterns in ((False, _ABOUT_SIGNALS), (True, _ABOUT_RESULTS)):
        for pattern in patterns:
            for path in _matching(data, pattern):
                yield path, has_result


def _matching(data: Any, pattern: Path) -> Iterator[Path]:
    """
    Give the paths of all texts that a pattern leads to.
    """
    if not pattern:
        if isinstance(data, str) and data:
            yield ()
        return
    key, *rest = pattern
    if key == _EACH:
        for index, item in enumerate(data if isinstance(data, list) else ()):
            yield from ((index, *path) for path in _matching(item, tuple(rest)))
    elif isinstance(data, dict) and key in data:
        yield from ((key, *path) for path in _matching(data[key], tuple(rest)))
