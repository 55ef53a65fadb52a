"""
A fake of the Kubernetes API server: it stores objects and answers with the API's status codes. No controller is behind it.

The codes are those that a real API server once gave: 200 for a JSON patch, 422 for a `test` that fails and for a value out of
range, 409 for a PUT of an old version, 415 for a strategic merge patch of a custom resource, 401, 403 and 404. A merge patch is
200 and replaces whole lists. Bodies are held against the part of the objects' schemas that canarypolicy touches, written here
from the published API references of Gateway API (v1) and of Argo Rollouts (v1alpha1).
"""

from __future__ import annotations

import copy
import json
from typing import Any

from jsonschema import Draft202012Validator

from fake_service import Asked, FakeService

_BACKEND_REF = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 253},
        "namespace": {"type": "string"},
        "kind": {"type": "string"},
        "port": {"type": "integer", "minimum": 1, "maximum": 65535},
        "weight": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
    },
}
HTTP_ROUTE = {
    "type": "object",
    "required": ["spec"],
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "rules": {
                    "type": "array",
                    "maxItems": 16,
                    "items": {
                        "type": "object",
                        "properties": {"backendRefs": {"type": "array", "maxItems": 16, "items": _BACKEND_REF}},
                    },
                }
            },
        }
    },
}
ROLLOUT = {
    "type": "object",
    "required": ["spec"],
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "paused": {"type": "boolean"},
                "strategy": {
                    "type": "object",
                    "properties": {
                        "canary": {
                            "type": "object",
                            "properties": {
                                "steps": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "properties": {"setWeight": {"type": "integer"}, "pause": {"type": "object"}},
                                    },
                                }
                            },
                        }
                    },
                },
            },
        },
        "status": {
            "type": "object",
            "properties": {
                "abort": {"type": "boolean"},
                "promoteFull": {"type": "boolean"},
                "currentPodHash": {"type": "string"},
                "stableRS": {"type": "string"},
                "currentStepIndex": {"type": "integer"},
                "observedGeneration": {"type": "string"},
                "pauseConditions": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["reason", "startTime"],
                        "properties": {"reason": {"type": "string"}, "startTime": {"type": "string"}},
                    },
                },
            },
        },
    },
}
_SCHEMAS = {"httproutes": HTTP_ROUTE, "rollouts": ROLLOUT}


class FakeKubernetesApi(FakeService):
    """
    Objects by their path below `/apis/`, with versions; a fake, see the module.
    """

    def __init__(self, token: str = "t0ken") -> None:
        super().__init__(self._answer)
        self.token = token
        self.denied = False
        self.objects: dict[str, dict[str, Any]] = {}
        self.before_patch: list[Any] = []
        """What somebody else does between a read and the patch that follows it, one a patch."""

    def put(self, path: str, spec: dict[str, Any], status: dict[str, Any] | None = None) -> None:
        """
        Store an object as its author and its controller would.
        """
        old = self.objects.get(path)
        version = int(old["metadata"]["resourceVersion"]) + 1 if old else 1
        metadata = {"name": path.rpartition("/")[2], "resourceVersion": str(version), "generation": 1}
        self.objects[path] = {"metadata": metadata, "spec": spec, **({} if status is None else {"status": status})}

    def _answer(self, asked: Asked) -> tuple[int, Any]:
        path = asked.path.removeprefix("/apis/")
        path, _, subresource = path.partition("/status")
        if "authorization" not in asked.headers:
            return _failure(401, "Unauthorized")
        if asked.headers["authorization"] != f"Bearer {self.token}":
            return _failure(401, "Unauthorized")
        name, plural = path.rpartition("/")[2], path.split("/")[-2]
        if self.denied:
            return _failure(403, f'{plural} "{name}" is forbidden: User "canary" cannot {asked.method.lower()} resource')
        if path not in self.objects:
            return _failure(404, f'{plural} "{name}" not found')
        if asked.method == "GET":
            return 200, self.objects[path]
        if asked.method == "PATCH" and self.before_patch:
            self.before_patch.pop(0)()
        return self._changed(path, asked, of_status=asked.path.endswith("/status") and not subresource)

    def _changed(self, path: str, asked: Asked, *, of_status: bool) -> tuple[int, Any]:
        old = self.objects[path]
        kind = asked.headers.get("content-type", "")
        if asked.method == "PUT":
            if asked.json["metadata"].get("resourceVersion") != old["metadata"]["resourceVersion"]:
                return _failure(409, "Operation cannot be fulfilled: the object has been modified")
            new = asked.json
        elif kind == "application/json-patch+json":
            try:
                new = json_patched(old, asked.json)
            except (AssertionError, KeyError, IndexError) as error:
                return _failure(422, f"the server rejected our request due to an error in our request: {error}")
        elif kind == "application/merge-patch+json":
            new = merged(old, asked.json)
        else:
            return _failure(415, "the body of the request was in an unknown format")
        kept = {**old, "status": new.get("status", {})} if of_status else {**new, **_status_of(old)}
        faults = [error.message for error in Draft202012Validator(_SCHEMAS[path.split("/")[-2]]).iter_errors(kept)]
        if faults:
            return _failure(422, f'"{path.rpartition("/")[2]}" is invalid: {faults[0]}')
        metadata = {**old["metadata"], "resourceVersion": str(int(old["metadata"]["resourceVersion"]) + 1)}
        if kept["spec"] != old["spec"]:
            metadata["generation"] += 1
        self.objects[path] = {**kept, "metadata": metadata}
        return 200, self.objects[path]


def _status_of(stored: dict[str, Any]) -> dict[str, Any]:
    return {"status": stored["status"]} if "status" in stored else {}


def _failure(code: int, message: str) -> tuple[int, Any]:
    return code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}


def json_patched(document: Any, operations: list[dict[str, Any]]) -> Any:
    """
    Apply `test`, `add`, `replace` and `remove` of RFC 6902; a test that fails is an `AssertionError`.
    """
    result = copy.deepcopy(document)
    for each in operations:
        *before, last = [part.replace("~1", "/").replace("~0", "~") for part in each["path"].split("/")[1:]]
        at = result
        for part in before:
            at = at[int(part)] if isinstance(at, list) else at[part]
        key: Any = int(last) if isinstance(at, list) else last
        if each["op"] == "test" and (at[key] if isinstance(at, list) else at.get(key)) != each["value"]:
            raise AssertionError(f"testing value {each['path']} failed: test failed")
        if each["op"] == "remove":
            del at[key]
        elif each["op"] == "replace":
            at[key]  # it must be there
            at[key] = each["value"]
        elif each["op"] == "add" and isinstance(at, list):
            at.insert(key, each["value"])
        elif each["op"] == "add":
            at[key] = each["value"]
    return result


def merged(document: Any, patch: Any) -> Any:
    """
    Apply a merge patch of RFC 7386: lists are replaced whole.
    """
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return json.loads(json.dumps(result))
