"""
From bytes to an Environment that has been checked, with what looks like a secret blotted out of all that is told.

Apart from `canarypolicy.documents.loading`, so that judging by a policy alone loads nothing of it.
"""

from __future__ import annotations

from canarypolicy.documents.environment import CheckedEnvironment, Environment
from canarypolicy.documents.environment_checks import blot_out, check_environment
from canarypolicy.documents.loading import Loaded, in_order, load_document


def load_environment(data: bytes, path: str) -> Loaded[CheckedEnvironment]:
    """
    Read an Environment and check all of it; variables and files that it names are not looked at.
    """
    parsed = load_document(data, path, Environment, "environment")
    tree, environment = parsed.tree, parsed.model
    if tree is None or environment is None:
        findings, _ = blot_out(parsed.findings, parsed.findings[0].span.source)
        return Loaded(document=None, findings=findings)
    found = in_order((*parsed.findings, *check_environment(environment, tree.places, tree.keys)))
    findings, source = blot_out(found, tree.source)
    if any(finding.is_error for finding in findings):
        return Loaded(document=None, findings=findings)
    document = CheckedEnvironment(environment=environment, source=source, places=tree.places, keys=tree.keys, warnings=findings)
    return Loaded(document=document, findings=findings)
