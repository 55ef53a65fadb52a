"""
Pages on findings in the text of documents; see `canarypolicy.documents.pages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGES_OF_YAML: Mapping[str, str] = MappingProxyType(
    {
        "alias-bomb": """Aliases make the document far larger than it is written.

A few lines of nested aliases can stand for billions of values. Write the values out.
""",
        "control-character": """The document holds a character that cannot be seen and has no place in YAML.

Often it came along with copied text. Delete it; an escape that writes it is refused as well.
""",
        "custom-tag": """A value carries a YAML tag such as `!secret`.

Only the core types of YAML 1.2 are read: text, numbers, booleans, null, lists and mappings. Remove the
tag.
""",
        "document-too-large": """The document is larger than a policy can reasonably be.

It is refused before it is parsed, so that no document can keep a pipeline busy. Recordings belong in
files of their own.
""",
        "duplicate-key": """A key stands twice in one mapping.

Most YAML readers silently keep the last one, and a reviewer sees the first. Keep one of them.
""",
        "empty-document": """The document holds nothing but blank lines or comments.

Every document has `apiVersion`, `kind` and `metadata`.
""",
        "empty-mapping": """A mapping is empty where something is needed.

A policy needs at least one signal, for without evidence nothing advances.
""",
        "empty-text": """A text is empty where something must be said.

Write the text, or leave the key out if it may be left out.
""",
        "invalid-yaml": """The text is not YAML.

Mostly it is the indentation, a missing bracket or quote, or a `: ` inside of text without quotes. An
expression that begins with `!` or holds `: ` needs quotes.
""",
        "key-not-text": """A key is a number, a boolean or null.

Keys are text. Put quotes around it if the number is meant as a name.
""",
        "merge-key": """`<<` merges mappings in YAML 1.1, and is no more than a key in YAML 1.2.

Write the keys out.
""",
        "not-utf-8": """The file is no UTF-8 text.

Policies are text in UTF-8. A binary file was perhaps named by mistake, or an editor saved another
encoding.
""",
        "recursive-alias": """An alias stands inside of what it names.

The document would never end. Write the value out.
""",
        "several-documents": """The file holds more than one document.

Give each its own file.
""",
        "tab": """A tab indents or parts YAML.

YAML is indented with spaces, for how wide a tab is nobody can see. Write spaces instead; most editors
can be told to do so.
""",
        "text-too-long": """A text is longer than its place allows.

Shorten it.
""",
        "too-deep": """The document is nested too deeply.

No policy needs that; a bracket may be missing.
""",
        "too-many-values": """The document holds far more values than a policy can reasonably have.

Recordings belong in files of their own.
""",
        "unknown-anchor": """An alias names an anchor that is not there.

An anchor `&name` stands before its alias `*name`.
""",
    }
)
