"""
What a terminal would obey, and what XML cannot hold, is shown and not done.
"""

import xml.etree.ElementTree as ET

from canarypolicy.reports.escape import visible, xml_text
from hypothesis import given, settings
from hypothesis import strategies as st

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=40)


def test_steering_characters_are_spelled_out():
    assert visible("a\x1b[31m\n\t\x9b\u202e\u2028\ud800z") == r"a\x1b[31m\x0a\x09\x9b\u202e\u2028\ud800z"


def test_ordinary_text_stays_as_it_is():
    for text in ("canary.error_rate < 0.01", "größer als 1 %", "\N{SNOWMAN} \U0001f680"):
        assert visible(text) == text


@settings(deadline=None, derandomize=True)
@given(ANY_TEXT)
def test_what_is_visible_has_one_line_and_a_utf_8_form(text):
    shown = visible(text)
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown
    assert visible(shown) == shown


@settings(deadline=None, derandomize=True)
@given(ANY_TEXT)
def test_xml_text_is_xml_wherever_it_stands(text):
    """As an element's text and inside a quoted attribute; a parser gives back what can be given back."""
    element = ET.fromstring(f'<a b="{xml_text(text)}">{xml_text(text)}</a>')
    if all(character.isprintable() for character in text):
        assert element.text in (text, None)
        assert element.get("b") == text
