"""What the venue says when it refuses."""

from pathlib import Path
from typing import Final

import pytest

from botcore_tui.exchange.sim import refusals
from botcore_tui.exchange.sim.refusals import MESSAGES, RefusalError

_PAGE: Final = Path(__file__).parents[2] / "data" / "binance" / "usdm_error_codes.txt"
"""Numbers and words of the venue's page "Error Codes" (2026-05), of those that are sent here."""
_SENT_OTHERWISE: Final = {
    -1101: "names the parameter",
    -2011: "the quoted part only",
    -4003: "says that zero is too little as well",
    -4016: "tells the limit",
    -4024: "tells the limit",
    -4028: "without the page's marks around the number",
    -4031: "without the page's marks around the word",
    -4116: "capital letter, full stop",
    -4131: "full stop",
    -4140: "full stop",
    -4141: "full stop",
    -4161: "full stop",
    -4164: "full stop",
    -5040: "without the explanation in brackets",
}
"""Where what clients report differs from the page."""


def documented() -> dict[int, str]:
    lines = _PAGE.read_text(encoding="utf-8").splitlines()
    return {int(code): words for code, _, words in (line.partition(" ") for line in lines)}


def test_words_are_those_of_the_page_where_they_are_not_sent_otherwise() -> None:
    page = documented()
    assert len(page) > 100
    different = {code for code, words in page.items() if MESSAGES[code] != words}
    assert different == set(_SENT_OTHERWISE)


def test_refusal_has_the_words_of_its_number() -> None:
    refusal = RefusalError(-2019)
    assert (refusal.code, refusal.message) == (-2019, "Margin is insufficient.")
    assert (refusal.status, refusal.retry_after_seconds) == (400, 0)
    assert str(refusal) == "Margin is insufficient. (-2019)"


def test_details_fill_the_words_in_order() -> None:
    assert RefusalError(-1015, 300, "10 SECOND").message == (
        "Too many new orders; current limit is 300 orders per 10 SECOND."
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [(-1000, 503), (-1003, 429), (-1007, 408), (-1015, 429), (-2015, 401), (-5000, 404)],
)
def test_some_numbers_have_a_status_of_their_own(code: int, status: int) -> None:
    details = ("x",) * MESSAGES[code].count("%s")
    assert RefusalError(code, *details).status == status


def test_words_status_and_pause_can_be_given() -> None:
    refusal = RefusalError(-1003, message="banned", status=418, retry_after_seconds=120)
    assert (refusal.message, refusal.status, refusal.retry_after_seconds) == ("banned", 418, 120)


@pytest.mark.parametrize("code", MESSAGES)
def test_words_take_as_many_details_as_they_have_places(code: int) -> None:
    places = MESSAGES[code].count("%s")
    details = tuple(f"<{number}>" for number in range(places))
    message = RefusalError(code, *details).message
    assert all(detail in message for detail in details)
    assert "%" not in message
    with pytest.raises(TypeError):
        RefusalError(code, *details, "one too many")


def test_every_status_belongs_to_a_number_with_words() -> None:
    assert set(refusals._STATUSES) <= set(MESSAGES)
    assert all(code < 0 for code in MESSAGES)
