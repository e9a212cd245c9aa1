"""Updates and digests as Telegram messages. Pure."""

from collections.abc import Sequence

from bot.answers import cited
from bot.catalogue import ENGLISH, Catalogue
from bot.check_messages import changed_blocks
from bot.formatting import Block, Run, packed
from bot.messages import Button, Message, by_article, line, messages, quote_block, source_block
from bot.outbox import Due
from bot.subscriptions import Kind
from bot.updates import Update

# In a digest each update is a heading, a quote and its source: more would bury the rest.
_CLAIMS_IN_DIGEST = 1


def update_messages(due: Due, words: Catalogue = ENGLISH) -> list[Message]:
    """One update: what story, which sentences, who carries it, and why it came."""
    update = due.update
    if update.checked is not None:
        return messages(update_blocks(update, words))
    blocks = [*update_blocks(update, words), _reason(update, words)]
    row = (
        Button(words.why_button, f"u:w:{due.id}"),
        Button(words.ask_button, f"u:a:{due.id}"),
    )
    more = [Button(words.mute_button, f"u:m:{due.id}")]
    if update.kind is Kind.TOPIC:
        more.append(Button(words.less_button, f"u:l:{due.id}"))
    if update.kind is not Kind.STORY and update.story:
        more.append(Button(words.follow_button, f"u:f:{due.id}"))
    return messages(blocks, (row, tuple(more)))


def update_blocks(
    update: Update, words: Catalogue = ENGLISH, most: int | None = None
) -> list[Block]:
    """An update without its reason: heading, quotes, their sources, other outlets."""
    if update.checked is not None:
        return changed_blocks(update.because, [update.checked], words)
    claims = update.claims[:most]
    numbers = cited((*claims, update.before) if update.before else claims)
    blocks: list[Block] = [_heading(update, words)]
    blocks += [quote_block(claim, numbers[claim.article.id]) for claim in claims]
    if update.before is not None:
        blocks.append(line(words.answer_before))
        blocks.append(quote_block(update.before, numbers[update.before.article.id]))
    shown = (*claims, update.before) if update.before else claims
    blocks += [
        source_block(numbers[article.id], article, of_article, words)
        for article, of_article in by_article(shown)
    ]
    if update.also:
        runs = [Run(words.also_reported.format(count=len(update.also)))]
        for i, outlet in enumerate(update.also):
            runs += [Run(", " if i else " "), Run(outlet, theirs=True)]
        blocks.append(tuple(runs))
    return blocks


def _heading(update: Update, words: Catalogue) -> Block:
    if update.kind is Kind.QUESTION:
        mark = words.answer_changed if update.before else words.answer_found
        return (Run(mark, bold=True), Run(update.because, bold=True, theirs=True))
    mark = words.story_goes_on if update.follows else ""
    return (Run(mark, bold=True), Run(update.title, bold=True, theirs=True))


def _reason(update: Update, words: Catalogue) -> Block:
    reason = words.because[update.kind.value]
    return (Run(reason, italic=True), Run(update.because, italic=True, theirs=True))


def digests(
    dues: Sequence[Due], words: Catalogue = ENGLISH
) -> list[tuple[list[Due], list[Message]]]:
    """Updates in as few messages as Telegram allows, each message with those that it holds.

    An update is never parted, unless it is longer than a message by itself.
    """
    groups: list[tuple[list[Due], list[Block]]] = []
    for due in dues:
        blocks = update_blocks(due.update, words, _CLAIMS_IN_DIGEST)
        if groups and len(packed([*groups[-1][1], *blocks])) == 1:
            groups[-1][0].append(due)
            groups[-1][1].extend(blocks)
        else:
            heading = [] if groups else [digest_heading(len(dues), words)]
            groups.append(([due], [*heading, *blocks]))
    return [(held, messages(blocks)) for held, blocks in groups]


def digest_heading(count: int, words: Catalogue = ENGLISH) -> Block:
    """How many updates a digest has."""
    text = words.digest_of_one if count == 1 else words.digest_of.format(count=count)
    return line(text, bold=True)
