"""Links into newsbot: what is in them, and that nobody makes one to an answer."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.deep_links import DeepLink, Target, read_payload

SECRET = "4242:a-token"


@given(st.sampled_from(Target), st.integers(0, 10**12 - 1))
def test_a_link_leads_to_what_it_was_made_for(target: Target, number: int) -> None:
    """Every payload is one that Telegram carries, and reads back as what it was."""
    link = DeepLink(target, number)
    payload = link.payload(SECRET)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
    assert read_payload(payload, SECRET) == link
    assert link.address("news_bot", SECRET) == f"https://t.me/news_bot?start={payload}"


def test_an_answer_s_link_cannot_be_guessed() -> None:
    """Without the seal, with another's, or with that of another bot, it opens nothing."""
    payload = DeepLink(Target.ANSWER, 12).payload(SECRET)
    seal = payload.split("-")[1]
    for forged in ("a12", f"a13-{seal}", f"a12-{'0' * 16}", f"a012-{seal}", f"s12-{seal}", "a12-"):
        assert read_payload(forged, SECRET) is None, forged
    assert read_payload(payload, "another token") is None
    assert read_payload("", SECRET) is None


def test_a_story_s_link_is_only_its_number() -> None:
    """Stories are news; whoever counts through them learns what is public."""
    assert DeepLink(Target.STORY, 7).payload(SECRET) == "s7"
