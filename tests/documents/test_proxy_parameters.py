import pytest
from canarypolicy.documents.proxy_parameters import EnvoyParameters, HaproxyParameters, NginxParameters
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


ADMIN = {"admin": "http://127.0.0.1:9901"}
BY_FILE = {**ADMIN, "route_file": "/etc/envoy/routes.json", "canary": "v2", "baseline": "v1"}


@pytest.mark.parametrize("written", [{**ADMIN, "runtime_key": "shop.canary"}, BY_FILE])
def test_an_envoy_is_split_in_one_of_two_ways(written):
    """Both are fine by themselves."""
    assert EnvoyParameters.model_validate(written).secrets


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (ADMIN, "an Envoy is split by `runtime_key` or by `route_file`, found neither"),
        (
            {**BY_FILE, "runtime_key": "k"},
            "an Envoy is split by `runtime_key` or by `route_file`, found `runtime_key` and `route_file`",
        ),
        ({**ADMIN, "route_file": "/r", "canary": "v2"}, "beside `route_file` stands `baseline`, the name of a cluster"),
        (
            {**ADMIN, "runtime_key": "k", "canary": "v2"},
            "`canary` stands beside `route_file` only: a runtime key names no cluster",
        ),
        ({**BY_FILE, "baseline": "v2"}, "the cluster `v2` is named twice: each is of one version"),
        ({**BY_FILE, "admin": "127.0.0.1:9901"}, "`127.0.0.1:9901` is no address: expected `http://` or `https://`"),
    ],
)
def test_an_envoy_that_cannot_be_meant_is_a_finding(written, sentence):
    """Found before anything is asked."""
    assert first_error(EnvoyParameters, written) == sentence


NGINX = {
    "include": "/etc/nginx/split.conf",
    "variable": "version",
    "canary": "v2",
    "baseline": "v1",
    "pid_file": "/run/nginx.pid",
    "probe_url": "http://127.0.0.1:8081/split",
}


def test_an_nginx_is_told_by_its_usual_name():
    """What is not written is documented."""
    parameters = NginxParameters.model_validate(NGINX)
    assert (str(parameters.program), parameters.key, parameters.arguments) == ("nginx", "$request_id", ())


@pytest.mark.parametrize("key", ["$remote_addr$http_user_agent", "${request_id}", "a-b:c/d|e"])
def test_keys_are_text_with_variables(key):
    """As nginx writes them."""
    assert NginxParameters.model_validate({**NGINX, "key": key}).key == key


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"canary": "v1"}, "the upstream `v1` is named twice: each is of one version"),
        ({"key": 'a" $x {} map "b'}, "String should match pattern '^[A-Za-z0-9_${}.:|/-]+$'"),
        ({"variable": "$version"}, "String should match pattern '^[a-z][a-z0-9_]*$'"),
        ({"canary": "v2; }"}, "String should match pattern '^[A-Za-z0-9_.:-]+$'"),
    ],
)
def test_an_nginx_that_cannot_be_meant_is_a_finding(more, sentence):
    """Nothing that is written can end a line of nginx's configuration."""
    assert first_error(NginxParameters, {**NGINX, **more}) == sentence
