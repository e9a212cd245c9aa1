"""Characters as a message can hold them: what Telegram carries, where a text may be cut,
and how a text keeps its direction to itself. Pure.

What Telegram changes was found by having TDLib 1.8.69 read every code point.
"""

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
# Telegram drops these marks, so that "a" and a ring would arrive as "a".
_DROPPED_MARKS = "\u030a\u0333\u033f"
_MARKED = re.compile(f"[^\n][{_DROPPED_MARKS}]")
_CONTROLS = {code: " " for code in (*range(0x20), *range(0x7F, 0xA0)) if code != 0x0A}
# Of directional marks in a row Telegram keeps the last; the others become this.
_MARKS_IN_A_ROW = re.compile("[\u200e\u200f](?=[\u200e\u200f])")
_NON_JOINER = "\u200c"
# Embeddings and overrides: Telegram drops them, and a terminal might obey them.
_TURNS = dict.fromkeys(range(0x202A, 0x202F))
_CHANGED: dict[int, str | None] = _CONTROLS | _TURNS | dict.fromkeys(map(ord, _DROPPED_MARKS))

_ISOLATES = "\u2066\u2067\u2068"
_FSI, _PDI = "\u2068", "\u2069"
# Bidirectional classes that can change the order of what stands next to them.
_TURNING = {"R", "AL", "AN", "RLI", "LRI", "FSI", "PDI"}

_ZWJ = "\u200d"
_NO_BREAK = "\u00a0\u202f\u2007\u2060"


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """The text as it can be shown: whole characters, one kind of line end, no controls.

    A letter and a mark that Telegram would drop become one character where there is one.
    """
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _LINE_ENDS.sub("\n", text)
    text = _MARKED.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    return _MARKS_IN_A_ROW.sub(_NON_JOINER, text.translate(_CHANGED))


def is_visible(text: str) -> bool:
    """Whether there is anything to see, and so to press on."""
    return any(unicodedata.category(c) not in ("Zs", "Zl", "Zp", "Cc", "Cf", "Mn") for c in text)


def shortened(text: str, longest: int) -> str:
    """The text, or its beginning and an ellipsis, in at most ``longest`` UTF-16 units."""
    if units(text) <= longest:
        return text
    used = end = 0
    for character in text:
        used += 2 if ord(character) > 0xFFFF else 1
        if used > longest - 1:
            break
        end += 1
    while end > 0 and not is_boundary(text, end):
        end -= 1
    return f"{text[:end].rstrip()}…"


def is_boundary(text: str, at: int) -> bool:
    """Whether a reader sees two characters on the two sides of ``at``, not parts of one.

    Marks stay with their letter, the parts of an emoji together, the letters of a flag
    in pairs: the rules of UAX #29 that matter in news.
    """
    if not 0 < at < len(text):
        return True
    before, after = text[at - 1], text[at]
    if before == _ZWJ or after == _ZWJ or unicodedata.category(after)[0] == "M":
        return False
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return False
    if _is_flag_letter(after):
        start = at
        while start > 0 and _is_flag_letter(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 0
    return True


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def is_word_end(text: str, at: int) -> bool:
    """Whether a line may end at ``at``: right behind a space."""
    return at > 0 and text[at - 1].isspace() and text[at - 1] not in _NO_BREAK


def is_right_to_left(text: str) -> bool:
    """Whether the text begins with letters that are read from right to left."""
    classes = map(unicodedata.bidirectional, text)
    return next((c for c in classes if c in ("L", "R", "AL")), "L") != "L"


def isolates(text: str) -> list[tuple[int, str]]:
    """What to insert where, so that the text cannot change the order of what is around it.

    Each line with right-to-left letters or directional marks goes between FSI and PDI
    (UAX #9). Its own isolates are balanced, so that it cannot end ours.
    """
    found: list[tuple[int, str]] = []
    if text.isascii():
        return found
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if any(unicodedata.bidirectional(c) in _TURNING for c in line):
            early, still_open = _unbalanced(line)
            found.append((start, _FSI * (early + 1)))
            found.append((end, _PDI * (still_open + 1)))
        start = end + 1
    return found


def _unbalanced(line: str) -> tuple[int, int]:
    """How many isolates are ended that were not begun, and begun that are not ended."""
    early = still_open = 0
    for character in line:
        if character in _ISOLATES:
            still_open += 1
        elif character == _PDI and still_open:
            still_open -= 1
        elif character == _PDI:
            early += 1
    return early, still_open
