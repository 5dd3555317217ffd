"""The incident pages: what a code means, what was done, what to look at, how to clear it (G7).

The texts are data, ``runbook.md`` beside this module: one page under each heading of the second
level, which begins with its codes. A test holds them against the codes that the program shows.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from msgspec import Struct

PARTS: Final = ("Means", "Done", "Check", "Clear")
"""Of each page, in this order: what it means, what the program has done, what to look at, how to
clear it."""

_FILE: Final = Path(__file__).with_name("runbook.md")
_SPLIT: Final = re.compile(r"^## +", re.MULTILINE)
_PART: Final = re.compile(r"^\*\*(\w+)\.\*\* +", re.MULTILINE)
_CODE: Final = re.compile(
    r"(?<![\w.-])(?:[PAK][0-9]{1,2}(?:-[0-9]+h)?|GATE_ERROR|DAY_START_UNKNOWN|[a-z]+\.[a-z_]+)(?![\w-])"
)


class Page(Struct, frozen=True):
    """What is known of some codes that mean the same."""

    codes: tuple[str, ...]
    title: str
    parts: Mapping[str, str]
    """By ``PARTS``, each one paragraph."""

    @property
    def heading(self) -> str:
        """Codes and title."""
        return f"{', '.join(self.codes)}  {self.title}"


@cache
def runbook() -> Mapping[str, Page]:
    """Every page by each of its codes, in the order of the file."""
    pages = (_page(text) for text in _SPLIT.split(_FILE.read_text(encoding="utf-8"))[1:])
    return MappingProxyType({code: page for page in pages for code in page.codes})


def page_of(code: str) -> Page | None:
    """The page of a code, whatever its case; None if there is none."""
    wanted = code.lower()
    spelled = {key.lower(): page for key, page in runbook().items()}
    if wanted in spelled:
        return spelled[wanted]
    # A03 is told by its window: A03-1h.
    return next((page for key, page in spelled.items() if key.startswith(f"{wanted}-")), None)


def codes_in(text: str) -> tuple[str, ...]:
    """Codes with a page that stand in a text: controls before kinds of log lines, each once."""
    found = dict.fromkeys(code for code in _CODE.findall(text) if code in runbook())
    return tuple(sorted(found, key=lambda code: "." in code))


def _page(text: str) -> Page:
    head, _, body = text.partition("\n")
    names, _, title = head.partition(": ")
    _, *pieces = _PART.split(body)
    parts = {
        name: " ".join(words.split()) for name, words in zip(pieces[::2], pieces[1::2], strict=True)
    }
    codes = tuple(name.strip() for name in names.split(","))
    return Page(codes, title.strip(), MappingProxyType(parts))
