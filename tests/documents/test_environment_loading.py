"""
Environments, right and wrong: each message pinned, whole, and no secret in any of them.
"""

from pathlib import Path

import pytest
from canarypolicy.documents.environment_checks import check_against_policy
from canarypolicy.documents.environment_loading import load_environment
from canarypolicy.documents.secrets import Secret, World, masked, parse_template
from canarypolicy.errors import Unavailable
from canarypolicy.reports.finding_text import render_findings

from driver import program_of

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parents[1] / "cases" / "environments"


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*.yaml")))
def test_what_is_found(name, golden):
    loaded = load_environment((CASES / name).read_bytes(), name)
    text = render_findings(loaded.findings) + "\n"
    assert "hunter" not in text
    assert (loaded.document is None) == any(finding.is_error for finding in loaded.findings)
    golden(CASES / f"{name}.expected", text)


def test_an_empty_file_is_told_as_such():
    assert load_environment(b"", "e.yaml").findings[0].name == "empty-document"


def test_the_shipped_environment_fits_the_shipped_policy():
    loaded = load_environment((ROOT / "policies/storefront/environment.yaml").read_bytes(), "environment.yaml")
    program = program_of((ROOT / "policies/storefront/policy.yaml").read_text(encoding="utf-8"))
    assert not [finding for finding in loaded.findings if finding.is_error]
    assert [finding.name for finding in check_against_policy(loaded.document, program.checked)] == []


AGAINST = """
apiVersion: canarypolicy/v1
kind: Environment
metadata: {name: e}
sources: {prom: {prometheus: {url: 'http://a'}}}
signals:
  a.plain: {source: prom, query: 'up{job="x"}'}
  a.rate: {source: prom, query: 'rate(up[1m])'}
  a.timed: {source: prom, query: 'rate(up[1m])', measured: 'max(timestamp(up))'}
  a.manual: {manual: 7}
  a.stranger: {manual: 7}
"""
SIGNALS = "signals:\n" + "".join(
    f"  a.{name}: {{range: [0, 1], healthy: 0.0, max_age: 90s}}\n" for name in ("plain", "rate", "timed", "manual", "absent")
)


def test_an_environment_is_held_against_the_policy(golden):
    program = program_of(
        signals=SIGNALS,
        rules="slos: [{name: low, require: a.plain < 0.5 && a.rate < 0.5 && a.timed < 0.5 && a.manual < 0.5 && a.absent < 0.5}]",
    )
    loaded = load_environment(AGAINST.encode(), "e.yaml")
    golden(CASES / "against_policy.expected", render_findings(check_against_policy(loaded.document, program.checked)) + "\n")


def test_many_absent_signals_are_counted_and_one_is_named():
    names = [f"a.s{index}" for index in range(12)]
    program = program_of(
        signals="signals:\n" + "".join(f"  {name}: {{healthy: 0.0}}\n" for name in names),
        rules="slos: [{name: low, require: " + " && ".join(f"{name} < 1.0" for name in names) + "}]",
    )
    bare = load_environment(b"apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: e}\n", "e.yaml").document
    (finding,) = check_against_policy(bare, program.checked)
    assert "and 4 more" in finding.message
    all_but_one = "".join(f"  {name}: {{manual: 0.0}}\n" for name in names[1:])
    most = load_environment(
        f"apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {{name: e}}\nsignals:\n{all_but_one}".encode(), "e.yaml"
    ).document
    (finding,) = check_against_policy(most, program.checked)
    assert "signal `a.s0` of policy" in finding.message


def test_a_secret_has_no_text_form_and_is_not_written_anywhere():
    import pickle

    secret = Secret("hunter2")
    assert f"{secret} {secret!r} {[secret]}" == "*** *** [***]"
    assert secret.reveal() == "hunter2"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_substitutions_are_brought_in_from_the_world_given(tmp_path):
    (tmp_path / "token").write_bytes(b"t0ken\r\n")
    world = World(variables={"HOST": "example"}, read_file=lambda path: (tmp_path / path).read_bytes().decode())
    whole, brought_in = parse_template("http://${env:HOST}/$${x}/${file:token}").resolve(world, "`url`")
    assert whole.reveal() == "http://example/${x}/t0ken"
    assert [each.reveal() for each in brought_in] == ["example", "t0ken"]
    assert masked("saw t0ken at http://a:b@c", brought_in) == "saw *** at http://a:***@c"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${env:NOWHERE}", "`url`: the environment variable `NOWHERE` is not set"),
        ("${env:BYTES}", "`url`: the environment variable `BYTES` is not UTF-8 text"),
        ("${file:nowhere}", "`url`: cannot read the file `nowhere`: No such file or directory"),
        ("${file:binary}", "`url`: cannot read the file `binary`: it is not UTF-8 text"),
    ],
)
def test_what_cannot_be_brought_in_is_named(text, message, tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff")
    world = World(variables={"BYTES": "\udcff"}, read_file=lambda path: (tmp_path / path).read_text(encoding="utf-8"))
    with pytest.raises(Unavailable) as absent:
        parse_template(text).resolve(world, "`url`")
    assert absent.value.message == message


def test_a_template_is_shown_as_it_is_written_without_passwords():
    template = parse_template("http://me:${env:P}@host")
    assert repr(template) == "Template('http://me:***@host')"
    assert [str(reference) for reference in template.references] == ["${env:P}"]
