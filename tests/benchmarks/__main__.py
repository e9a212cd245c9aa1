"""Run benchmarks: ``python -m tests.benchmarks [NAME…] [--json FILE]``.

Each prints a table; --json writes the figures of all that ran.
"""

import argparse
import importlib
import json
from pathlib import Path
from typing import Any

from bot.plain import plain
from tests.shared import FOLDER

# Name, what it measures, module, function, whether it needs the shared data.
BENCHMARKS = (
    ("cost", "what newsbot costs above the bare model", "cost", "run", True),
    ("kill", "SIGKILL at random moments: lost, double, at odds", "kill", "run", False),
    ("intake", "SIGKILL while questions come in: lost, doubled", "intake", "run", False),
    ("telling", "SIGKILL between article and subscriber: lost, doubled", "telling", "run", False),
    ("responsiveness", "answers while adding and broadcasting", "responsiveness", "run", True),
    ("extraction", "article bodies against bare trafilatura", "extraction", "run", True),
    ("matching", "who is told of what, on labelled pairs", "matching", "run", True),
    ("scale", "many subscriptions, messages, feeds", "scale", "run", False),
    ("recipients", "a broadcast to chats that block, move, close", "recipients", "run", False),
    ("stories", "copies and stories, on labelled pairs", "stories", "run", True),
    ("attribution", "who says what, and who disagrees", "attribution", "run", False),
    ("questions", "how questions and follow-ups are read", "questions", "run", False),
    ("retrieval", "vectors, words and both, on news questions", "retrieval", "run", True),
    ("fronts", "what is embedded in front of a paragraph", "fronts", "run", True),
    ("freshness", "half-lives for questions of the latest", "freshness", "run", True),
    ("sentences", "which newswire sentence answers", "sentences", "run", True),
    ("wikinews", "questions of our own about other articles", "wikinews", "run", True),
    ("who_said", "what somebody said, ranked by speaker or not", "who_said", "run", True),
    ("regressions", "answers against a baseline, in two minutes", "regressions", "run", True),
    ("answers", "answering, end to end and by technique", "answers", "run", True),
    ("calibrate", "the weights and thresholds of answering", "calibrate", "run", True),
)


def main() -> None:
    names = [name for name, *_ in BENCHMARKS]
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {name:<16}{about}" for name, about, *_ in BENCHMARKS),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="by default: cost")
    parser.add_argument("--articles", type=int, default=1000, help="for cost: how many to ingest")
    parser.add_argument("--kills", type=int, default=50, help="for kill: how many")
    parser.add_argument("--runs", type=int, default=200, help="for telling: how many")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--write", action="store_true", help="for calibrate, regressions: keep it")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in names]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(names)}")
    figures: dict[str, Any] = {}
    for name, _, module, function, shared in BENCHMARKS:
        if name not in (options.names or ["cost"]):
            continue
        if shared and not FOLDER.exists():
            print(f"{name}: skipped, the shared data is not here")
            continue
        run = getattr(importlib.import_module(f"tests.benchmarks.{module}"), function)
        match name:
            case "cost":
                figures[name] = run(options.articles)
            case "kill":
                figures[name] = run(options.kills)
            case "telling":
                figures[name] = run(options.runs)
            case "calibrate" | "regressions":
                figures[name] = run(write=options.write)
            case _:
                figures[name] = run()
    if options.json:
        options.json.write_text(json.dumps(plain(figures), indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
