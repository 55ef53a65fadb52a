import pytest
from canarypolicy.actuators.envoy import Envoy
from canarypolicy.documents.proxy_parameters import EnvoyParameters
from canarypolicy.documents.secrets import World
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone

from envoy_fakes import KEY, FakeEnvoy
from raw_fakes import FakeHungServer


def actuator(written, variables=None):
    world = World(variables=variables or {}, read_file=lambda path: "")
    return Envoy("traffic", EnvoyParameters.model_validate(written), world)


def why(act):
    with pytest.raises(NotDone) as raised:
        act()
    return raised.value.why


def test_making_one_touches_nothing():
    """No Envoy needs to be there yet."""
    actuator({"admin": "http://127.0.0.1:1", "runtime_key": KEY})


def test_a_secret_address_is_brought_in_and_not_shown():
    """What Envoy says of it is masked, too."""
    fake = FakeEnvoy()
    fake.says["/"] = (503, "planted-secret is busy")
    with fake.serving() as address:
        variables = {"HOST": address.removeprefix("http://"), "SAID": "planted-secret"}
        traffic = actuator({"admin": "http://${env:HOST}/${env:SAID}/..", "runtime_key": KEY}, variables)
        assert why(traffic.read_back) == "Envoy answered `/config_dump` with HTTP 503: *** is busy"


def test_an_address_that_is_none_is_unavailable():
    """Said when the actuator is made."""
    with pytest.raises(Unavailable, match=r"`admin` of actuator `traffic` is no address"):
        actuator({"admin": "${env:ADMIN}", "runtime_key": KEY}, {"ADMIN": "nowhere"})


def test_no_envoy_and_a_silent_one():
    """Each with a reason of its own, within the time limit."""
    traffic = actuator({"admin": "http://127.0.0.1:1", "runtime_key": KEY})
    assert why(traffic.read_back) == "Envoy's admin interface: no connection: connection refused"
    with FakeHungServer().serving() as address:
        traffic = actuator({"admin": address, "runtime_key": KEY, "timeout": "300ms"})
        for act in (traffic.read_back, lambda: traffic.set(10)):
            assert why(act) == "no whole answer from Envoy within 300ms"


def test_what_is_no_json_is_said():
    """Something else listens there."""
    fake = FakeEnvoy()
    fake.says["/config_dump"] = (200, "<html>")
    with fake.serving() as address:
        said = why(actuator({"admin": address, "runtime_key": KEY}).read_back)
    assert said == "Envoy answered `/config_dump` with no JSON"
