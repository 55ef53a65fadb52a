from canarypolicy.documents.wording import code, listed, nearest, suggestion


def test_long_text_of_users_is_cut():
    """A sentence stays one sentence."""
    assert code("x" * 80) == "`" + "x" * 80 + "`"
    assert code("x" * 81) == "`" + "x" * 77 + "...`"
    assert code(5) == "`5`"


def test_names_are_joined():
    """The last one stands behind the word."""
    assert listed(["a"]) == "`a`"
    assert listed(["a", "b", "c"], "or") == "`a`, `b` or `c`"


def test_the_nearest_name_is_found():
    """Also with other capitals; not if nothing is near, and not for a text that is no name."""
    names = ["canary.error_rate", "canary.latency"]
    assert nearest("canary.eror_rate", names) == "canary.error_rate"
    assert nearest("Canary.Latency", names) == "canary.latency"
    assert nearest("requests", names) is None
    assert nearest("x" * 100_000, names) is None


def test_a_suggestion_names_the_nearest_first_and_at_most_eight():
    """What is allowed is said, but not endlessly."""
    names = [f"n{number}" for number in range(9)] + ["weight"]
    assert suggestion("wieght", names, "allowed") == (
        "did you mean `weight`? allowed: `weight`, `n0`, `n1`, `n2`, `n3`, `n4`, `n5`, `n6` and 2 more"
    )
    assert suggestion("zzz", ["a", "a", "b"], "steps") == "steps: `a`, `b`"
    assert suggestion("zzz", [], "steps") is None
