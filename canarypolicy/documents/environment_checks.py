"""
What is wrong or doubtful in an Environment whose structure is right, by itself and beside a policy.

Structure and types are the model's business; nothing is asked here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.http_parameters import why_no_jmespath
from canarypolicy.documents.part_parameters import ADDRESSES, PartParameters
from canarypolicy.documents.request_checks import check_requests
from canarypolicy.documents.request_parameters import HttpProbeParameters
from canarypolicy.documents.secrets import Template, blotted, masked
from canarypolicy.documents.source_parameters import QueryLanguage
from canarypolicy.documents.span import SourceText
from canarypolicy.documents.wording import code, listed, suggestion
from canarypolicy.engine.sample import admit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.documents.choice import Choice
    from canarypolicy.documents.environment import CheckedEnvironment, Environment, SignalEntry
    from canarypolicy.documents.signals import Signal
    from canarypolicy.documents.span import Span

_PLAIN_SELECTOR = re.compile(r"\s*[a-zA-Z_:][a-zA-Z0-9_:]*\s*(\{[^{}]*\}\s*)?")


def check_environment(environment: Environment, places: Mapping[Path, Span], keys: Mapping[Path, Span]) -> Iterator[Finding]:
    """
    Hold the parts of an Environment against one another.
    """
    yield from _signals(environment, places)
    yield from _probes(environment, places)
    used = {entry.source for entry in environment.signals.values()}
    for name in environment.sources:
        if name not in used:
            yield _warning("unused-source", f"no signal asks the source {code(name)}", keys["sources", name])
    for path, choice in _parts(environment):
        if isinstance(choice.parameters, PartParameters):
            yield from _literal_secrets(choice.parameters.secrets, (*path, choice.name), keys)
        if isinstance(choice.parameters, HttpProbeParameters):
            yield from check_requests(choice.parameters, (*path, choice.name), places)


def _parts(environment: Environment) -> Iterator[tuple[Path, Choice]]:
    for section in ("sources", "probes", "actuators"):
        for name, choice in getattr(environment, section).items():
            yield (section, name), choice
    for index, choice in enumerate(environment.notify):
        yield ("notify", index), choice


def check_against_policy(environment: CheckedEnvironment, checked: CheckedPolicy) -> tuple[Finding, ...]:
    """
    Hold an Environment against the policy whose signals it gives.
    """
    return tuple(_against_policy(environment, checked))


def blot_out(findings: Iterable[Finding], source: SourceText) -> tuple[tuple[Finding, ...], SourceText]:
    """
    Make findings, and the text that they point into, show no password that stands in the document.
    """
    clean = SourceText(path=source.path, text=blotted(source.text))
    shown = []
    for finding in findings:
        span = clean.span(finding.span.start, finding.span.end)
        # A secret that is no text, such as a number, is named in the sentence as it is written.
        secret = finding.span.text.strip("'\"") if span.text != finding.span.text else ""
        message, way_out = (
            None if text is None else masked(text.replace(secret, "***") if secret else text, ())
            for text in (finding.message, finding.help)
        )
        shown.append(replace(finding, message=message or "", help=way_out, span=span))
    return tuple(shown), clean


def _signals(environment: Environment, places: Mapping[Path, Span]) -> Iterator[Finding]:
    for name, entry in environment.signals.items():
        if entry.source is not None and entry.source not in environment.sources:
            yield Finding(
                name="undeclared-source",
                message=f"source {code(entry.source)} is not declared",
                span=places["signals", name, "source"],
                help=suggestion(entry.source, environment.sources, "declared") or "add it under `sources`",
            )
        elif entry.source is not None and _language_of(environment, entry) is QueryLanguage.JMESPATH:
            yield from _queries(name, entry, places)


def _queries(name: str, entry: SignalEntry, places: Mapping[Path, Span]) -> Iterator[Finding]:
    for key in ("query", "measured"):
        template: Template | None = getattr(entry, key)
        if template is None or template.references:
            continue  # what a substitution brings in is known when it is asked
        why = why_no_jmespath("".join(str(part) for part in template.parts))
        if why is not None:
            yield Finding(name="invalid-query", message=why, span=places["signals", name, key])


def _language_of(environment: Environment, entry: SignalEntry) -> QueryLanguage | None:
    choice = environment.sources.get(entry.source or "")
    return None if choice is None else getattr(choice.parameters, "query_language", None)


def _probes(environment: Environment, places: Mapping[Path, Span]) -> Iterator[Finding]:
    for name, choice in environment.probes.items():
        if choice.name != "all":
            continue
        for index, each in enumerate(choice.parameters):
            if each not in environment.probes:
                yield Finding(
                    name="undeclared-probe",
                    message=f"probe {code(each)} is not declared",
                    span=places["probes", name, "all", index],
                    help=suggestion(each, environment.probes, "declared"),
                )
            elif name in _reached_from(environment, each):
                yield Finding(
                    name="cyclic-probe",
                    message=f"probe {code(name)} waits for itself",
                    span=places["probes", name, "all", index],
                )


def _reached_from(environment: Environment, start: str) -> set[str]:
    """
    Name the probes that a probe waits for, itself included.
    """
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        choice = environment.probes.get(name)
        if name in reached or choice is None:
            continue
        reached.add(name)
        if choice.name == "all":
            ahead.extend(choice.parameters)
    return reached


def _literal_secrets(secrets: Mapping[Path, Template], path: Path, keys: Mapping[Path, Span]) -> Iterator[Finding]:
    for at, template in secrets.items():
        place = keys[*path, *at]
        if at[-1] in ADDRESSES:
            if template.has_written_password:
                yield _literal_secret("a password", place)
        elif not template.references:
            yield _literal_secret(f"`{at[-1]}`", place)


def _literal_secret(what: str, span: Span) -> Finding:
    return _warning(
        "literal-secret",
        f"{what} stands in the document itself",
        span,
        help="bring it in with `${env:NAME}` or `${file:PATH}`",
    )


def _against_policy(environment: CheckedEnvironment, checked: CheckedPolicy) -> Iterator[Finding]:
    entries, signals = environment.environment.signals, checked.policy.signals
    policy = code(checked.policy.metadata.name)
    absent = [name for name in signals if name not in entries]
    if absent:
        verb = "is" if len(absent) == 1 else "are"
        yield _warning(
            "signal-without-entry",
            f"{_some(absent)} of policy {policy} {verb} not given here, and so always missing",
            environment.keys.get(("signals",), environment.places[()]),
        )
    for name, entry in entries.items():
        if name in signals:
            is_promql = _language_of(environment.environment, entry) is QueryLanguage.PROMQL
            yield from _entry_for(name, entry, signals[name], environment.keys["signals", name], is_promql=is_promql)
        else:
            yield _warning(
                "unknown-signal",
                f"policy {policy} has no signal {code(name)}",
                environment.keys["signals", name],
                help=suggestion(name, signals, "declared"),
            )


def _entry_for(name: str, entry: SignalEntry, signal: Signal, place: Span, *, is_promql: bool) -> Iterator[Finding]:
    if entry.is_manual:
        value, why = admit(entry.manual, signal)
        if value is None:
            yield _warning("manual-out-of-place", f"{code(name)} will be missing: {why}", place)
    elif is_promql and signal.max_age is not None and entry.measured is None and not _PLAIN_SELECTOR.fullmatch(str(entry.query)):
        yield _warning(
            "age-not-measured",
            f"the age of {code(name)} cannot be seen: the result of its query always has the time of asking",
            place,
            help="add `measured: 'max(timestamp(SELECTOR))'`",
        )


def _some(names: list[str]) -> str:
    shown = listed(names[:8]) if len(names) <= 8 else f"{', '.join(code(name) for name in names[:8])} and {len(names) - 8} more"
    return f"signal {shown}" if len(names) == 1 else f"signals {shown}"


def _warning(name: str, message: str, span: Span, help: str | None = None) -> Finding:  # noqa: A002 - the word of the messages
    return Finding(name=name, message=message, span=span, severity=Severity.WARNING, help=help)
