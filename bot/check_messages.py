"""What became of an answer, as people read it in Telegram and on the command line. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.answers import cited
from bot.bylines import day
from bot.catalogue import ENGLISH, Catalogue
from bot.checking import Checked
from bot.formatting import Block, Run
from bot.messages import by_article, line, quote_block, source_block


def check_blocks(
    question: str, given: datetime, checked: Sequence[Checked], words: Catalogue = ENGLISH
) -> list[Block]:
    """What became of an answer: the question and when it was given, then each quote."""
    blocks: list[Block] = [
        (Run(question, bold=True, theirs=True),),
        (Run(words.answered_on.format(day=day(given, words)), italic=True),),
    ]
    return [*blocks, *(quote_blocks(checked, words) if checked else [line(words.no_quotes)])]


def changed_blocks(
    question: str, checked: Sequence[Checked], words: Catalogue = ENGLISH
) -> list[Block]:
    """The same, for somebody who did not ask: what of an answer no longer stands."""
    heading = (Run(words.answer_outdated, bold=True), Run(question, bold=True, theirs=True))
    return [heading, *quote_blocks(checked, words)]


def quote_blocks(checked: Sequence[Checked], words: Catalogue = ENGLISH) -> list[Block]:
    """Each quote with what became of it, what the article says now, then the sources."""
    # What stands in the article now, where it can be looked up.
    shown = tuple(c.now or c.claim for c in checked)
    numbers = cited(shown)
    blocks: list[Block] = []
    corrections: set[str] = set()
    for c, claim in zip(checked, shown, strict=True):
        number = numbers[claim.article.id]
        blocks += [line(words.standings[c.standing.value]), quote_block(c.claim, number)]
        if c.now is not None:
            blocks += [line(words.says_now), quote_block(c.now, number)]
        if c.correction is not None and c.correction.quote not in corrections:
            corrections.add(c.correction.quote)
            blocks += [line(words.corrects_itself), quote_block(c.correction, number)]
    return blocks + [
        source_block(numbers[article.id], article, claims, words)
        for article, claims in by_article(shown)
    ]
