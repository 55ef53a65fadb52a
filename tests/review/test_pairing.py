"""
Pairs of policies: by place, by name, and those on one side only.
"""

from canarypolicy.review.pairing import is_policy, pair, policy_text

from reviewed import BASE


def text(key, name="shop", extra=""):
    return policy_text((BASE.replace("{name: shop}", f"{{name: {name}}}") + extra).encode(), f"root/{key}", key)


def names(pairs):
    return [(each.old and each.old.key, each.new and each.new.key) for each in pairs]


def test_what_lies_where_it_lay_is_the_same_policy():
    """A new name does not make another policy of it."""
    (only,) = pair([text("a.yaml")], [text("a.yaml", "store")])
    assert (only.is_changed, only.is_moved, only.is_renamed) == (True, False, True)
    assert only.either.path == "root/a.yaml"
    windows = policy_text(text("a.yaml").data.replace(b"\n", b"\r\n"), "root/a.yaml", "a.yaml")
    (same,) = pair([text("a.yaml")], [windows])
    assert (same.is_changed, same.is_moved, same.is_renamed) == (False, False, False)


def test_what_was_moved_is_known_by_its_name():
    """Paths first, then names."""
    pairs = pair([text("a.yaml"), text("b.yaml", "other")], [text("b.yaml", "other"), text("c.yaml")])
    assert names(pairs) == [("b.yaml", "b.yaml"), ("a.yaml", "c.yaml")]
    assert [each.is_moved for each in pairs] == [False, True]


def test_what_has_no_twin_came_or_went():
    """Added ones stand in the new order, those that are gone at the end."""
    pairs = pair([text("a.yaml", "one")], [text("c.yaml", "two"), text("b.yaml", "three")])
    assert names(pairs) == [(None, "c.yaml"), (None, "b.yaml"), ("a.yaml", None)]
    assert [each.is_changed for each in pairs] == [True] * 3
    assert [each.is_renamed or each.is_moved for each in pairs] == [False] * 3
    assert pairs[-1].either.key == "a.yaml"


def test_a_name_that_stands_twice_pairs_nothing():
    """Which of two is meant is not guessed."""
    assert names(pair([text("a.yaml")], [text("b.yaml"), text("c.yaml")])) == [
        (None, "b.yaml"),
        (None, "c.yaml"),
        ("a.yaml", None),
    ]
    assert names(pair([text("a.yaml"), text("b.yaml")], [text("c.yaml")])) == [
        (None, "c.yaml"),
        ("a.yaml", None),
        ("b.yaml", None),
    ]


def test_without_a_name_only_the_place_counts():
    """A text that cannot be read is paired where it lies."""
    broken = [policy_text(b"kind: [", "x.yaml"), policy_text(b"metadata: {name: 3}", "y.yaml"), policy_text(b"- 1", "z.yaml")]
    assert [each.name for each in broken] == [None, None, None]
    assert names(pair(broken[:1], broken[1:])) == [(None, "y.yaml"), (None, "z.yaml"), ("x.yaml", None)]


def test_what_is_a_policy():
    """Other kinds and other people's YAML are not; a policy with a fault is."""
    assert is_policy(BASE.encode())
    assert is_policy(BASE.replace("signals:", "signals: [").encode())
    assert not is_policy(BASE.replace("signals:", "signals: [").replace("RolloutPolicy", "PolicyTest").encode())
    assert not is_policy(BASE.replace("kind: RolloutPolicy", "kind: PolicyTest").encode())
    assert not is_policy(b"apiVersion: apps/v1\nkind: Deployment\n")
    assert not is_policy(b"- apiVersion: canarypolicy/v1\n")
