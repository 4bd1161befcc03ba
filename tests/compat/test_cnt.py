"""The toolkit's rules, each on a log small enough to check by eye: message, user, repost or "-", seconds."""

from __future__ import annotations

import pytest

from samehand.compat.network import network


def run(table, window_s=10, **options):
    return network(table, compat="cnt", window_s=window_s, **options)


def edges(found):
    return {(row["account_a"], row["account_b"]): row["weight"] for row in found.edges.to_pylist()}


def test_the_window_is_inclusive(messages):
    log = messages("1 ann r 0\n2 bob r 10")
    assert edges(run(log, 10)) == {("ann", "bob"): 1, ("bob", "ann"): 1}
    assert edges(run(log, 9)) == {}


def test_an_edge_counts_the_distinct_messages_of_its_source(messages):
    log = messages("""
        1 ann r 0
        2 ann r 4
        3 bob r 5
        4 ann s 0
        5 bob s 5
    """)
    assert edges(run(log)) == {("ann", "bob"): 3, ("bob", "ann"): 2}


def test_the_pairs_name_the_older_message_first_and_what_is_shared(messages):
    assert run(messages("7 bob r 12\n3 ann r 4")).pairs.to_pylist() == [
        {
            "feature": "r",
            "message_id": "3",
            "message_id_y": "7",
            "time_delta": 8.0,
            "user_id": "ann",
            "user_id_y": "bob",
        }
    ]


def test_the_least_weight_holds_for_each_direction(messages):
    log = messages("1 ann r 0\n2 ann r 1\n3 bob r 2")
    found = run(log, min_weight=2)
    assert edges(found) == {("ann", "bob"): 2}
    assert found.pairs.num_rows == 2


def test_a_loop_counts_messages_that_meet_another_one_of_the_same_user(messages):
    log = messages("1 ann r 0\n2 ann r 5\n3 ann r 99\n4 ann s 0")
    assert edges(run(log)) == {}
    found = run(log, keep_loops=True)
    assert edges(found) == {("ann", "ann"): 2}
    assert "No message was paired with itself" in found.notes[0]


def test_a_message_that_is_no_repost_is_in_no_co_retweet(messages):
    assert edges(run(messages("1 ann - 0\n2 bob - 0"))) == {}


def test_of_rows_with_one_message_id_the_first_counts(messages):
    log = messages("1 ann r 0\n1 cid r 1\n2 bob r 2")
    found = run(log)
    assert edges(found) == {("ann", "bob"): 1, ("bob", "ann"): 1}
    assert found.notes == ("1 rows repeat the message id of an earlier row: the first row counts.",)


def test_co_reply_needs_the_same_reply_and_leaves_reposts_out(messages):
    log = messages("1 ann - 0\n2 bob - 1\n3 cid r 1\n4 dan - 1", reply_id=["q", "q", "q", ""])
    assert edges(run(log, network_type="co_reply")) == {("ann", "bob"): 1, ("bob", "ann"): 1}


def test_co_link_needs_one_common_link_and_counts_a_message_once(messages):
    log = messages("1 ann - 0\n2 bob - 1\n3 cid r 1", urls=["l m", "m l l", "l"])
    found = run(log, network_type="co_link")
    assert edges(found) == {("ann", "bob"): 1, ("bob", "ann"): 1}
    assert found.pairs["feature"].to_pylist() == ["l", "m"]


def test_messages_without_links_share_the_empty_link_until_corrected(messages):
    log = messages("1 ann - 0\n2 bob - 1\n3 cid - 2\n4 dan - 3", urls=["", "", "l", "l"])
    wrong = run(log, network_type="co_link")
    assert edges(wrong) == dict.fromkeys([("ann", "bob"), ("bob", "ann"), ("cid", "dan"), ("dan", "cid")], 1)
    assert "2 messages have an empty link" in wrong.notes[0]
    assert "they all share it" in wrong.notes[0]
    right = run(log, network_type="co_link", correct=True)
    assert edges(right) == dict.fromkeys([("cid", "dan"), ("dan", "cid")], 1)
    assert right.notes == ("2 messages have an empty link: they share nothing by that.",)


def test_links_may_be_lists_and_an_empty_list_is_no_link(messages):
    log = messages("1 ann - 0\n2 bob - 1\n3 cid - 2\n4 dan - 3", urls=[[], None, ["l"], ["m", "l"]])
    assert edges(run(log, network_type="co_link")) == dict.fromkeys([("cid", "dan"), ("dan", "cid")], 1)


def test_links_of_a_repeated_message_count_until_corrected(messages):
    log = messages("1 ann - 0\n1 cid - 1\n2 bob - 2", urls=["l", "m", "m"])
    wrong = run(log, network_type="co_link")
    assert edges(wrong) == {("bob", "cid"): 1, ("cid", "bob"): 1}
    assert "links that are new to the message count" in wrong.notes[0]
    assert edges(run(log, network_type="co_link", correct=True)) == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Hello world", "hello   WORLD\n", True),
        ("@bob hello", "hello @cid", True),
        ("hello@bob", "hello", True),
        ("hello", "hello!", False),
    ],
)
def test_co_tweet_compares_text_without_mentions_case_and_spacing(messages, one, other, same):
    log = messages("1 ann - 0\n2 bob - 1", message=[one, other])
    assert (run(log, network_type="co_tweet").pairs.num_rows == 1) == same


def test_messages_without_words_share_the_empty_text_until_corrected(messages):
    log = messages("1 ann - 0\n2 bob - 1", message=["@bob", ""])
    assert len(edges(run(log, network_type="co_tweet"))) == 2
    found = run(log, network_type="co_tweet", correct=True)
    assert edges(found) == {}
    assert found.notes == ("2 messages have an empty text: they share nothing by that.",)


def test_co_post_needs_nothing_but_the_time(messages):
    log = messages("1 ann - 0\n2 bob r 10\n3 cid - 11")
    found = run(log, network_type="co_post")
    assert edges(found) == dict.fromkeys([("ann", "bob"), ("bob", "ann"), ("bob", "cid"), ("cid", "bob")], 1)
    assert set(found.edges["edge_type"].to_pylist()) == {"co_post"}
    assert found.pairs["feature"].to_pylist() == ["", ""]


def test_an_empty_user_is_a_user_until_corrected(messages):
    log = messages("1 ann r 0\n2 bob r 1", user_id=["ann", ""])
    assert edges(run(log)) == {("ann", ""): 1, ("", "ann"): 1}
    found = run(log, correct=True)
    assert edges(found) == {}
    assert found.notes == ("1 rows lack a message id or a user id; they were left out.",)


def test_a_row_without_a_user_does_not_use_up_its_message_id(messages):
    log = messages("1 ann r 0\n1 bob r 1\n2 cid r 2", user_id=[None, "bob", "cid"])
    assert edges(run(log)) == {("bob", "cid"): 1, ("cid", "bob"): 1}


def test_a_message_without_a_time_is_in_no_pair(messages):
    log = messages("1 ann r 0\n2 bob r nan\n3 cid r 3")
    found = run(log)
    assert edges(found) == {("ann", "cid"): 1, ("cid", "ann"): 1}
    assert found.notes == ("1 rows have no time; they are in no pair.",)
