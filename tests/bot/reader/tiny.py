"""A few facts to train on, small enough to be learnt by heart within seconds."""

import gzip
import json
from pathlib import Path

PEOPLE = ("Ann", "Boris", "Carla", "David")
CITIES = ("Oslo", "Lisbon", "Cairo", "Delhi")


def records() -> list[dict[str, object]]:
    """Where four people live, asked of their own sentence and of somebody else's."""
    found: list[dict[str, object]] = []
    for number, (person, city) in enumerate(zip(PEOPLE, CITIES, strict=True)):
        context = f"The reporter said that {person} has been living in {city} since last year."
        other = PEOPLE[(number + 1) % len(PEOPLE)]
        asked = {"context": context, "source": "squad2"}
        found.append(
            asked
            | {"question": f"Where does {person} live?", "answer": city, "answers": [city]}
            | {"answer_start": context.index(city)}
        )
        found.append(
            asked
            | {"question": f"Where does {other} live?", "answer": "", "answers": []}
            | {"answer_start": -1}
        )
    return found


def write(folder: Path) -> Path:
    """A data folder with these facts for training and for development."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("train", "dev"):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records())
    return folder
