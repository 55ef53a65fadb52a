"""
Probes against real servers: working, dead, stopped, full.
"""

import socket

import pytest
from canarypolicy.documents.part_tables import PROBE_PARAMETERS
from canarypolicy.errors import Unavailable
from canarypolicy.probes import PROBES

from live.redis_server import running_redis
from live.servers import free_port
from programs import world
from store.database_servers import PASSWORD, running_mariadb, running_postgresql


def probe(kind, **parameters):
    given = PROBE_PARAMETERS[kind].model_validate(parameters)
    return PROBES[kind](kind, given, world({"PASSWORD": PASSWORD}))


def look(kind, **parameters):
    return [(check.name, check.ok) for check in probe(kind, **parameters).look().checks]


def why(kind, **parameters):
    (failed,) = [check for check in probe(kind, **parameters).look().checks if not check.ok]
    assert PASSWORD not in failed.detail
    return failed.name, failed.detail


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def mariadb():
    with running_mariadb() as server:
        yield server


@pytest.fixture(scope="module")
def postgresql():
    with running_postgresql() as server:
        yield server


@pytest.fixture
def silent():
    """An address that accepts and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_redis_takes_gives_back_and_forgets_a_key(redis):
    assert look("redis", url=redis.url) == [("connect", True), ("write", True), ("read", True), ("delete", True)]
    with redis.client() as client:
        assert client.keys("canarypolicy*") == []


def test_a_full_redis_still_answers_a_ping_and_has_failed(redis):
    redis.fill()
    try:
        name, detail = why("redis", url=redis.url)
    finally:
        redis.empty()
    assert name == "write" and "OutOfMemoryError" in detail


def test_a_stopped_redis_has_failed_within_the_time_limit(redis):
    redis.stop()
    try:
        assert why("redis", url=redis.url, timeout="500ms")[0] == "connect"
    finally:
        redis.go_on()


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_a_database_answers_a_query(kind, request):
    server = request.getfixturevalue({"mysql": "mariadb"}.get(kind, kind))
    url = server.url({"mysql": "mysql", "postgresql": "postgres"}[kind]).replace(PASSWORD, "${env:PASSWORD}")
    assert look(kind, url=url) == [("connect", True), ("query", True)]
    assert why(kind, url=url, query="SELECT 1 WHERE 1 = 0") == ("query", "the query gives no row")
    name, detail = why(kind, url=url, query="SELECT * FROM nowhere")
    assert name == "query" and "nowhere" in detail
    name, detail = why(kind, url=url.replace("canary:", "nobody:"))
    assert name == "connect" and "nobody" in detail
    server.stop()
    try:
        assert why(kind, url=url, timeout="1s")[1]
    finally:
        server.go_on()


@pytest.mark.parametrize(
    ("kind", "scheme", "more"),
    [("redis", "redis", {}), ("mysql", "mysql", {}), ("postgresql", "postgresql", {}), ("prometheus", "http", {"query": "up"})],
    ids=["redis", "mysql", "postgresql", "prometheus"],
)
def test_what_accepts_and_never_answers_has_failed(kind, scheme, more, silent):
    assert "within 500ms" in why(kind, url=f"{scheme}://{silent}", timeout="500ms", **more)[1]


@pytest.mark.parametrize(
    ("kind", "scheme", "more"),
    [("redis", "redis", {}), ("mysql", "mysql", {}), ("postgresql", "postgresql", {}), ("prometheus", "http", {"query": "up"})],
    ids=["redis", "mysql", "postgresql", "prometheus"],
)
def test_where_nobody_listens_it_has_failed(kind, scheme, more):
    assert why(kind, url=f"{scheme}://127.0.0.1:{free_port()}", **more)[1]


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_an_address_without_a_host_is_told_before_anything_is_asked(kind):
    with pytest.raises(Unavailable, match="is no address"):
        probe(kind, url=f"{kind}:///shop")
