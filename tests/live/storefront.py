"""
The storefront policy with minutes as seconds, and an Environment for it: the repository's own files, a few words replaced.

A word that is to be replaced and is not there fails: the policy has changed, and what follows from that is to be thought about.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

STOREFRONT = Path(__file__).parents[2] / "policies" / "storefront"

FULL = {
    "every: 30s": "every: 1s",
    "max_age: 90s": "max_age: 5s",
    "within: 30s": "within: 1s",
}
"""Minutes are seconds by themselves; these are the durations in seconds. A sample a second wants 5 s of age: a scrape each."""

SHORT = {
    **FULL,
    "for: 5m": "for: 2s",
    "within: 6m": "within: 3s",
    "within: 10m": "within: 6s",
    "over: 30m": "over: 8s",
    "over: 15m": "over: 6s",
    "min: 20m, max: 30m": "min: 3s, max: 5s",
    "min: 30m, max: 45m": "min: 3s, max: 5s",
    "min: 60m, max: 60m": "min: 3s, max: 5s",
    "before: 50m": "before: 6s",
}
"""A plan that is over in some ten seconds, with 2 s of evidence instead of 5."""

PARTS = """
store: '${env:CANARYPOLICY_STORE}'
probes:
  readiness:
    command:
      run: [PYTHON, -S, -c, 'print("passed=3 failed=0")']
      captures: {passed: {regex: 'passed=(\\d+)', type: int}, failed: {regex: 'failed=(\\d+)', type: int}}
  smoke:
    command:
      run: [PYTHON, SMOKE, '${env:SHOP_URL}']
      captures: {passed: {regex: 'passed=(\\d+)', type: int}, failed: {regex: 'failed=(\\d+)', type: int}}
actuators:
  traffic: {haproxy: {socket: '${env:HAPROXY_SOCKET}', backend: shop, canary: canary, baseline: baseline, timeout: 500ms}}
  snapshot: {command: {create: [PYTHON, -S, -c, 'print("shop-1.sql.gz")']}}
notify:
  - {command: {run: [sh, -c, 'cat >> notices.jsonl'], timeout: 5s}}
"""

AT_THE_PROXY = (
    '(sum(rate(haproxy_server_http_responses_total{proxy="shop",server="VERSION",code="5xx"}[5s]))'
    ' + sum(rate(haproxy_server_connection_errors_total{proxy="shop",server="VERSION"}[5s]))'
    ' + sum(rate(haproxy_server_response_errors_total{proxy="shop",server="VERSION"}[5s])))'
    ' / sum(rate(haproxy_server_sessions_total{proxy="shop",server="VERSION"}[5s]))'
)
"""What customers get: a server that is dead or hangs has no 5xx of its own, and the proxy answers 502, 503 or 504 for it."""


def policy_text(replaced: dict[str, str], extra: str = "") -> str:
    """
    Give the policy with other durations; what is left of minutes becomes seconds.
    """
    text = _replaced((STOREFRONT / "policy.yaml").read_text(encoding="utf-8"), replaced)
    return re.sub(r"\b(\d+)m\b", r"\1s", text) + extra


def environment_text(parts: str = PARTS, *, at_the_proxy: bool = False) -> str:
    """
    Give the Environment with windows of 5 s, and with parts that are here.

    With `at_the_proxy`, the share of 5xx is what customers get, and not what the shop says of itself.
    """
    text = (STOREFRONT / "environment.yaml").read_text(encoding="utf-8")
    text, _ = _cut(text)
    text = _replaced(text, {"[1m]": "[5s]", "[5m]": "[5s]", "timeout: 5s": "timeout: 800ms"})
    if at_the_proxy:
        for version in ("canary", "baseline"):
            query = AT_THE_PROXY.replace("VERSION", version)
            line = f"  {version}.error_rate_5xx: {{source: prom, query: '{query}', measured: 'max(timestamp(haproxy_server_sessions_total))'}}"
            text, found = re.subn(rf"(?m)^  {version}\.error_rate_5xx: .*$", lambda _, line=line: line, text)
            assert found == 1
    smoke = Path(__file__).with_name("smoke.py")
    return text + parts.replace("[PYTHON, SMOKE,", f"[{sys.executable}, {smoke},").replace("[PYTHON,", f"[{sys.executable},")


def own_parts(words: dict[str, str]) -> str:
    """
    Give the parts of the storefront's Environment itself - store, probes, actuators, notifiers - with some words replaced.
    """
    _, parts = _cut((STOREFRONT / "environment.yaml").read_text(encoding="utf-8"))
    return _replaced(parts, words)


def _cut(text: str) -> tuple[str, str]:
    signals, mark, parts = text.partition("# What `run` uses")
    assert mark
    return signals, mark + parts


def _replaced(text: str, words: dict[str, str]) -> str:
    for word, other in words.items():
        assert word in text, f"the storefront's documents have no `{word}` any more"
        text = text.replace(word, other)
    return text
