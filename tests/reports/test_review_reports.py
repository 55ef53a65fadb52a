"""
A review in every format: whole texts, what their readers rely on, and that foreign names do no harm.
"""

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from canarypolicy.documents.pages_of_reviews import PAGES_OF_REVIEWS
from canarypolicy.engine.sample import RawSample
from canarypolicy.reports import REPORTS
from canarypolicy.reports.markdown_document import LONGEST, MARKER
from canarypolicy.reports.result_schemas import RESULT_SCHEMAS
from canarypolicy.reports.review_findings import review_findings
from canarypolicy.review.findings import Certainty, Edit
from canarypolicy.review.standing import DANGER, FailOn
from markdown_it import MarkdownIt
from referencing import Registry, Resource

from results import HOSTILE, MINUTE_US
from reviews import (
    GONE,
    LIMIT,
    NEW,
    OLD,
    full_policy_review,
    known_as,
    matrix,
    place,
    policy_review,
    review,
    shown,
)

GOLDEN = Path(__file__).parent / "golden"


FORMATS = {"text": "txt", "markdown": "md", "json": "json", "sarif": "sarif", "github": "github"}


NOT_INSTALLED = "the library `z3-solver` is not installed"


CASES = {
    "full": lambda: review(full_policy_review(), witness_dir="witnesses"),
    "equivalent": lambda: review(policy_review(transitions=matrix("canary-10", "full"), edits=(LIMIT,))),
    "nothing-changed": lambda: review(base="main"),
    "comes-and-goes": lambda: review(
        policy_review(name="gone", new_path=None, edits=(), place=place(OLD, "shop")),
        policy_review(name="arrived", old_path=None, edits=()),
        base="main",
    ),
    "not-proved": lambda: review(
        policy_review(transitions=matrix("full", rollback_hold=known_as(Certainty.UNKNOWN, "searched, not proved")), not_proved=NOT_INSTALLED)
    ),
}  # fmt: skip


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_the_whole_text(case, format_, golden):
    golden(GOLDEN / f"review-{case}.{FORMATS[format_]}", REPORTS[format_].render(CASES[case]()))


@pytest.fixture(scope="module")
def validator():
    schemas = {name: make() for name, make in RESULT_SCHEMAS.items()}
    registry = Registry().with_resources([(schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()])
    return jsonschema.Draft202012Validator(schemas["review"], registry=registry)


@pytest.mark.parametrize("case", CASES)
def test_json_fits_its_schema_and_the_schema_misses_no_key(case, validator):
    record = json.loads(REPORTS["json"].render(CASES[case]()))
    validator.validate(record)
    described = RESULT_SCHEMAS["review"]()
    assert record.keys() == described["properties"].keys()
    for policy in record["policies"]:
        assert policy.keys() == described["$defs"]["policy"]["properties"].keys()
        for each in policy["transitions"]:
            assert each.keys() == described["$defs"]["transition"]["properties"].keys()


def test_colours_add_nothing_but_colours():
    plain = REPORTS["text"].render(CASES["full"]())
    coloured = REPORTS["text"].render(CASES["full"](), color=True)
    assert "\x1b[1;31mlooser" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_the_first_line_of_a_comment_is_the_marker_whatever_is_in_it():
    """By it a bot finds its comment; it never changes."""
    assert MARKER == "<!-- canarypolicy-review -->"
    assert {REPORTS["markdown"].render(make()).split("\n")[0] for make in CASES.values()} == {MARKER}


def test_a_comment_is_one_screen_before_it_is_unfolded():
    text = REPORTS["markdown"].render(CASES["full"]())
    assert len(re.sub(r"<details>.*?</details>\n", "", text, flags=re.DOTALL).splitlines()) < 40


def test_the_most_dangerous_stands_first():
    found = REPORTS["markdown"].render(CASES["full"]()).splitlines()
    assert [tuple(line.split(" | ")[:2]) for line in found if line.startswith("| **")] == [
        ("| **looser**", "rollback becomes hold in `canary-10` and `canary-50`"),
        ("| **looser**", "hold becomes advance in `canary-10` and `canary-50`"),
        ("| **looser**", "100 % of the traffic can be on the canary after 10m, in step `full`; it was after 20m"),
        ("| **looser**", "step `canary-25` was removed"),
        ("| **looser**", "recorded rollout `incident-0312` was rolled-back, is complete"),
        ("| **fault**", "invariant `errors-roll-back` does not hold"),
        ("| **perhaps looser**", "rollback becomes advance in `canary-10` and `canary-50`"),
        ("| **stricter**", "step `canary-75` was added"),
    ]


def test_steps_of_which_the_same_is_known_share_a_line():
    text = REPORTS["text"].render(review(policy_review(transitions=matrix("a", "b", "c", rollback_hold=shown(LIMIT)))))
    assert "rollback becomes hold in `a`, `b` and `c`" in text
    assert text.count("because of") == 1


def hostile_review():
    edit = Edit(sentence=f"rule `{HOSTILE}` was `a|b`, is `@everyone`", old=None, new=place(NEW, "shop"))
    policy = policy_review(
        name=HOSTILE, edits=(edit,), new_path=f"{HOSTILE}.yaml", transitions=matrix("full", rollback_hold=shown(edit)), not_proved=HOSTILE
    )  # fmt: skip
    return review(policy, witness_dir="w")


def test_foreign_text_stays_text_in_markdown():
    """No tag, no mention, no cell and no line is begun by what a policy's author wrote."""
    text = REPORTS["markdown"].render(hostile_review())
    text.encode()
    assert "\x1b" not in text
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    html = [child.content for token in tokens for child in token.children or () if child.type == "html_inline"]
    assert set(html) <= {"<!-- -->", "<br>"}
    blocks = "".join(token.content for token in tokens if token.type == "html_block")
    assert set(re.findall(r"<[^>]*>", blocks)) <= {MARKER, "<details>", "<summary>", "</summary>", "</details>"}
    head = next(line for line in text.splitlines() if line.startswith("|  | what"))
    rows = [line for line in text.splitlines() if line.startswith("| **")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == len(re.findall(r"\|", head)) for row in rows)


@pytest.mark.parametrize("format_", ["text", "github"])
def test_foreign_text_steers_nothing(format_):
    text = REPORTS[format_].render(hostile_review())
    assert "\x1b" not in text
    text.encode()


def test_a_comment_that_is_too_long_goes_without_details_and_says_so():
    long = replace(full_policy_review(), name="long")
    text = REPORTS["markdown"].render(review(*[replace(long, name=f"p{index}") for index in range(30)]))
    assert len(text) <= LONGEST
    assert "<details>" not in text
    assert text.endswith("`--format json` has them all.\n")
    cut = REPORTS["markdown"].render(review(*[replace(long, name=f"p{index}") for index in range(300)]))
    assert len(cut) <= LONGEST
    assert cut.endswith("`--format json` has them all.\n")


def test_long_lists_are_cut_and_say_so():
    steps = [f"s{index}" for index in range(12)]
    each = matrix(*steps, rollback_hold=lambda **asked: known_as(Certainty.UNKNOWN, asked["step"])(**asked))
    text = REPORTS["markdown"].render(review(policy_review(transitions=each, removed_steps=tuple(steps))))
    assert "and 16 more, which `--format json` has." in text


def test_annotations_stand_on_the_line_that_causes_the_change():
    """What was deleted has no line any more, and is told at the policy's name."""
    lines = REPORTS["github"].render(CASES["full"]()).splitlines()
    assert lines[0].startswith("::error file=new.yaml,line=3,endLine=3,col=26,endColumn=35,title=rollback-to-hold::")
    assert lines[1].startswith("::error file=new.yaml,line=1,endLine=1,col=18,endColumn=22,title=hold-to-advance::")


@pytest.mark.parametrize(
    ("fail_on", "levels"),
    [
        (
            FailOn.LOOSER,
            {"rollback-to-hold": "error", "advance-to-hold": "note", "traffic-sooner": "error", "step-added": "note"},
        ),
        (FailOn.NEVER, {"rollback-to-hold": "warning", "advance-to-hold": "note", "traffic-sooner": "warning"}),
        (FailOn.UNKNOWN, {"rollback-to-hold": "warning", "rollback-to-advance": "error", "step-removed": "warning"}),
        (
            FailOn.ANY,
            {"rollback-to-hold": "error", "advance-to-hold": "error", "step-added": "error", "recorded-outcome": "error"},
        ),
    ],
)
def test_what_is_refused_is_an_error(fail_on, levels):
    found = {finding.name: finding.severity.value for finding in review_findings(review(full_policy_review(), fail_on=fail_on))}
    assert {name: found[name] for name in levels} == levels


def test_one_finding_for_each_line_to_blame():
    transitions = matrix("full", rollback_hold=shown(LIMIT, GONE))
    spans = [finding.span.text for finding in review_findings(review(policy_review(transitions=transitions)))]
    assert spans == ["x >= 0.03", "shop"]


def test_a_long_history_is_not_in_the_comment():
    samples = tuple(RawSample(at_us=minute * MINUTE_US, signals={"x": 0.1}) for minute in range(60))
    found = review(policy_review(transitions=matrix("full", rollback_hold=shown(items=samples))))
    text = REPORTS["markdown"].render(found)
    assert "The history has 60 lines; `--witness-dir` writes it." in text
    assert "```json" not in text


def test_every_finding_of_a_review_has_its_page():
    found = {finding.name for make in CASES.values() for finding in review_findings(make())}
    assert found - {"dead-rule", "invariant-broken"} <= PAGES_OF_REVIEWS.keys()
    assert {f"{old.value}-to-{new.value}" for old, new in DANGER} <= PAGES_OF_REVIEWS.keys()
