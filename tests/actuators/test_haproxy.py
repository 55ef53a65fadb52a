import pytest
from canarypolicy.actuators.haproxy import Haproxy
from canarypolicy.documents.proxy_parameters import HaproxyParameters
from canarypolicy.documents.secrets import World
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone

from haproxy_fakes import FakeBadHaproxy, FakeHaproxy, break_off, hang_up, say_nothing

NO_WORLD = World(variables={}, read_file=lambda path: "")


def actuator(socket, world=NO_WORLD, **more):
    written = {"socket": socket, "backend": "shop", "canary": "v2", "baseline": "v1", **more}
    return Haproxy("traffic", HaproxyParameters.model_validate(written), world)


@pytest.fixture
def fake():
    return FakeHaproxy(v1=100, v2=0)


@pytest.fixture
def traffic(fake):
    with fake.serving() as address:
        yield actuator(address)


def why(act):
    with pytest.raises(NotDone) as raised:
        act()
    return raised.value.why


def test_making_one_touches_nothing(fake, traffic):
    """Only `set` and `read_back` ask."""
    assert fake.commands == []


def test_a_weight_is_set_and_read_back(fake, traffic):
    """Ordered so that the canary never has more than asked, and the total is never 0."""
    for percent in (10, 50, 100, 50, 0):
        traffic.set(percent)
        assert traffic.read_back() == percent
        assert fake.least_total > 0
    assert fake.sets[:2] == ["v2 weight 10", "v1 weight 90"]
    assert fake.sets[-2:] == ["v1 weight 100", "v2 weight 0"]


def test_the_same_weight_again_sends_no_command(fake, traffic):
    """It is read, and found to be there."""
    traffic.set(10)
    fake.commands.clear()
    traffic.set(10)
    assert fake.sets == []


def test_odd_weights_of_the_file_never_give_the_canary_more(fake, traffic):
    """From weights 200 and 200 to 10 percent: first down, never up."""
    fake.weights = {"v1": 200, "v2": 200}
    traffic.set(10)
    assert fake.weights == {"v1": 90, "v2": 10}
    assert fake.greatest_share <= 50


def test_versions_of_several_servers():
    """All of a version have the same weight; the share is the version's."""
    fake = FakeHaproxy(v1a=1, v1b=1, v1c=1, v2=0)
    with fake.serving() as address:
        traffic = actuator(address, baseline=["v1a", "v1b", "v1c"])
        traffic.set(25)
        assert fake.weights == {"v1a": 25, "v1b": 25, "v1c": 25, "v2": 25}
        assert traffic.read_back() == 25
        fake.weights["v1b"] = 3
        assert why(traffic.read_back) == (
            "the weights of the baseline's servers are not equal: `v1a` has 25, `v1b` has 3, `v1c` has 25"
        )


def test_a_share_that_no_weights_give_is_said():
    """Ten servers against one cannot have 1 percent: nothing is sent."""
    names = [f"v2{letter}" for letter in "abcdefghij"]
    fake = FakeHaproxy(v1=1, **dict.fromkeys(names, 0))
    with fake.serving() as address:
        traffic = actuator(address, canary=names)
        assert why(lambda: traffic.set(1)) == "weights of 0 to 256 cannot give 1 percent with these servers, nearest is 3.76"
    assert fake.commands == []


def test_a_refused_command_is_said_in_haproxys_words(fake, traffic):
    """Anything but a blank answer is no success; what was to come after it is not sent."""
    fake.says["set server shop/v2"] = "Permission denied\n\n"
    assert why(lambda: traffic.set(10)) == "the weight of `v2` cannot be set to 10: HAProxy says `Permission denied`"
    assert fake.sets == ["v2 weight 10"]


def test_a_command_that_changed_nothing_is_seen(fake, traffic):
    """A blank answer alone is not believed."""
    fake.says["set server shop/v2"] = "\n"
    assert why(lambda: traffic.set(10)) == "the weight of `v2` was set to 10, and HAProxy has 0"


def test_a_server_that_is_gone_does_not_keep_the_others_from_rolling_back():
    """What takes traffic from the canary is done, and the rest is said; up it goes by nothing."""
    fake = FakeHaproxy(v1=50, v2a=25)
    with fake.serving() as address:
        traffic = actuator(address, canary=["v2a", "v2b"])
        said = "the weight of `v2b` cannot be read: HAProxy says `No such server.`"
        assert why(lambda: traffic.set(90)) == said
        assert fake.weights == {"v1": 50, "v2a": 25}
        assert why(lambda: traffic.set(0)) == said
        assert fake.weights == {"v1": 100, "v2a": 0}
        assert why(traffic.read_back) == said


def test_the_last_server_is_not_taken_away():
    """Where no stable server can be read, a rollback would leave nothing: nothing is set."""
    fake = FakeHaproxy(v2=50)
    with fake.serving() as address:
        assert "`v1` cannot be read" in why(lambda: actuator(address).set(0))
    assert fake.sets == []


def test_an_answer_that_is_no_weight_is_said(fake, traffic):
    """A part of an answer, or another one."""
    for answer, shown in (("10 (ini", "10 (ini"), ("ten (initial 1)\n\n", "ten (initial 1)"), ("\n", "")):
        fake.says["get weight shop/v2"] = answer
        assert why(traffic.read_back) == f"the weight of `v2` cannot be read: HAProxy says `{shown}`"


def test_all_weights_0_have_no_share(fake, traffic):
    """And are left by the next set."""
    fake.weights = {"v1": 0, "v2": 0}
    assert why(traffic.read_back) == "the weight of every server is 0"
    traffic.set(10)
    assert fake.weights == {"v1": 90, "v2": 10}


@pytest.mark.parametrize(
    ("respond", "said"),
    [
        (say_nothing, "no whole answer from HAProxy within 200ms"),
        (hang_up, "no answer from HAProxy: it hung up without one"),
        (break_off, "the weight of `v1` cannot be read: HAProxy says `10 (ini`"),
    ],
)
def test_a_bad_haproxy_is_not_done(respond, said):
    """Neither call waits longer than its time limit, whatever the number of servers."""
    with FakeBadHaproxy(respond).serving() as address:
        traffic = actuator(address, timeout="200ms")
        assert why(traffic.read_back) == said
        assert why(lambda: traffic.set(10)) == said


def test_state_is_kept_after_each_weight(fake, tmp_path):
    """Whole, as HAProxy writes it."""
    with fake.serving() as address:
        traffic = actuator(address, persist={"state_file": str(tmp_path / "state")})
        traffic.set(10)
        assert "v2 127.0.0.1 2 0 10 1\n" in (tmp_path / "state").read_text()
        traffic.set(50)
        assert "v2 127.0.0.1 2 0 50 1\n" in (tmp_path / "state").read_text()


@pytest.mark.parametrize(
    "state", ["", "\n", "Permission denied\n\n", "1\n# head\n3 shop 1 v1 a\n\n", "1\n# head\n3 shop 1 v1 a\n3 shop 2 v2 a"]
)
def test_state_that_is_not_whole_is_not_kept(fake, tmp_path, state):
    """The file from before stays: the next reload would take a torn one for the truth."""
    (tmp_path / "state").write_text("old")
    fake.says["show servers state"] = state
    with fake.serving() as address:
        traffic = actuator(address, persist={"state_file": str(tmp_path / "state")})
        assert why(lambda: traffic.set(10))
    assert (tmp_path / "state").read_text() == "old"
    assert fake.weights == {"v1": 90, "v2": 10}


def test_secrets_are_brought_in_and_not_shown(fake):
    """The socket and the backend may come from variables; what HAProxy says of them is masked."""
    world = World(variables={"NAME": "sho-planted-p"}, read_file=lambda path: "")
    with fake.serving() as address:
        fake.says["get weight"] = "No backend sho-planted-p.\n\n"
        world = World(variables={"NAME": "sho-planted-p", "SOCKET": address}, read_file=lambda path: "")
        said = why(actuator("${env:SOCKET}", world, backend="${env:NAME}").read_back)
    assert said == "the weight of `v1` cannot be read: HAProxy says `No backend ***.`"
    assert fake.commands == ["get weight sho-planted-p/v1", "get weight sho-planted-p/v2"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "`socket` of actuator `traffic`: the environment variable `X` is not set"),
        ({"X": "nowhere"}, "actuator `traffic`: its `socket` is neither a path nor an address such as `tcp://127.0.0.1:9999`"),
    ],
)
def test_a_socket_that_is_none_is_unavailable(variables, message):
    """Said when the actuator is made, without the text."""
    with pytest.raises(Unavailable) as raised:
        actuator("${env:X}", World(variables=variables, read_file=lambda path: ""))
    assert raised.value.message == message


def test_a_backend_that_is_no_name_is_unavailable():
    """It would be another command."""
    with pytest.raises(Unavailable, match="its `backend` is no name of a backend of HAProxy"):
        actuator("/s", backend="shop/v1 weight 0;set server shop")
