"""
How a command finds the store.
"""

import pytest

from command_line import canarypolicy

ENVIRONMENT = "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: test}\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CANARYPOLICY_STORE", raising=False)
    return tmp_path


def verify(*options):
    return canarypolicy("journal", "verify", "shop-1", *options)


def test_without_any_the_three_ways_are_told():
    done = verify()
    assert done.exit_code == 2
    assert "give --store URL or --environment ENV, or set CANARYPOLICY_STORE" in done.stderr


def test_two_are_refused(elsewhere):
    done = verify("--store", "sqlite:///a.db", "--environment", "env.yaml")
    assert done.exit_code == 2
    assert "one of them" in done.stderr


def test_the_url_is_shown_without_its_password():
    done = verify("--store", "mysql://shop:hid-den@127.0.0.1:1/shop")
    assert done.exit_code == 1
    assert "the store `mysql://shop:***@127.0.0.1:1/shop` cannot be used: connection refused" in done.stderr
    assert "hid-den" not in done.output


def test_the_variable_is_looked_at_last_and_never_shown(monkeypatch):
    monkeypatch.setenv("CANARYPOLICY_STORE", "mysql://shop:hid-den@127.0.0.1:1/shop")
    done = verify()
    assert "the store cannot be used: connection refused" in done.stderr
    assert "127.0.0.1" not in done.output
    assert "the store `sqlite:///a.db` has no run" in verify("--store", "sqlite:///a.db").stderr


def test_an_environments_store_is_used(elsewhere, monkeypatch):
    monkeypatch.setenv("CANARYPOLICY_STORE", "oracle://no")
    (elsewhere / "env.yaml").write_text(f"{ENVIRONMENT}store: sqlite:///ours.db\n")
    done = verify("--environment", "env.yaml")
    assert "the store `sqlite:///ours.db` has no run" in done.stderr


def test_an_environment_without_a_store_means_a_file_here(elsewhere):
    (elsewhere / "env.yaml").write_text(ENVIRONMENT)
    done = verify("--environment", "env.yaml")
    assert "canarypolicy: note: `env.yaml` names no store: `sqlite:///canarypolicy.db` is used\n" in done.stderr
    assert (elsewhere / "canarypolicy.db").exists()


def test_what_a_substitution_brings_in_is_never_shown(elsewhere, monkeypatch):
    (elsewhere / "env.yaml").write_text(f"{ENVIRONMENT}store: '${{env:SHOP_STORE}}'\n")
    assert "`store`: the environment variable `SHOP_STORE` is not set" in verify("--environment", "env.yaml").stderr
    monkeypatch.setenv("SHOP_STORE", "mysql://shop:hid-den@127.0.0.1:1/shop")
    done = verify("--environment", "env.yaml")
    assert "the store cannot be used: connection refused" in done.stderr
    assert "hid-den" not in done.output
    assert "127.0.0.1" not in done.output


def test_an_environment_with_errors_ends_in_3(elsewhere):
    (elsewhere / "env.yaml").write_text(f"{ENVIRONMENT}stroe: x\n")
    assert verify("--environment", "env.yaml").exit_code == 3
