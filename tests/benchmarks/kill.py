"""SIGKILL at random moments of adding, refreshing and bringing up; the whole run.

It tells how often anything was lost, double or at odds after the next start, and how
far the work was when it was killed, so that one sees that the kills fell everywhere.
"""

import asyncio
import random
import shutil
import statistics
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests import killable
from tests.benchmarks.survival import UNKILLED, Scenario, Survived, survive
from tests.webserver import Page, WebServer

WORDS = (
    "harbour bridge council report crowns budget vote minister strike railway flood relief"
    " hospital school border talks ceasefire treaty election court verdict appeal storm power"
    " station price market bank loan export tariff union wage pension museum festival match"
    " river valley northern eastern mayor deputy spokesman said announced denied on Monday"
).split()


def run(kills: int = 50, seed: int = 0) -> dict[str, Any]:
    """Kill adding and refreshing ``kills`` times in all, and bringing up a fifth as often each.

    Prints a table; gives the figures of each scenario by its name.
    """
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="newsbot-kill-"))
    try:
        survived = [
            *run_files(folder / "files", kills // 2, seed),
            *asyncio.run(run_http(folder / "http", kills - kills // 2, seed)),
            *run_bringing_up(folder / "up", max(1, kills // 5), seed),
        ]
    finally:
        shutil.rmtree(folder)
    table = Table("work", "kills", "length", "done when killed", "next start", "rebuilt", "wrong")
    for one in survived:
        done = [kill.reported for kill in one.kills]
        table.add_row(
            one.name,
            str(len(one.kills)),
            f"{one.length_s:.2f} s",
            f"{min(done)} / {statistics.median(done):.0f} / {max(done)}",
            f"{max(kill.opened_s for kill in one.kills):.2f} s",
            str(sum(bool(kill.notices) for kill in one.kills)),
            str(len(one.problems)),
        )
    console.print(table)
    for problem in [p for one in survived for p in one.problems]:
        console.print(problem, markup=False, highlight=False)
    return {one.name: asdict(one) | {"problems": one.problems} for one in survived}


def run_files(folder: Path, kills: int, seed: int, count: int = 300) -> list[Survived]:
    """Kill the adding of a folder of articles, then its refresh after it changed."""
    chance = random.Random(seed)
    read = folder / "articles"
    read.mkdir(parents=True)
    for number in range(count):
        write_file(read, number)
    adding = Scenario("add a folder", nothing, ("add", str(read)))
    added = survive(adding, folder / "add", kills - kills // 2, chance)

    base = folder / "add" / UNKILLED
    for number in range(count + count // 5):
        if number % 3 or number >= count:
            write_file(read, number, 2)
    refreshing = Scenario("refresh a folder", Copy(base), ("refresh",))
    return [added, survive(refreshing, folder / "refresh", kills // 2, chance)]


async def run_http(folder: Path, kills: int, seed: int, count: int = 80) -> list[Survived]:
    """Kill the adding of a feed with its pages over HTTP, then its refresh after it changed."""
    chance = random.Random(seed)
    async with WebServer() as server:
        serve(server, range(count))
        adding = Scenario("add a feed", nothing, ("add", f"{server.url}/feed"))
        added = await asyncio.to_thread(survive, adding, folder / "add", kills - kills // 2, chance)
        base = folder / "add" / UNKILLED
        serve(server, range(count // 4, count + count // 2), 2)
        refreshing = Scenario("refresh a feed", Copy(base), ("refresh",))
        refreshed = await asyncio.to_thread(
            survive, refreshing, folder / "refresh", kills // 2, chance
        )
    return [added, refreshed]


def run_bringing_up(folder: Path, kills: int, seed: int, count: int = 600) -> list[Survived]:
    """Kill the building of the keyword index, and the embedding after a change of model."""
    chance = random.Random(seed)
    read = folder / "articles"
    read.mkdir(parents=True)
    for number in range(count):
        write_file(read, number)
    base = folder / "base"
    killable.run(base, "add", str(read))
    changing = Scenario(
        "change the model", Copy(base), ("bring-up", "another"), "another", "embedding"
    )
    changed = survive(changing, folder / "model", kills, chance)
    shutil.rmtree(base / "keywords")
    building = Scenario("build the keyword index", Copy(base), ("bring-up",))
    return [survive(building, folder / "keywords", kills, chance), changed]


def nothing(_data: Path) -> None:
    """Begin without a data folder."""


class Copy:
    """Begin with a copy of a data folder."""

    def __init__(self, base: Path) -> None:
        self._base = base

    def __call__(self, data: Path) -> None:
        shutil.copytree(self._base, data)


# What is read


def story(number: int, revision: int = 1) -> tuple[str, list[str]]:
    """A title and paragraphs; from revision 2 on the second paragraph says something more."""
    chance = random.Random(number)
    body = [
        " ".join(chance.choices(WORDS, k=chance.randint(20, 60))).capitalize() + f" {number}."
        for _ in range(chance.randint(2, 6))
    ]
    title = f"Story{number} of {chance.choice(WORDS)} and {chance.choice(WORDS)}"
    if revision > 1:
        body[1] += f" This was corrected {revision} times."
    return title, body


def write_file(folder: Path, number: int, revision: int = 1) -> None:
    """An article as a Markdown file."""
    title, body = story(number, revision)
    front = f"---\ntitle: {title}\noutlet: Lundholm Post\ndate: 2024-05-06\n---\n"
    (folder / f"{number:04}.md").write_text(front + "\n\n".join(body) + "\n")


def serve(server: WebServer, numbers: range, revision: int = 1) -> None:
    """A feed of these articles: every other one whole, the others as a summary and a page.

    Of the articles that were there in an earlier revision, a third stays as it was.
    """
    items = []
    for number in numbers:
        title, body = story(number, revision if number % 3 else 1)
        link = f"{server.url}/{number}"
        html = "".join(f"<p>{paragraph}</p>" for paragraph in body)
        whole = f"<content:encoded><![CDATA[{html}]]></content:encoded>"
        items.append(
            f"<item><guid isPermaLink='false'>{number}</guid><link>{link}</link>"
            f"<title>{title}</title><pubDate>Mon, 06 May 2024 08:00:00 GMT</pubDate>"
            f"<description>{body[-1][:60]}</description>{whole if number % 2 else ''}</item>"
        )
        server.pages[f"/{number}"] = Page(
            f"<html lang='en'><head><title>{title}</title></head><body><nav>Home</nav>"
            f"<article><h1>{title}</h1>{html}</article></body></html>".encode()
        )
    server.pages["/feed"] = Page(
        '<?xml version="1.0"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>Lundholm feed</title><link>/</link>{''.join(items)}</channel></rss>".encode(),
        content_type="application/rss+xml",
        etag=f'"{revision}"',
    )
