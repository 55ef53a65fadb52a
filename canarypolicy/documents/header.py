"""
What a document says it is: its version and its kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents import structure_wording as wording
from canarypolicy.documents.api_version import API_VERSION
from canarypolicy.documents.finding import Finding
from canarypolicy.documents.wording import code, listed, suggestion

if TYPE_CHECKING:
    from canarypolicy.documents.yaml_tree import Tree

KINDS = ("RolloutPolicy", "Environment", "PolicyTest")
"""The kinds of document that people write."""


def header_finding(tree: Tree, kind: str) -> Finding | None:
    """
    Find what makes a document one of another version or kind; then nothing else about it can be said.
    """
    data = tree.data
    if not isinstance(data, dict):
        message = f"a document is a mapping that begins with `apiVersion: {API_VERSION}`, found {wording.found(data)}"
        return Finding(name="wrong-type", message=message, span=tree.at(()))
    absent = [key for key in ("apiVersion", "kind") if key not in data]
    if absent:
        way_out = f"begin the document with `apiVersion: {API_VERSION}` and `kind: {kind}`"
        return Finding(name="missing-key", message=f"the document lacks {listed(absent)}", span=tree.at(()), help=way_out)
    version, named = data["apiVersion"], data["kind"]
    if version != API_VERSION:
        message = f"the version {wording.shown(version)} is not known, expected `{API_VERSION}`"
        return Finding(name="unknown-version", message=message, span=tree.at(("apiVersion",)))
    if named not in KINDS:
        message = f"the kind {wording.shown(named)} is not known, expected `{kind}`"
        return Finding(name="unknown-kind", message=message, span=tree.at(("kind",)), help=suggestion(str(named), KINDS, "kinds"))
    if named != kind:
        message = f"this is a document of kind {code(named)}, expected {code(kind)}"
        return Finding(name="wrong-kind", message=message, span=tree.at(("kind",)))
    return None
