"""
The API of Kubernetes: objects read, and changed by JSON patches that hold only for the version that was read.

Never a merge patch: it replaces a list by the part that is sent. A conflict, 409 or 422, is read again and tried anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.documents.secrets import Secret, parse_template
from canarypolicy.errors import Unavailable
from canarypolicy.http_calls import NoReply, Reply, Request, call, header, trust, url_of
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from canarypolicy.documents.cluster_parameters import ClusterParameters
    from canarypolicy.documents.keeper import Keeper

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where a pod finds its service account."""
_MOST_ATTEMPTS = 5
_CONFLICTS = (409, 422)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """
    A change of an object, or of its status.
    """

    operations: Sequence[dict[str, Any]]
    subresource: str = ""


class ClusterApi:
    """
    One object of one namespace.
    """

    def __init__(self, keeper: Keeper, parameters: ClusterParameters, resource: str, name: str) -> None:
        self._keeper = keeper
        self._timeout_us = microseconds(parameters.timeout)
        self._token = parameters.token
        self._tls: ssl.SSLContext | bool = True
        namespace = parameters.namespace
        if parameters.in_cluster:
            self._token = parse_template(f"${{file:{ACCOUNT}/token}}")
            server = Secret(_server_of_pod(keeper))
            self._tls = trust(keeper, f"{ACCOUNT}/ca.crt")
            namespace = namespace or _account_file(keeper, "namespace")
        else:
            assert parameters.server is not None, "the model asks for a server outside of a cluster"
            server = url_of(keeper, parameters.server, "server")
            if parameters.ca_file is not None:
                self._tls = trust(keeper, keeper.text(parameters.ca_file, "ca_file"))
        self._headers()  # a token that is not there is told at once
        group, _, plural = resource.rpartition("/")
        self.url = Secret(f"{server.reveal().rstrip('/')}/apis/{group}/namespaces/{namespace}/{plural}/{name}")
        self.place = f"{keeper.place}: {plural[:-1]} `{name}`"
        """What messages call the object."""

    def read(self) -> dict[str, Any]:
        """
        Give the object as the server has it.
        """
        return self._read(self._deadline())

    def change(self, plan: Callable[[dict[str, Any]], Patch | None]) -> None:
        """
        Read the object, and send the patch that `plan` makes of it; at a conflict all of that again.

        `plan` gives None where there is nothing to change. The version that was read is tested by the patch.
        """
        until, why = self._deadline(), ""
        for _ in range(_MOST_ATTEMPTS):
            found = self._read(until)
            patch = plan(found)
            if patch is None:
                return
            version = {"op": "test", "path": "/metadata/resourceVersion", "value": found["metadata"]["resourceVersion"]}
            body = json.dumps([version, *patch.operations]).encode()
            reply = self._ask("PATCH", until, body, patch.subresource)
            if reply.is_success:
                return
            why = self._refusal(reply)
            if reply.status not in _CONFLICTS:
                raise NotDone(why)
        raise NotDone(f"{why}, {_MOST_ATTEMPTS} times")

    def _read(self, until: float) -> dict[str, Any]:
        reply = self._ask("GET", until)
        if not reply.is_success:
            raise NotDone(self._refusal(reply))
        try:
            found = json.loads(reply.body)
        except (ValueError, RecursionError):
            found = None
        metadata = found.get("metadata") if isinstance(found, dict) else None
        if not isinstance(metadata, dict) or not isinstance(metadata.get("resourceVersion"), str):
            raise NotDone(f"{self.place}: the server answered with no object of Kubernetes")
        result: dict[str, Any] = found
        return result

    def _ask(self, method: str, until: float, body: bytes | None = None, subresource: str = "") -> Reply:
        left_us = int((until - monotonic()) * SECOND_US)
        if left_us <= 0:
            raise NotDone(f"{self.place}: not done within the time limit")
        headers = self._headers() if body is None else {**self._headers(), "Content-Type": Secret("application/json-patch+json")}
        url = Secret(f"{self.url.reveal()}/{subresource}") if subresource else self.url
        reply = call(Request(method=method, url=url, headers=headers, body=body, tls=self._tls, timeout_us=left_us))
        if isinstance(reply, NoReply):
            raise NotDone(f"{self.place}: {reply.why}")
        return reply

    def _headers(self) -> dict[str, Secret]:
        headers = {"Accept": Secret("application/json")}
        if self._token is not None:
            token, _ = self._token.resolve(self._keeper.world, f"`token` of {self._keeper.place}")
            if all(token.reveal() != known.reveal() for known in self._keeper.secrets):
                self._keeper.secrets.append(token)
            headers["Authorization"] = header(self._keeper, Secret(f"Bearer {token.reveal()}"), "token")
        return headers

    def _deadline(self) -> float:
        return monotonic() + self._timeout_us / SECOND_US

    def _refusal(self, reply: Reply) -> str:
        """
        Say what the server's status says.
        """
        try:
            status = json.loads(reply.body)
            said = status.get("message") if isinstance(status, dict) else None
        except (ValueError, RecursionError):
            said = None
        meant = {401: "who asks is not known", 403: "it may not be read or changed", 404: "there is none"}.get(reply.status)
        words = [each for each in (meant, self._keeper.shown(said) if isinstance(said, str) else None) if each]
        return ", ".join((f"{self.place}: HTTP {reply.status}", *words))


def items_of(value: Any) -> list[dict[str, Any]]:
    """
    Give a list's mappings; what is no list has none.
    """
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def mapping_of(value: Any, *keys: str) -> dict[str, Any]:
    """
    Give the mapping at a path, an empty one where there is none.
    """
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _server_of_pod(keeper: Keeper) -> str:
    variables = keeper.world.variables
    host, port = variables.get("KUBERNETES_SERVICE_HOST"), variables.get("KUBERNETES_SERVICE_PORT", "443")
    if not host:
        raise Unavailable(
            f"{keeper.place} runs in no pod: `KUBERNETES_SERVICE_HOST` is not set", help="give `server`, `token` and `namespace`"
        )
    return f"https://{f'[{host}]' if ':' in host else host}:{port}"


def _account_file(keeper: Keeper, name: str) -> str:
    try:
        return keeper.world.read_file(f"{ACCOUNT}/{name}").strip()
    except (OSError, UnicodeDecodeError):
        raise Unavailable(f"{keeper.place} runs in no pod: cannot read `{ACCOUNT}/{name}`") from None
