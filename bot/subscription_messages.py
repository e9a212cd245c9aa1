"""What a chat sees of its subscriptions. Pure."""

from collections.abc import Sequence

from bot.catalogue import ENGLISH, Catalogue
from bot.formatting import Block, Run
from bot.messages import Button, Message, article_blocks, line, messages
from bot.subscriptions import BROADEST, NARROWEST, Kind, Manner, Subscription
from bot.timing import Schedule
from index.articles import Article

_PREVIEWED = 5
_PREVIEW_DAYS = 7
# Buttons for so many subscriptions; the rest are reached by /unsubscribe.
_MOST_BUTTONS = 40
_IN_A_ROW = 8


def subscribed_message(
    subscription: Subscription,
    matching: Sequence[Article],
    manner: Manner,
    link: str = "",
    words: Catalogue = ENGLISH,
) -> Message:
    """A subscription with its buttons; of a topic, what it would have matched lately.

    ``link`` opens a story that is followed.
    """
    blocks: list[Block] = [
        (
            Run(words.subscribed[subscription.kind.value]),
            Run(subscription.text, bold=True, theirs=True),
        ),
        line(schedule_line(subscription, manner, words)),
    ]
    if subscription.kind is Kind.TOPIC:
        if matching:
            text = words.would_have_matched.format(count=len(matching), days=_PREVIEW_DAYS)
        else:
            text = words.would_have_matched_none.format(days=_PREVIEW_DAYS)
        blocks.append(line(text))
        blocks += article_blocks(matching[:_PREVIEWED], words)
    return messages(blocks, card_buttons(subscription, link, words))[0]


def schedule_line(subscription: Subscription, manner: Manner, words: Catalogue = ENGLISH) -> str:
    """When updates come, and quiet hours if there are any."""
    if subscription.paused:
        return words.paused
    schedule = subscription.schedule or manner.schedule
    text = schedule_text(schedule, manner.time_zone, words)
    if manner.quiet is not None:
        text += words.except_quiet.format(quiet=manner.quiet)
    return text


def schedule_text(schedule: Schedule, zone: str, words: Catalogue = ENGLISH) -> str:
    """A schedule in words."""
    if schedule.times:
        return words.told_at.format(times=schedule, zone=zone)
    return words.told_hourly if schedule.hourly else words.told_at_once


def card_buttons(
    subscription: Subscription, link: str = "", words: Catalogue = ENGLISH
) -> tuple[tuple[Button, ...], ...]:
    """What can be done with one subscription."""
    number = subscription.id
    pause = words.resume_button if subscription.paused else words.pause_button
    rows: list[tuple[Button, ...]] = []
    if subscription.kind is Kind.TOPIC:
        breadth = []
        if subscription.breadth > NARROWEST:
            breadth.append(Button(words.narrower_button, f"s:n:{number}"))
        if subscription.breadth < BROADEST:
            breadth.append(Button(words.broader_button, f"s:b:{number}"))
        rows.append(tuple(breadth))
    rows.append(
        (
            Button(pause, f"s:p:{number}"),
            Button(words.schedule_button, f"s:t:{number}"),
            Button(words.remove_button, f"s:r:{number}"),
            *((Button(words.link_button, copied=link),) if link else ()),
        )
    )
    return tuple(rows)


def list_messages(
    subscriptions: Sequence[Subscription], manner: Manner, words: Catalogue = ENGLISH
) -> list[Message]:
    """All subscriptions of a chat, numbered, each with a button that opens it."""
    if not subscriptions:
        return messages([line(words.no_subscriptions)])
    blocks: list[Block] = [line(words.subscriptions_heading, bold=True)]
    for number, s in enumerate(subscriptions, start=1):
        kind = words.kinds[s.kind.value]
        blocks.append(
            (
                Run(f"{number}  "),
                Run(s.text, bold=True, theirs=True),
                Run(f"\n{kind} · {schedule_line(s, manner, words)}"),
            )
        )
    buttons = [
        Button(str(number), f"s:o:{s.id}") for number, s in enumerate(subscriptions, start=1)
    ][:_MOST_BUTTONS]
    rows = tuple(tuple(buttons[i : i + _IN_A_ROW]) for i in range(0, len(buttons), _IN_A_ROW))
    return messages(blocks, rows)
