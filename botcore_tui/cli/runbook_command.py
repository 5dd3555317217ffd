"""``botcore runbook``: the incident pages of the cockpit, without it (G7)."""

from collections.abc import Iterator
from difflib import get_close_matches
from textwrap import wrap
from typing import Final

import msgspec

from botcore_tui.cli.output import complain, say
from botcore_tui.cli.parser import Arguments
from botcore_tui.config.masking import printable
from botcore_tui.ui.runbook import PARTS, Page, page_of, runbook

_WIDTH: Final = 90
_INDENT: Final = " " * 7


def run_runbook(arguments: Arguments) -> int:
    """Print pages, or the list of all; exit code."""
    found: dict[tuple[str, ...], Page] = {}
    unknown: list[str] = []
    for code in arguments.codes or runbook():
        page = page_of(code)
        if page is None:
            unknown.append(code)
        else:
            found[page.codes] = page
    pages = found.values()
    if arguments.json:
        say(msgspec.json.encode([_told(page) for page in pages]).decode())
    elif not arguments.codes:
        say("\n".join(page.heading for page in pages))
    elif pages:
        say("\n\n".join("\n".join(_lines(page)) for page in pages))
    for code in unknown:
        complain(_unknown(code))
    return 1 if unknown else 0


def _told(page: Page) -> dict[str, object]:
    parts = {name.lower(): text for name, text in page.parts.items()}
    return {"codes": page.codes, "title": page.title, **parts}


def _lines(page: Page) -> Iterator[str]:
    yield page.heading
    for part in PARTS:
        head = f"{part.lower():<{len(_INDENT)}}"
        yield from wrap(
            page.parts[part],
            _WIDTH,
            initial_indent=head,
            subsequent_indent=_INDENT,
            break_on_hyphens=False,
        )


def _unknown(code: str) -> str:
    near = get_close_matches(code, runbook(), n=1)
    hint = f"did you mean {near[0]}?" if near else "botcore runbook lists all codes"
    return f"runbook: there is no page of {printable(code)!r}; {hint}"
