"""
docs/lints.md is the pages of `explain`, one after the other; `pytest --accept` rewrites it.
"""

import re
from pathlib import Path

from canarypolicy.lints import LINTS

DOCS = Path(__file__).parents[2] / "docs" / "lints.md"
INTRODUCTION = """\
# Lints

<!-- Made from the docstrings in canarypolicy/lints by tests/lints/test_docs.py: edit them there. -->

`canarypolicy validate` runs every lint on a policy without faults, and `canarypolicy explain NAME` prints these pages.
An **error** makes the policy invalid for every command; a **warning** does so for `validate --strict`; a **note** never does.
A lint cannot be switched off: each page says what to write instead.

| lint | severity | reports |
|---|---|---|
"""


def in_markdown(page):
    """Give a page with its indented blocks fenced as YAML."""

    def fenced(match):
        return "```yaml\n" + re.sub(r"^    ", "", match[0].rstrip("\n"), flags=re.MULTILINE) + "\n```\n"

    return re.sub(r"(?:^    .*\n)+", fenced, page + "\n", flags=re.MULTILINE)


def test_the_docs_hold_every_page(golden):
    rows = [
        f"| [`{lint.name}`](#{lint.name}) | {lint.severity.value} | {lint.page.partition(chr(10))[0]} |"
        for lint in LINTS.values()
    ]
    pages = [f"\n## {lint.name}\n\n*{lint.severity.value}*\n\n{in_markdown(lint.page)}" for lint in LINTS.values()]
    golden(DOCS, INTRODUCTION + "\n".join(rows) + "\n" + "".join(pages))
