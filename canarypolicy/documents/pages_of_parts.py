"""
Pages on findings in the parts of an Environment; see `canarypolicy.documents.pages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGES_OF_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "invalid-capture": """A capture cannot give a typed value.

A capture is a regular expression of RE2 with exactly one group in parentheses, and a type: `int`, `double`,
`bool` or `string`. `passed` and `failed` are counts and so ints; `checks` is the list of what was looked at.
""",
        "invalid-query": """A query into an answer is no JMESPath.

Write a path such as `status.weight`, or a call such as `to_number(weights[?name=='canary'].value | [0])`.
""",
        "no-backup": """What is to take the rollback snapshot takes none.

`plan.snapshot` names an actuator that makes backups: `mysqldump`, `pg_dump`, or a `command` with `create`.
""",
        "no-traffic": """It is not clear what moves the traffic.

A run sets weights by the only actuator that does so or, of several, by the one called `traffic`.
""",
        "not-one-cluster": """It is not clear which cluster is meant.

Either `in_cluster: true`, which takes server, token, certificates and namespace from the pod's service
account, or `server` and `namespace`, with `token` and `ca_file` beside them where the server asks for them.
""",
        "not-one-request": """A request of an `http` probe has no method, or several.

Write one of `get`, `head`, `post`, `put`, `patch` and `delete`, with the path behind `base_url`.
""",
        "not-one-task": """A command neither moves traffic nor takes a snapshot, or does both.

`set` and `read` move traffic: what cannot be read back cannot be trusted. `create` takes a snapshot. Each is
an actuator of its own.
""",
    }
)
"""Each finding's name and its page: a first sentence, an empty line, the rest."""
