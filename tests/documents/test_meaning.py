import inspect

from canarypolicy.documents import meaning_names, meaning_references
from canarypolicy.documents.meaning import CHECKS, policy_findings
from canarypolicy.documents.policy import RolloutPolicy
from canarypolicy.documents.yaml_tree import read_tree


def test_every_check_is_asked():
    """A question that is written is in the table."""
    written = {
        function
        for module in (meaning_names, meaning_references)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    assert set(CHECKS) == written


def test_a_valid_policy_has_no_findings(valid):
    """And all questions are answered."""
    tree = read_tree(valid.encode(), "a.yaml")
    assert policy_findings(tree, RolloutPolicy.model_validate(tree.data)) == []
