import pytest
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.span import SourceText
from canarypolicy.reports.finding_text import WIDEST, render_finding, render_findings


def finding(text, start, end, **more):
    source = SourceText(path="policies/storefront/policy.yaml", text=text)
    parts = {"name": "undeclared-signal", "message": "signal `x` is not declared", **more}
    return Finding(span=source.span(start, end), **parts)


CONTRACT = """\
policies/storefront/policy.yaml:14:14: error[undeclared-signal]: signal `canary.eror_rate_5xx` is not declared
   14 |     require: canary.eror_rate_5xx < 0.01
      |              ^^^^^^^^^^^^^^^^^^^^
   help: did you mean `canary.error_rate_5xx`? declared: `canary.error_rate_5xx`, `canary.latency_p95`"""


def test_a_finding_looks_as_the_contract_shows_it():
    """SPEC section 4, to the character."""
    text = "\n" * 13 + "    require: canary.eror_rate_5xx < 0.01\n"
    found = finding(
        text, 26, 46,
        message="signal `canary.eror_rate_5xx` is not declared",
        help="did you mean `canary.error_rate_5xx`? declared: `canary.error_rate_5xx`, `canary.latency_p95`",
    )  # fmt: skip
    assert render_finding(found) == CONTRACT


def lines(found):
    return render_finding(found).splitlines()[1:]


@pytest.mark.parametrize(
    ("text", "start", "end", "shown"),
    [
        pytest.param("ab: cd\n", 4, 6, ["    1 | ab: cd", "      |     ^^"], id="a span in a line"),
        pytest.param("ab: \n", 4, 4, ["    1 | ab:", "      |     ^"], id="an empty span has one caret"),
        pytest.param("", 0, 0, ["    1 |", "      | ^"], id="an empty file"),
        pytest.param("ab: cd  \n  ef\n", 4, 13, ["    1 | ab: cd", "      |     ^^"], id="of several lines, the first"),
        pytest.param("\ta\tb", 1, 4, ["    1 |     a    b", "      |     ^^^^^^"], id="a tab is four blanks wide"),
        pytest.param("a\x1b[31mb", 1, 2, ["    1 | a\\x1b[31mb", "      |  ^^^^"], id="a control character is spelled out"),
        pytest.param("a\u202eb", 2, 3, ["    1 | a\\u202eb", "      |        ^"], id="so is what turns the text around"),
        pytest.param("日本 b", 3, 4, ["    1 | 日本 b", "      |      ^"], id="a wide character takes two columns"),
        pytest.param("e\u0301 b", 3, 4, ["    1 | e\u0301 b", "      |   ^"], id="a combining one none"),
        pytest.param("a\r\nb: c\r\n", 6, 7, ["    2 | b: c", "      |    ^"], id="Windows line breaks"),
    ],
)  # fmt: skip
def test_the_span_is_underlined(text, start, end, shown):
    """Under exactly the faulty text, as a terminal shows it."""
    assert lines(finding(text, start, end)) == shown


def test_a_long_line_is_cut_around_the_span():
    """With marks where something is left out, and the carets still under the text."""
    text = "x" * 500 + "FAULT" + "y" * 500
    line, carets = lines(finding(text, 500, 505))
    shown = line.removeprefix("    1 | ")
    assert shown == "..." + "x" * 60 + "FAULT" + "y" * (WIDEST - 65) + "..."
    assert carets == "      | " + " " * 63 + "^^^^^"
    line, carets = lines(finding(text, 0, 1))
    assert line == "    1 | " + "x" * WIDEST + "..."
    line, carets = lines(finding(text, 1000, 1005))
    assert line.startswith("    1 | ...y")
    assert line.endswith("y" * 100)
    assert carets.endswith("^^^^^")
    assert len(line) == len(carets)


def test_a_line_that_just_fits_is_not_cut():
    """The limit itself is allowed."""
    assert lines(finding("x" * WIDEST, 0, 1))[0] == "    1 | " + "x" * WIDEST


def test_a_span_longer_than_what_is_shown_is_underlined_as_far_as_it_is_shown():
    """There is no caret without a character above it."""
    line, carets = lines(finding("x" * 1000, 0, 1000))
    assert line == "    1 | " + "x" * WIDEST + "..."
    assert carets == "      | " + "^" * WIDEST


def test_line_numbers_of_large_files_keep_the_bar_in_place():
    """Six digits make the gutter wider, on both lines."""
    line, carets = lines(finding("\n" * 99_999 + "ab", 99_999, 100_000))
    assert (line, carets) == ("100000 | ab", "       | ^")


def test_users_text_cannot_leave_its_sentence():
    """Message, help and path come out in one line each, whatever they hold."""
    found = finding("a", 0, 1, message="key `a\nb\x1b[2J`", help="write `\x07`")
    first, *_, last = render_finding(found).splitlines()
    assert first.endswith("key `a\\x0ab\\x1b[2J`")
    assert last == "   help: write `\\x07`"


def test_severities_are_named():
    """Colour is never the only sign."""
    for severity in Severity:
        assert f" {severity.value}[undeclared-signal]: " in render_finding(finding("a", 0, 1, severity=severity))


def test_color_only_if_asked_for():
    """The same text with escapes around it."""
    found = finding("ab: cd", 4, 6, help="x")
    colored = render_finding(found, color=True)
    assert "\x1b[" not in render_finding(found)
    assert "\x1b[1;31m^^\x1b[0m" in colored
    assert "\x1b[1;31merror[undeclared-signal]\x1b[0m" in colored


def test_several_findings_stand_apart():
    """An empty line between them; nothing for none."""
    one = render_finding(finding("ab", 0, 1))
    assert render_findings([finding("ab", 0, 1)] * 2) == f"{one}\n\n{one}"
    assert render_findings([]) == ""
