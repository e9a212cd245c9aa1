"""The command line, as a person meets it: real processes, real files."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answering import ask
from bot.answers import Answer, Citation, Claim, Coverage, Outcome
from bot.chats import Chats, Given
from bot.reader.reading import Reader
from index import Filters, News
from index.embedding import Embedder
from index.sample import read_sample
from tests.fakes import StandInEmbedder

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

BRIDGE = """---
title: Bridge opens in Lundholm
outlet: Lundholm Post
date: 2024-05-06
url: https://post.example/bridge
---
The harbour bridge at Lundholm opened on Monday after nine years of work.

Its cost rose from 40 million to 97 million crowns, the council said.
"""


def newsbot(data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env={**os.environ, "NEWSBOT_DATA": str(data), "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def words(text: str) -> str:
    """The text with its line breaks undone."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one article, added by the command."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "bridge.md").write_text(BRIDGE)
    added = newsbot(folder / "data", "add", str(folder / "bridge.md"))
    assert added.returncode == 0, added.stderr
    assert "1 new" in added.stdout
    return folder / "data"


def test_an_answer_shows_quote_outlet_date_paragraph_and_link(data: Path) -> None:
    """The answer is the sentence, word for word, and all that tells where it stands."""
    done = newsbot(data, "ask", "How much did the Lundholm bridge cost?")
    assert done.returncode == 0, done.stderr
    shown = words(done.stdout)
    assert "❝ Its cost rose from 40 million to 97 million crowns, the council said. ❞ [1]" in shown
    assert "[1] Bridge opens in Lundholm · Lundholm Post · 6 May 2024 · paragraph" in shown
    assert "https://post.example/bridge#:~:text=" in done.stdout
    assert "Loading the model" in done.stderr


def test_json_gives_the_whole_answer(data: Path) -> None:
    """--json prints the outcome, the claims with citations, and the coverage; nothing else."""
    done = newsbot(data, "ask", "--json", "How much did the Lundholm bridge cost?")
    answer = json.loads(done.stdout)
    assert answer["outcome"] == "answered"
    claim = answer["claims"][0]
    assert claim["citation"]["paragraph"] == 2
    assert len(claim["citation"]["sha256"]) == 64
    assert claim["article"]["outlet"] == "Lundholm Post"
    assert answer["coverage"]["articles"] == 1


def test_filters_narrow_and_a_wrong_one_is_explained(data: Path) -> None:
    """--until before the article leaves nothing; an unknown outlet and a bad date are errors."""
    early = newsbot(data, "ask", "--until", "2024-05-05", "What did the bridge cost?")
    assert "Not in my sources." in early.stdout
    unknown = newsbot(data, "ask", "--source", "Nobody", "x")
    assert unknown.returncode == 1
    assert "Known outlets: Lundholm Post" in words(unknown.stderr)
    bad = newsbot(data, "ask", "--since", "yesterdayish", "x")
    assert (bad.returncode, "this is not a date" in bad.stderr) == (1, True)


def test_search_show_status_and_sources(data: Path) -> None:
    """Passages come with both scores; articles with numbered paragraphs; the state in words."""
    found = newsbot(data, "search", "bridge cost")
    assert re.search(r"cosine \d\.\d+  BM25 \d", found.stdout)
    shown = newsbot(data, "show", "1")
    assert re.search(r"^ +2  Its cost rose", shown.stdout, re.MULTILINE)
    status = newsbot(data, "status")
    assert re.search(r"Articles +1\b", status.stdout)
    assert "all-MiniLM-L6-v2" in status.stdout
    listed = newsbot(data, "sources")
    assert "bridge.md" in listed.stdout.replace("\n", "")


def test_check_shows_which_answers_no_longer_stand(tmp_path: Path) -> None:
    """Those that changed or were removed, with old and new; all of them, one, or as JSON."""
    page, data = tmp_path / "bridge.md", tmp_path / "data"
    page.write_text(BRIDGE)
    news = News(data, embedder=StandInEmbedder())
    asyncio.run(news.add([str(page)]))
    chats = Chats(f"sqlite:///{data / 'chats.db'}")
    [article] = news.archive.newest(1)
    version = news.archive.version(article.id, 1)
    assert version is not None
    now = datetime(2024, 5, 7, tzinfo=UTC)
    for quote in version.text.split("\n\n"):
        start = version.text.index(quote)
        at = Citation(article.id, 1, 1, start, start + len(quote), version.sha256)
        claim = Claim(quote, at, article, 0.9)
        answer = Answer("q", Outcome.ANSWERED, (claim,), Coverage(1, None, None, ()), now)
        chats.give(Given(0, 5, f"What of {quote[:11]}?", "q", answer, now), None)
    chats.close()
    standing = newsbot(data, "check")
    assert (standing.returncode, standing.stdout) == (0, "2 answers checked: 2 still stand.\n")
    page.write_text(BRIDGE.replace("97", "120"))
    asyncio.run(news.refresh(everything=True))
    changed = words(newsbot(data, "check", "--all", "--since", "2024-05-07").stdout)
    assert changed.startswith("1 What of The harbour? Answered on 7 May 2024 Still stands:")
    assert "2 What of Its cost ro? Answered on 7 May 2024 The article has changed." in changed
    old, new = "to 97 million crowns", "to 120 million crowns"
    assert changed.index(old) < changed.index("Now it says:") < changed.index(new)
    assert changed.endswith("2 answers checked: 1 still stand, 1 changed.")
    news.remove(news.sources.all()[0])
    found = json.loads(newsbot(data, "check", "1", "--json").stdout)
    assert [c["standing"] for c in found[0]["checked"]] == ["removed"]
    unknown = newsbot(data, "check", "3")
    assert (unknown.returncode, "there is no such answer" in unknown.stderr) == (1, True)
    news.close()


def test_what_needs_no_model_loads_none(data: Path) -> None:
    """--help, sources, status, show and check do not import torch."""
    for command in (["--help"], ["sources"], ["status"], ["show", "1"], ["check"]):
        code = (
            "import sys; sys.argv[1:] = "
            f"{command!r}\nimport bot.cli\ntry: bot.cli.main()\nexcept SystemExit: pass\n"
            "assert 'torch' not in sys.modules and 'sentence_transformers' not in sys.modules"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "NEWSBOT_DATA": str(data)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_export_and_remove(data: Path, tmp_path: Path) -> None:
    """A file source is removed by its path with its article; feeds are what is exported."""
    (tmp_path / "lane.md").write_text(BRIDGE.replace("bridge", "lane"))
    newsbot(tmp_path / "d", "add", str(tmp_path / "lane.md"))
    exported = newsbot(tmp_path / "d", "export", str(tmp_path / "out.opml"))
    assert "Wrote 0 feeds" in exported.stdout
    assert (tmp_path / "out.opml").read_bytes().startswith(b"<?xml")
    removed = newsbot(tmp_path / "d", "remove", str(tmp_path / "lane.md"))
    assert "and 1 article" in words(removed.stdout)
    again = newsbot(tmp_path / "d", "remove", "7")
    assert (again.returncode, "no such source" in again.stderr) == (1, True)


def test_errors_are_one_line_without_a_traceback(tmp_path: Path) -> None:
    """What goes wrong is said in words; --debug shows the traceback."""
    wrong = newsbot(tmp_path, "add", "no/such/file.txt")
    assert wrong.returncode == 1
    assert "Traceback" not in wrong.stderr + wrong.stdout
    setting = newsbot(tmp_path, "status", NEWSBOT_REFRESH_MINUTES="often")
    assert setting.returncode == 1
    assert setting.stderr.startswith("NEWSBOT_REFRESH_MINUTES:")
    assert "Traceback" not in setting.stderr
    debug = newsbot(tmp_path, "status", "--debug", NEWSBOT_REFRESH_MINUTES="often")
    assert "Traceback" in debug.stderr


READER = Reader()
QUESTIONS = re.findall(r'^newsbot ask "(.+?)" +# (.+)$', README, re.MULTILINE)


def test_the_readme_shows_five_questions() -> None:
    """The README lists five questions on the sample news with words of their answers."""
    assert len(QUESTIONS) == 5


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[News]:
    """The sample news, read as a first run reads it."""
    news = News(tmp_path_factory.mktemp("sample"), embedder=embedder)
    read_sample(news)
    yield news
    news.close()


@pytest.mark.parametrize(("question", "answer"), QUESTIONS)
def test_the_sample_news_answers_the_readme_s_questions(
    sample: News, question: str, answer: str
) -> None:
    """Each question of the README is answered from the sample news, as the README says."""
    given = ask(sample, question, Filters(), datetime.now(UTC), READER.read)
    assert given.outcome is Outcome.ANSWERED
    assert answer in given.claims[0].quote


def test_what_the_sample_news_does_not_say_is_declined(sample: News) -> None:
    """The README's example of a refusal is one."""
    [declined] = re.findall(r'^newsbot ask "(.+?)"\n\nNot in my sources', README, re.MULTILINE)
    given = ask(sample, declined, Filters(), datetime.now(UTC), READER.read)
    assert given.outcome is Outcome.NOT_IN_SOURCES


def test_every_sample_article_reads_in_full(sample: News) -> None:
    """Each of the dozen has a title, outlet, section, date and at least five paragraphs."""
    articles = sample.archive.newest(100)
    assert len(articles) == 12
    for article in articles:
        assert (article.outlet, bool(article.section)) == ("Newsbot Sample", True), article.title
        assert article.published is not None, article.title
        assert len(sample.paragraphs(article.id)) >= 5, article.title


def test_the_first_answer_in_the_readme_is_real(tmp_path: Path) -> None:
    """The answer printed in the README is what the first command prints, and it says from what."""
    done = newsbot(tmp_path, "ask", "who brokered the ceasefire?")
    assert "sample news" in done.stderr
    quote = re.search(r"❝ .*? ❞ \[1\]", done.stdout, re.DOTALL)
    assert quote is not None
    assert "Russia" in quote.group()
    assert words(quote.group()) in words(README)
