import pytest
from canarypolicy.documents.proxy_parameters import HaproxyParameters
from pydantic import ValidationError

HAPROXY = {"socket": "/run/haproxy/admin.sock", "backend": "shop", "canary": "v2", "baseline": "v1"}


def first_error(model, written):
    with pytest.raises(ValidationError) as raised:
        model.model_validate(written)
    error = raised.value.errors()[0]
    return error.get("ctx", {}).get("sentence", error["msg"])


def test_one_server_or_several():
    """Both are read as several."""
    assert HaproxyParameters.model_validate(HAPROXY).canary_servers == ("v2",)
    assert HaproxyParameters.model_validate({**HAPROXY, "canary": ["v2", "v3"]}).canary_servers == ("v2", "v3")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"canary": "v1"}, "the server `v1` is named twice: each is of one version"),
        ({"baseline": ["v1", "v1"]}, "the server `v1` is named twice: each is of one version"),
        (
            {"socket": "admin.sock"},
            "`admin.sock` is no socket: expected a path from `/` on, or an address such as `tcp://127.0.0.1:9999`",
        ),
        ({"canary": "v 2"}, "String should match pattern '^[A-Za-z0-9_.:-]+$'"),
        ({"timeout": "0s"}, "a timeout is longer than nothing and at most 10m"),
    ],
)
def test_what_cannot_be_meant_is_a_finding(more, sentence):
    """Found before anything is asked."""
    assert first_error(HaproxyParameters, {**HAPROXY, **more}) == sentence


def test_a_version_without_servers_is_a_finding():
    """An empty list names none."""
    with pytest.raises(ValidationError, match="at least 1 item"):
        HaproxyParameters.model_validate({**HAPROXY, "canary": []})
