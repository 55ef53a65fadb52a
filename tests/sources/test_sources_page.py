"""
What `docs/environment.md` and `canarypolicy explain` tell people to write about sources is what sources take.
"""

import inspect
import re
import sys
from pathlib import Path

import pytest
import yaml
from canarypolicy.documents.environment_loading import load_environment
from canarypolicy.documents.part_tables import SOURCE_PARAMETERS
from canarypolicy.sources import SOURCES

PAGE = (Path(__file__).parents[2] / "docs" / "environment.md").read_text(encoding="utf-8")


def examples(text):
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


def section(name):
    (text,) = re.findall(rf"^### {name}\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return text


def test_sources_and_their_parameters_have_the_same_names():
    assert list(SOURCES) == list(SOURCE_PARAMETERS)
    assert all(SOURCES[name].Parameters is SOURCE_PARAMETERS[name] for name in SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_every_example_is_an_environment_without_a_finding(name):
    """
    Both pages have one, and it uses the source that it is about.
    """
    own = inspect.getdoc(sys.modules[SOURCES[name].__module__])
    for text in (section(name), own):
        (example,) = examples(text)
        loaded = load_environment(
            f"apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {{name: e}}\n{example}".encode(), "e.yaml"
        )
        assert loaded.document is not None, loaded.findings
        assert not loaded.findings
        assert all(name in choice for choice in yaml.safe_load(example)["sources"].values())


@pytest.mark.parametrize("name", SOURCES)
def test_every_parameter_and_what_it_knows_is_explained(name):
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` | "))
    assert row.endswith("| yes |" if SOURCES[name].knows_past else "| no |")
    text = section(name) + (section("prometheus") if name == "http" else "")
    for key in SOURCE_PARAMETERS[name].model_fields:
        assert re.search(rf"`{key}\b|\b{key}: ", text), key
