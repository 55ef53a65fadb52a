"""
From bytes to a PolicyTest that has been checked by itself; what it means beside its policy is in `against_policy`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Finding
from canarypolicy.documents.for_each import expand_tables
from canarypolicy.documents.header import header_finding
from canarypolicy.documents.loading import Loaded, in_order
from canarypolicy.documents.model_findings import model_findings
from canarypolicy.documents.policytest import PolicyTest
from canarypolicy.documents.structure import structure_findings
from canarypolicy.documents.wording import code, suggestion
from canarypolicy.documents.yaml_tree import read_tree
from canarypolicy.errors import InvalidInput, Unavailable
from canarypolicy.history.recording import read_recordings
from canarypolicy.testing.checked import CheckedPolicyTest, CheckedScenario

if TYPE_CHECKING:
    from canarypolicy.documents.yaml_tree import Tree
    from canarypolicy.history.recording import Recording


def load_policy_test(data: bytes, path: str) -> Loaded[CheckedPolicyTest]:
    """
    Read a PolicyTest and check all of it that needs no other file.
    """
    try:
        tree = read_tree(data, path)
    except InvalidInput as invalid:
        return Loaded(document=None, findings=invalid.findings)
    header = header_finding(tree, PolicyTest.__name__)
    if header is not None:
        return Loaded(document=None, findings=in_order((*tree.findings, header)))
    expanded = expand_tables(tree)
    structure = structure_findings(expanded.tree, "policy-test")
    model, faults = model_findings(expanded.tree, PolicyTest, structure)
    misread = {finding.span.start for finding in tree.findings}
    # Of a text in which a column is not known, there is no telling what it was to say.
    strays = [finding.span.start for finding in expanded.findings if finding.name == "unknown-placeholder"]
    found = [
        finding
        for _, finding in faults
        if finding.span.start not in misread and not any(finding.span.start <= stray < finding.span.end for stray in strays)
    ]
    findings = [*tree.findings, *expanded.findings, *found]
    if model is not None:
        findings += [*_repeated_names(expanded.tree, model), *_dates_in_series(expanded.tree, model)]
    ordered = in_order(findings)
    if model is None or any(finding.is_error for finding in ordered):
        return Loaded(document=None, findings=ordered)
    scenarios = tuple(CheckedScenario(scenario=each, path=("tests", index)) for index, each in enumerate(model.tests))
    checked = CheckedPolicyTest(document=model, tree=expanded.tree, scenarios=scenarios, warnings=ordered)
    return Loaded(document=checked, findings=ordered)


def with_recordings(test: CheckedPolicyTest, read: Callable[[str], bytes]) -> Loaded[CheckedPolicyTest]:
    """
    Attach the recordings that scenarios name; `read` gets their path, and raises `Unavailable` where there is no file.
    """
    files: dict[str, tuple[Recording, ...]] = {}
    findings: list[Finding] = []
    attached = []
    for each in test.scenarios:
        name = each.scenario.recording
        if name is None:
            attached.append(each)
            continue
        try:
            if name not in files:
                path = test.beside(name)
                files[name] = read_recordings(read(path), path)
            attached.append(replace(each, recording=_chosen(test, each, files[name])))
        except InvalidInput as invalid:
            findings += invalid.findings
        except Unavailable as unavailable:
            place = test.at((*each.path, "recording"))
            findings.append(Finding(name="unreadable-recording", message=unavailable.message, span=place))
    if findings:
        return Loaded(document=None, findings=tuple(dict.fromkeys(findings)))
    return Loaded(document=replace(test, scenarios=tuple(attached)), findings=test.warnings)


def _chosen(test: CheckedPolicyTest, each: CheckedScenario, found: tuple[Recording, ...]) -> Recording:
    """
    Give the rollout that is meant; with several and none named, or a wrong name, it is `InvalidInput`.
    """
    name, names = each.scenario.rollout, [recording.rollout for recording in found]
    if name is None and len(found) == 1:
        return found[0]
    if name in names:
        return found[names.index(name)]
    path = (*each.path, "recording" if name is None else "rollout")
    message = f"the recording has {len(found)} rollouts" if name is None else f"the recording has no rollout {code(name)}"
    help_ = suggestion(name or "", names, "its rollouts")
    raise InvalidInput([Finding(name="unknown-rollout", message=message, span=test.at(path), help=help_)])


def _repeated_names(tree: Tree, model: PolicyTest) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, scenario in enumerate(model.tests):
        if scenario.name in seen:
            message = f"two scenarios are called {code(scenario.name)}"
            yield Finding(name="repeated-scenario", message=message, span=tree.at(("tests", index, "name")))
        seen.add(scenario.name)


def _dates_in_series(tree: Tree, model: PolicyTest) -> Iterator[Finding]:
    for index, scenario in enumerate(model.tests):
        for path, time in scenario.times() if scenario.recording is None else ():
            if time.is_instant:
                message = "series have no dates: expected a duration since their first sample"
                yield Finding(name="instant-in-series", message=message, span=tree.at(("tests", index, *path)))
