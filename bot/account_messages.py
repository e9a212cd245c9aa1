"""Where accounts differ, and who else says it, as blocks of a message. Pure."""

from collections.abc import Sequence

from bot.answers import Account, Answer, Claim, Disagreement, Dispute
from bot.bylines import NO_BREAK, day, name
from bot.catalogue import Catalogue
from bot.formatting import Block, Run


def dispute_block(dispute: Dispute, numbers: dict[int, int], words: Catalogue) -> Block:
    """A heading, and each account in a line: who, what, and where it stands."""
    runs = [Run(words.accounts_heading[dispute.kind], bold=True)]
    for account in dispute.accounts:
        runs += [Run("\n"), *_account(account, dispute.kind, numbers, words)]
    return tuple(runs)


def _account(
    account: Account, kind: Disagreement, numbers: dict[int, int], words: Catalogue
) -> Block:
    claim = account.claim
    who = name(account.speaker) or words.outlet_not_named
    dated = f" ({day(claim.article.published, words)})" if kind is Disagreement.UPDATE else ""
    before, _, after = words.says.partition("{speaker}")
    opening, closing = ("“", "”") if account.direct else (f"❝{NO_BREAK}", f"{NO_BREAK}❞")
    return (
        Run(before),
        Run(who, theirs=True),
        Run(f"{dated}{after}{opening}"),
        Run(claim.quote, theirs=True),
        Run(f"{closing}{NO_BREAK}[{numbers[claim.article.id]}]"),
    )


def carriers_block(answer: Answer, numbers: dict[int, int], words: Catalogue) -> Block:
    """How many independent sources say it, and which; then who only has the same text."""
    own = [answer.claims[0], *(c.claim for c in answer.carriers if c.copy_of is None)]
    copied = [c.claim for c in answer.carriers if c.copy_of is not None]
    heading = words.independent_sources if answer.sources > 1 else words.one_source_copied
    runs = [Run(heading.format(count=answer.sources)), *_outlets(own, numbers, words)]
    if copied:
        runs += [Run(f"; {words.same_text}"), *_outlets(copied, numbers, words)]
    return tuple(runs)


def _outlets(claims: Sequence[Claim], numbers: dict[int, int], words: Catalogue) -> list[Run]:
    runs: list[Run] = []
    for i, claim in enumerate(claims):
        outlet = name(claim.article.outlet) or words.outlet_not_named
        runs += [Run(", " if i else ""), Run(outlet, theirs=True)]
        runs.append(Run(f"{NO_BREAK}[{numbers[claim.article.id]}]"))
    return runs
