"""
How `gateway_api` finds its cluster, and by what it shows who it is: a pod's own account, an address, a proxy.
"""

from __future__ import annotations

import shutil
import ssl
import subprocess

import pytest
from canarypolicy.actuators.cluster_api import ACCOUNT
from canarypolicy.actuators.gateway_api import GatewayApi
from canarypolicy.documents.cluster_parameters import GatewayApiParameters
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone

from fake_kubernetes import FakeKubernetesApi
from programs import world

PATH = "gateway.networking.k8s.io/v1/namespaces/shop/httproutes/shop"


PLACE = "actuator `traffic`: httproute `shop`"


def rule(*refs):
    return {
        "backendRefs": [{"name": name, "port": 80, **({} if weight is None else {"weight": weight})} for name, weight in refs]
    }


def cluster(*rules):
    fake = FakeKubernetesApi()
    fake.put(PATH, {"hostnames": ["shop.example"], "rules": list(rules)})
    return fake


def traffic(url, timeout="20s", **variables):
    written = {
        "server": url,
        "token": "${env:TOKEN}",
        "namespace": "shop",
        "route": "shop",
        "canary": "v2",
        "baseline": "v1",
        "timeout": timeout,
    }
    return GatewayApi("traffic", GatewayApiParameters.model_validate(written), world({"TOKEN": "t0ken", **variables}))


def refs(fake, number=0):
    return [(ref["name"], ref.get("weight")) for ref in fake.objects[PATH]["spec"]["rules"][number]["backendRefs"]]


def why(action):
    with pytest.raises(NotDone) as raised:
        action()
    return raised.value.why


IN_CLUSTER = {"in_cluster": True, "route": "shop", "canary": "v2", "baseline": "v1"}


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate of its own for 127.0.0.1."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("`openssl` is not installed")
    at = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", at / "key.pem", "-out", at / "ca.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return at


def test_a_pod_finds_its_cluster(certificate, monkeypatch):
    """Server, certificates, token and namespace are those of the service account; the token is read anew each time."""
    monkeypatch.setattr("canarypolicy.actuators.cluster_api.trust", lambda keeper, path: trusted[path])
    trusted = {f"{ACCOUNT}/ca.crt": ssl.create_default_context(cafile=certificate / "ca.pem")}
    files = {f"{ACCOUNT}/token": "t0ken\n", f"{ACCOUNT}/namespace": "shop\n"}
    fake = cluster(rule(("v1", 90), ("v2", 10)))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate / "ca.pem", certificate / "key.pem")
    with fake.serving(tls) as url:
        variables = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": url.rpartition(":")[2]}
        both = GatewayApi("traffic", GatewayApiParameters.model_validate(IN_CLUSTER), world(variables, files))
        assert both.read_back() == 10
        fake.token = files[f"{ACCOUNT}/token"] = "exchanged"
        assert both.read_back() == 10


def test_outside_of_a_pod_in_cluster_says_so():
    parameters = GatewayApiParameters.model_validate(IN_CLUSTER)
    with pytest.raises(Unavailable, match="runs in no pod: `KUBERNETES_SERVICE_HOST` is not set"):
        GatewayApi("traffic", parameters, world())


def test_a_pod_without_a_namespace_or_a_token_says_so(monkeypatch):
    monkeypatch.setattr("canarypolicy.actuators.cluster_api.trust", lambda keeper, path: True)
    variables = {"KUBERNETES_SERVICE_HOST": "fd00::1"}
    parameters = GatewayApiParameters.model_validate(IN_CLUSTER)
    with pytest.raises(Unavailable) as raised:
        GatewayApi("traffic", parameters, world(variables, {f"{ACCOUNT}/token": "t"}))
    assert raised.value.message == f"actuator `traffic` runs in no pod: cannot read `{ACCOUNT}/namespace`"
    with pytest.raises(Unavailable, match="`token` of actuator `traffic`: cannot read the file"):
        GatewayApi("traffic", parameters, world(variables, {f"{ACCOUNT}/namespace": "shop"}))
    made = GatewayApi("traffic", parameters, world(variables, {f"{ACCOUNT}/namespace": "shop", f"{ACCOUNT}/token": "t"}))
    assert made._api.url.reveal().startswith("https://[fd00::1]:443/apis/gateway.networking.k8s.io/v1/namespaces/shop/")


def test_a_cluster_by_its_address_and_certificate(certificate):
    """The certificate is trusted because it is named, and only then."""
    fake = cluster(rule(("v1", 90), ("v2", 10)))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate / "ca.pem", certificate / "key.pem")
    written = {"token": "t0ken", "namespace": "shop", "route": "shop", "canary": "v2", "baseline": "v1"}
    with fake.serving(tls) as url:
        for more in ({"ca_file": str(certificate / "ca.pem")}, {}):
            both = GatewayApi("traffic", GatewayApiParameters.model_validate({"server": url, **written, **more}), world())
            if more:
                assert both.read_back() == 10
            else:
                assert why(both.read_back) == f"{PLACE}: no connection: the certificate is not trusted"


def test_a_proxy_of_kubectl_needs_no_token():
    fake = cluster(rule(("v1", 90), ("v2", 10)))
    usual = fake.answer
    fake.answer = lambda asked: usual(
        asked.__class__(asked.method, asked.path, {**asked.headers, "authorization": "Bearer t0ken"}, asked.body)
    )
    written = {"namespace": "shop", "route": "shop", "canary": "v2", "baseline": "v1"}
    with fake.serving() as url:
        assert GatewayApi("traffic", GatewayApiParameters.model_validate({"server": url, **written}), world()).read_back() == 10
    assert "authorization" not in fake.asked[0].headers
