"""Questions for no matter of their own get the newest articles."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.newest import asks_for_the_newest, newest_asked
from index import Filters, News
from index.sample import read_sample
from tests import servable
from tests.bot.process import QUESTION, answer_to, said
from tests.botapi import BotApiServer
from tests.fakes import StandInEmbedder

NOW = datetime(2024, 12, 7, 18, tzinfo=UTC)


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Iterator[News]:
    news = News(tmp_path_factory.mktemp("data"), embedder=StandInEmbedder())
    read_sample(news)
    yield news
    news.close()


@pytest.mark.parametrize(
    "question",
    (
        "what's in the news?",
        "What's new?",
        "any news?",
        "Latest news",
        "What happened?",
        "What is the latest?",
        "headlines",
        "top stories",
        "what's going on in the world?",
        "show me the news",
        "What’s happening?",
    ),
)
def test_a_question_for_news_alone_asks_for_the_newest(question: str) -> None:
    """However it is put."""
    assert asks_for_the_newest(question)


@pytest.mark.parametrize(
    "question",
    (
        "news from Ukraine",
        "what happened in Karabakh?",
        "Who won?",
        "what is the new law about?",
        "Good morning",
        "is there a ceasefire?",
        "what did he say?",
        "where is it?",
        "latest on the election",
        "",
    ),
)
def test_a_question_for_anything_else_does_not(question: str) -> None:
    """One word of its own is enough."""
    assert not asks_for_the_newest(question)


def test_it_keeps_to_the_days_and_outlets_of_the_question(news: News) -> None:
    """Where there is nothing it says so, and shows what there is without the days."""
    today = newest_asked(news, "what's in the news today?", Filters(), NOW)
    assert today is not None and today.limits is not None
    assert [a.title for a in today.articles] == [
        "Notre-Dame opens its doors five years after the fire"
    ]
    assert today.limits.without == ()
    later = newest_asked(news, "what's in the news today?", Filters(), NOW.replace(year=2025))
    assert later is not None and later.limits is not None
    assert later.limits.without == ("dates",)
    assert len(later.articles) == 10
    for question in ("what does Newsbot Sample report?", "Newsbot Sample news"):
        named = newest_asked(news, question, Filters(), NOW)
        assert named is not None and named.limits is not None
        assert named.limits.outlets == ("Newsbot Sample",)
    assert newest_asked(news, "who brokered the ceasefire?", Filters(), NOW) is None


def test_without_news_there_are_none(tmp_path: Path) -> None:
    """An empty archive has an empty list, not an error."""
    news = News(tmp_path, embedder=StandInEmbedder())
    found = newest_asked(news, "what's new?", Filters(), NOW)
    assert found is not None and found.articles == ()
    news.close()


def test_a_chat_gets_the_list_and_still_answers(tmp_path: Path) -> None:
    """The list in place of a refusal, the newest first; other questions are answered as ever."""
    data = servable.with_the_sample(tmp_path / "data")
    with BotApiServer() as server, servable.serving(server, data):
        person = server.add_user("Ann")
        chat = server.private_chat(person)
        listed = said(answer_to(server, server.user_says(chat, person, "what's new?")))
        assert listed.startswith("The latest\n")
        assert listed.index("Notre-Dame") < listed.index("Olympic Games") < listed.index("NATO")
        assert "Russia" in said(answer_to(server, server.user_says(chat, person, QUESTION)))


def test_the_command_line_lists_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles with where each is, or as JSON."""
    monkeypatch.setenv("NEWSBOT_DATA", str(tmp_path))
    shown = CliRunner().invoke(app, ["ask", "what's new?"])
    assert shown.exit_code == 0
    assert "Notre-Dame opens its doors" in shown.stdout
    assert "notre_dame.txt" in shown.stdout
    as_json = CliRunner().invoke(app, ["ask", "--json", "what's new?"])
    assert '"Notre-Dame opens its doors five years after the fire"' in as_json.stdout
