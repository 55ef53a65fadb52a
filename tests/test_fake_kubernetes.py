"""
The fake of the Kubernetes API gives the codes that a real one gave.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from fake_kubernetes import FakeKubernetesApi

PATH = "gateway.networking.k8s.io/v1/namespaces/shop/httproutes/shop"
REFS = [{"name": "v1", "weight": 90}, {"name": "v2", "weight": 10}]


@pytest.fixture
def api():
    fake = FakeKubernetesApi()
    fake.put(PATH, {"rules": [{"backendRefs": REFS}]})
    with fake.serving() as url:
        fake.url = f"{url}/apis/{PATH}"
        yield fake


def send(api, method, body=None, kind="application/json-patch+json", token="t0ken", path=""):
    headers = {"Content-Type": kind, "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(
        api.url + path, json.dumps(body).encode() if body is not None else None, headers, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def patch(weight, version="1"):
    return [
        {"op": "test", "path": "/metadata/resourceVersion", "value": version},
        {"op": "add", "path": "/spec/rules/0/backendRefs/1/weight", "value": weight},
    ]


def test_a_json_patch_with_the_version_that_was_read(api):
    assert send(api, "PATCH", patch(50))[0] == 200
    status, route = send(api, "GET")
    assert (status, route["spec"]["rules"][0]["backendRefs"][1]["weight"]) == (200, 50)
    assert (route["metadata"]["resourceVersion"], route["metadata"]["generation"]) == ("2", 2)


def test_an_old_version_is_a_conflict(api):
    assert send(api, "PATCH", patch(50, "0"))[0] == 422
    old = {**api.objects[PATH], "metadata": {"resourceVersion": "0"}}
    assert send(api, "PUT", old)[0] == 409


@pytest.mark.parametrize("weight", [-5, 2_000_000])
def test_a_weight_out_of_range_is_refused(api, weight):
    assert send(api, "PATCH", patch(weight))[0] == 422


def test_a_merge_patch_replaces_the_whole_list(api):
    """The stable backend is gone, and the answer is 200."""
    part = {"spec": {"rules": [{"backendRefs": [{"name": "v2", "weight": 50}]}]}}
    assert send(api, "PATCH", part, "application/merge-patch+json")[0] == 200
    assert api.objects[PATH]["spec"]["rules"][0]["backendRefs"] == [{"name": "v2", "weight": 50}]


def test_the_other_codes(api):
    assert send(api, "PATCH", {}, "application/strategic-merge-patch+json")[0] == 415
    assert send(api, "GET", token="another")[0] == 401
    assert send(api, "GET", path="x")[0] == 404
    api.denied = True
    assert send(api, "GET")[0] == 403


def test_a_status_is_patched_at_its_own_address(api):
    api.put(PATH, {"rules": []}, {"a": 1})
    set_status = [{"op": "add", "path": "/status/a", "value": 2}]
    assert send(api, "PATCH", set_status)[0] == 200
    assert api.objects[PATH]["status"] == {"a": 1}
    assert send(api, "PATCH", set_status, path="/status")[0] == 200
    assert api.objects[PATH]["status"] == {"a": 2}
