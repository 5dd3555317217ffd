"""Every code that the program shows has a page, and no page tells of a code that there is not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from botcore_tui import ui
from botcore_tui.config import KEYS
from botcore_tui.core.gate import FOR_BLIND_PROTECTION, FOR_ENTRIES, FOR_REDUCING
from botcore_tui.model.event import TradingState
from botcore_tui.model.market import BookState
from botcore_tui.model.order import OrderState
from botcore_tui.ui.runbook import PARTS, codes_in, page_of, runbook

_SOURCE = Path(ui.__file__).parents[1]
_CONTROL = re.compile(r"^(?:[PAK][0-9]{1,2}(?:-[0-9]+h)?|GATE_ERROR|DAY_START_UNKNOWN)(?=$|[ :])")
_KIND = re.compile(r"[a-z]+\.[a-z_]+")
_TELLERS = {"Record", "note", "AuditRow", "_audit", "_alarm"}
_FROM_STATES = {
    "desk_events.py": [OrderState.REJECTED, OrderState.NOT_PLACED],
    "standing.py": [*TradingState],
    "trader.py": [state for state in BookState if state is not BookState.LIVE],
}
"""Where the code of a line is put together: from which states."""


def _constants(tree: ast.AST) -> Iterator[str]:
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield node.value if isinstance(node.value, str) else ""


def _kinds(tree: ast.AST, module: str) -> Iterator[str]:
    """Codes of records, log lines and audit rows."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[-1] not in _TELLERS:
            continue
        arguments = [*node.args, *(word.value for word in node.keywords if word.arg == "code")]
        for argument in arguments:
            for text in _constants(argument) if not isinstance(argument, ast.JoinedStr) else ():
                if _KIND.fullmatch(text) or text == "signal":
                    yield text
            if isinstance(argument, ast.JoinedStr) and module in _FROM_STATES:
                first = argument.values[0]
                kind = str(first.value) if isinstance(first, ast.Constant) else ""
                if re.fullmatch(r"[a-z]+\.", kind):
                    yield from (f"{kind}{state.name.lower()}" for state in _FROM_STATES[module])


def shown_codes() -> set[str]:
    """Everything that may stand in a log line, a refusal, an alarm or the ledger as a code."""
    found = {one.code for one in (*FOR_ENTRIES, *FOR_REDUCING, *FOR_BLIND_PROTECTION)}
    for path in (*_SOURCE.glob("core/*.py"), *_SOURCE.glob("engine/*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found.update(match[0] for text in _constants(tree) if (match := _CONTROL.match(text)))
    for directory in ("core", "engine", "ledger", "cli"):
        for path in (_SOURCE / directory).glob("*.py"):
            found.update(_kinds(ast.parse(path.read_text(encoding="utf-8")), path.name))
    # Named once, as constants or by variables.
    return (
        found
        | {"ledger.imported", "ledger.completed", "ledger.unreadable", "run.ended"}
        | {"phase.review", "command.accepted", "command.denied"}
        | {
            "state.halted",
            "state.reducing",
            "state.active",
        }
    )


@pytest.mark.requirement("G7")
def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(runbook()) == shown_codes()


@pytest.mark.requirement("G7")
def test_every_page_says_what_it_means_what_was_done_what_to_check_and_how_to_clear() -> None:
    incomplete = [code for code, page in runbook().items() if tuple(page.parts) != PARTS]
    assert incomplete == []
    assert all(text for page in runbook().values() for text in page.parts.values())
    assert all(page.title for page in runbook().values())


def test_no_page_names_a_code_or_a_key_of_the_configuration_that_there_is_not() -> None:
    for page in runbook().values():
        text = " ".join(page.parts.values())
        assert set(re.findall(r"\b[PAK][0-9]{2}\b", text)) <= set(runbook()), page.heading
        quoted = re.findall(r"`([a-z_]+\.[a-z_]+)`", text)
        assert set(quoted) <= set(KEYS) | set(runbook()), page.heading


def test_a_page_is_found_by_any_of_its_codes_in_any_case() -> None:
    assert page_of("p01") is page_of("P01")
    assert page_of("ORDER.REJECTED") is page_of("order.not_placed")
    assert page_of("A03") is page_of("A03-24h")
    assert page_of("P99") is None


def test_codes_are_found_in_a_line_controls_first() -> None:
    text = "command.denied ada: PlaceOrder denied P15: see P15, A03-1h, x.P09, exchange.demo"
    assert codes_in(text) == ("P15", "A03-1h", "command.denied")
    assert codes_in("breaker A01 tripped: DAY_START_UNKNOWN: nobody") == (
        "A01",
        "DAY_START_UNKNOWN",
    )
    assert codes_in("nothing of the kind") == ()
