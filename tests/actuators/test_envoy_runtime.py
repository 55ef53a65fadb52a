import pytest
from canarypolicy.actuators.envoy import Envoy
from canarypolicy.documents.proxy_parameters import EnvoyParameters
from canarypolicy.documents.secrets import World
from canarypolicy.live.protocols import NotDone

from envoy_fakes import KEY, FakeEnvoy


@pytest.fixture
def fake():
    return FakeEnvoy()


@pytest.fixture
def traffic(fake):
    with fake.serving() as address:
        parameters = EnvoyParameters.model_validate({"admin": address, "runtime_key": KEY})
        yield Envoy("traffic", parameters, World(variables={}, read_file=lambda path: ""))


def why(act):
    with pytest.raises(NotDone) as raised:
        act()
    return raised.value.why


@pytest.mark.parametrize(
    ("fraction", "percent", "value", "read"),
    [
        ({}, 10, "10", 10),
        ({}, 12.4, "12", 12),
        ({}, 0, "0", 0),
        ({}, 100, "100", 100),
        ({}, 0.001, "1", 1),
        ({}, 99.999, "99", 99),
        ({"denominator": "TEN_THOUSAND"}, 12.34, "1234", 12.34),
        ({"numerator": 5, "denominator": "MILLION"}, 0.001, "10", 0.001),
    ],
)
def test_the_denominator_is_the_routes(fake, traffic, fraction, percent, value, read):
    """A whole numerator of it; only 0 and 100 percent are nothing and all."""
    fake.fraction = fraction
    traffic.set(percent)
    assert fake.posted == [f"/runtime_modify?{KEY}={value}"]
    assert traffic.read_back() == pytest.approx(read)


@pytest.mark.parametrize(("fraction", "percent"), [({}, 0), ({"numerator": 25}, 25), ({"numerator": 300}, 100)])
def test_without_the_key_the_routes_own_value_is_in_force(fake, traffic, fraction, percent):
    """As after a restart."""
    fake.fraction = fraction
    assert traffic.read_back() == percent


@pytest.mark.parametrize(("value", "percent"), [("7", 7), ("150", 100)])
def test_a_number_is_read_as_envoy_uses_it(fake, traffic, value, percent):
    """More than all is all."""
    fake.runtime[KEY] = value
    assert traffic.read_back() == percent


@pytest.mark.parametrize("value", ["-5", "abc", "", "1.5", "٣"])
def test_a_value_that_is_no_whole_number_is_said(fake, traffic, value):
    """Envoy takes each with 200."""
    fake.runtime[KEY] = value
    assert why(traffic.read_back) == f"the runtime key `{KEY}` is a whole number, found `{value}`"


def test_a_value_that_was_not_taken_in_is_said(fake, traffic):
    """Another layer above the admin layer has the last word, or there is no admin layer."""
    fake.says["/runtime_modify"] = (200, "OK")
    assert why(lambda: traffic.set(10)) == f"the runtime key `{KEY}` was set to 10, and Envoy has no such key"
    fake.runtime[KEY] = "5"
    assert why(lambda: traffic.set(10)) == f"the runtime key `{KEY}` was set to 10, and Envoy has `5`"
    fake.says["/runtime_modify"] = (503, "No admin layer specified")
    assert why(lambda: traffic.set(10)) == "Envoy answered `/runtime_modify` with HTTP 503: No admin layer specified"


def test_routes_that_do_not_agree_are_said(fake, traffic):
    """One number cannot be right for both."""
    both = '{"a": {"runtime_key": "shop.canary", "default_value": {}}, "b": {"runtime_key": "shop.canary", "default_value": %s}}'
    fake.says["/config_dump"] = (200, both % '{"denominator": "MILLION"}')
    assert why(lambda: traffic.set(10)) == f"the routes that read `{KEY}` have different values of their own"
    assert fake.posted == []
    fake.says["/config_dump"] = (200, both % '{"denominator": "DOZEN"}')
    assert why(lambda: traffic.set(10)) == "a `runtime_fraction` of Envoy is not of the form that is known"


def test_a_runtime_without_entries_is_said(fake, traffic):
    """Something else answers."""
    fake.says["/runtime"] = (200, "[]")
    assert why(traffic.read_back) == "Envoy's runtime has no `entries`"
