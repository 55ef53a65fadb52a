"""
From bytes to a document that has been checked: text, YAML, structure, models, meaning, in this order.

Every fault that can be told is told at once. Takes bytes and opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel

from canarypolicy.documents.canonical import digest
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.declarations import declarations
from canarypolicy.documents.header import header_finding
from canarypolicy.documents.meaning import policy_findings
from canarypolicy.documents.meaning_expressions import check_expressions
from canarypolicy.documents.model_findings import model_findings
from canarypolicy.documents.policy import RolloutPolicy
from canarypolicy.documents.structure import structure_findings
from canarypolicy.documents.yaml_tree import Tree, read_tree
from canarypolicy.errors import InvalidInput

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.structure import PathFinding

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Generic[T]):
    """
    A document, unless it has errors, and all that was found in it.
    """

    document: T | None
    findings: tuple[Finding, ...]
    """Errors and warnings, in the order of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed(Generic[M]):
    """
    A document whose structure and models have been checked, and where everything in it is written.
    """

    model: M | None
    """None if the structure or the values are wrong."""
    tree: Tree | None
    """None if it is no document of this kind and version, of which nothing more can be said."""
    faults: tuple[PathFinding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return in_order(finding for _, finding in self.faults)


def load_policy(data: bytes, path: str) -> Loaded[CheckedPolicy]:
    """
    Read a RolloutPolicy and check all of it.
    """
    parsed = load_document(data, path, RolloutPolicy, "rollout-policy")
    tree = parsed.tree
    if tree is None:
        return Loaded(document=None, findings=parsed.findings)
    declared = declarations(tree)
    findings = list(parsed.findings)
    expressions: dict[Path, Expression] = {}
    faulty = {place for place, _ in parsed.faults}
    if not any(_hides_a_declaration(place) for place in faulty):
        expressions, wrong = check_expressions(tree, declared.types, leave_out=faulty)
        findings += [*declared.findings, *wrong]
    policy = parsed.model
    if policy is not None:
        findings += policy_findings(tree, policy)
    ordered = in_order(findings)
    if policy is None or any(finding.is_error for finding in ordered):
        return Loaded(document=None, findings=ordered)
    checked = CheckedPolicy(
        policy=policy,
        source=tree.source,
        digest=digest(tree.data),
        places=tree.places,
        keys=tree.keys,
        expressions=expressions,
        declared=declared.inputs,
        derived_order=declared.derived_order,
        warnings=ordered,
    )
    return Loaded(document=checked, findings=ordered)


def _hides_a_declaration(place: Path) -> bool:
    """
    Tell whether, with a fault there, a name may only seem to be undeclared, or to have the wrong type.
    """
    match place:
        case ("signals",) | ("signals", _) | ("signals", _, "type") | ("derived", *_):
            return True
        case _:
            return False


def load_document(data: bytes, path: str, model: type[M], schema_name: str) -> Parsed[M]:
    """
    Read a document of any kind up to its model, whose class has the kind's name.
    """
    try:
        tree = read_tree(data, path)
    except InvalidInput as invalid:
        return Parsed(model=None, tree=None, faults=tuple(((), finding) for finding in invalid.findings))
    misread: list[PathFinding] = [((), finding) for finding in tree.findings]
    header = header_finding(tree, model.__name__)
    if header is not None:
        return Parsed(model=None, tree=None, faults=(*misread, ((), header)))
    structure = structure_findings(tree, schema_name)
    instance, found = model_findings(tree, model, structure)
    # Where YAML has been read with a fault, there is no telling what the value was to be.
    places = {finding.span.start for finding in tree.findings}
    faults = (*misread, *(fault for fault in found if fault[1].span.start not in places))
    return Parsed(model=None if faults else instance, tree=tree, faults=faults)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """
    Give findings in the order of the file, each once.
    """
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: (finding.span.start, finding.span.end, finding.name)))
