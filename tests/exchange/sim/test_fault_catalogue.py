import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from botcore_tui.exchange.sim.fault_catalogue import (
    CATALOGUE,
    GROUPS,
    KINDS,
    client_note,
    kinds_of,
    listing,
)
from botcore_tui.exchange.sim.fault_kinds import FaultKind

_FAULTS = pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.name)
_EVERY_ID = ["F01", "F02", "F02b", *(f"F{number:02}" for number in range(3, 21))]


def test_every_id_of_the_catalogue_is_there_in_order() -> None:
    assert list(GROUPS) == _EVERY_ID


@pytest.mark.parametrize("identifier", _EVERY_ID)
def test_every_id_can_be_injected_or_says_how_to_rehearse_it(identifier: str) -> None:
    assert kinds_of(identifier) or client_note(identifier)


@pytest.mark.parametrize("identifier", ["F13", "F14", "F16", "F17", "F18", "F20"])
def test_what_happens_in_the_client_says_what_the_venue_offers(identifier: str) -> None:
    assert client_note(identifier)


def test_an_id_of_the_venue_alone_has_no_note() -> None:
    assert client_note("F01") == ""


def test_names_are_unique() -> None:
    assert len(KINDS) == len(CATALOGUE)


@_FAULTS
def test_a_fault_has_an_id_a_line_and_an_incident(kind: FaultKind) -> None:
    assert kind.catalogue in GROUPS
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.name)
    assert re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", kind.incident)
    assert re.fullmatch(r"\S[^\n]{5,78}\S", kind.summary)


@_FAULTS
def test_an_act_happens_once_unless_told_otherwise(kind: FaultKind) -> None:
    assert not kind.is_act or kind.count == 1


def _shown() -> Iterator[tuple[str, str]]:
    """Fault and requirement of each test that sees what a fault does on the wire."""
    for name in ("request", "venue", "stream"):
        path = Path(__file__).with_name(f"test_{name}_faults.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                words = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
                texts = {str(word).partition("=")[0] for word in words}
                yield from (
                    (fault, mark) for fault in texts & {*KINDS} for mark in texts & {*GROUPS}
                )


def test_every_fault_is_shown_to_strike_on_the_wire() -> None:
    assert {(kind.name, kind.catalogue) for kind in CATALOGUE} - set(_shown()) == set()


def test_the_listing_names_every_fault_with_its_incident() -> None:
    text = " ".join(listing().split())
    for kind in CATALOGUE:
        assert f" {kind.name} " in text
        assert kind.summary in text
        assert f"({kind.incident})" in text


def test_the_listing_is_grouped_by_id() -> None:
    lines = listing().splitlines()
    heads = [line.split()[0] for line in lines if re.match(r"F\d\d", line)]
    assert heads == _EVERY_ID
    start = lines.index("F04  " + GROUPS["F04"])
    assert lines[start + 1].startswith("  cancel-race ")


def test_the_listing_fits_a_hundred_columns() -> None:
    assert max(map(len, listing().splitlines())) <= 100


def test_the_listing_shows_keys_and_what_only_a_client_can_do() -> None:
    text = " ".join(listing().split())
    assert "[how:timeout|reset|503|1006|1007, endpoint]" in text
    assert "F14 the client is killed at any point (in the client) hold a request by" in text
    assert "liquidation * " in text
