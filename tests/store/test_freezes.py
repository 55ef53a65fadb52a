"""
Freezes: of one policy or of all, until they are lifted or over.
"""

from canarypolicy.live.storing import NewFreeze

NOW_US = 1_000_000


def freeze(store, policy=None, at_us=NOW_US, **more):
    return store.freeze(NewFreeze(policy=policy, at_us=at_us, **more))


def in_force(store, policy=None, at_us=NOW_US):
    return [each.id for each in store.freezes(policy, at_us)]


def test_a_freeze_holds_its_policy_and_one_of_all_holds_every_policy(store):
    shop, everything = freeze(store, "shop", by="ann", reason="sale"), freeze(store, None)
    assert in_force(store, "shop") == [shop.id, everything.id]
    assert in_force(store, "till") == [everything.id]
    assert in_force(store, None) == [shop.id, everything.id]
    assert store.freezes("shop", NOW_US)[0] == shop
    assert (shop.policy, shop.by, shop.reason, shop.until_us) == ("shop", "ann", "sale", None)


def test_a_freeze_ends_by_itself_at_its_time(store):
    freeze(store, "shop", until_us=NOW_US + 10)
    assert len(in_force(store, "shop", NOW_US + 9)) == 1
    assert in_force(store, "shop", NOW_US + 10) == []


def test_the_same_policy_reason_and_time_twice_is_one_freeze(store):
    for policy in ("shop", None):
        assert freeze(store, policy, reason="rolled back") == freeze(store, policy, reason="rolled back", by="other")
        assert freeze(store, policy, reason="rolled back").id != freeze(store, policy, reason=None).id
    assert len(in_force(store)) == 4


def test_a_freeze_placed_again_stays_lifted(store):
    """A crash may place it again after a person has lifted it."""
    freeze(store, "shop", reason="rolled back")
    store.unfreeze("shop", "ann", NOW_US + 1)
    freeze(store, "shop", reason="rolled back")
    assert in_force(store, "shop") == []


def test_lifting_gives_what_was_in_force_and_leaves_the_rest(store):
    shop, everything = freeze(store, "shop"), freeze(store, None)
    freeze(store, "shop", at_us=NOW_US - 5, until_us=NOW_US - 1)
    assert store.unfreeze("shop", "ann", NOW_US) == (shop,)
    assert in_force(store, "shop") == [everything.id]
    assert store.unfreeze("shop", "ann", NOW_US) == ()
    assert store.unfreeze(None, None, NOW_US) == (everything,)
    assert in_force(store) == []
