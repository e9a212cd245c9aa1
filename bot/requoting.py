"""The quotes of an update, looked up again in the store right before they are shown. Blocks."""

from dataclasses import replace

from bot.answers import Claim
from index import News


def requoted(news: News, claim: Claim) -> Claim | None:
    """The claim as it can be cited now; None if the store does not say it any more."""
    c = claim.citation
    if news.quote(c.article, c.version, c.start, c.end, c.sha256) == claim.quote:
        return claim
    # The same text under another number, as after the news were restored or read anew.
    article = news.archive.by_key(claim.article.key)
    if article is None:
        return None
    if news.quote(article.id, article.version, c.start, c.end, c.sha256) != claim.quote:
        return None
    cited = replace(c, article=article.id, version=article.version)
    return replace(claim, citation=cited, article=article)


def is_gone(news: News, claim: Claim) -> bool:
    """Whether the claim's article is not in the store at all."""
    return news.archive.by_key(claim.article.key) is None
