"""Words lose secrets before they are on record; everything else stays as it is."""

from typing import get_args

import pytest
from ledger_rows import an_intent
from msgspec import structs

from botcore_tui.config.masking import keep_secret
from botcore_tui.ledger.discretion import _WORDS, discreet
from botcore_tui.model.ledger import AuditRow, LedgerRow, ResetRow
from botcore_tui.model.severity import Severity

SECRET = "Zk3vN8qLp0XwRt5Yb7Ud"


@pytest.mark.requirement("R16")
def test_words_lose_secrets_and_names_stay() -> None:
    keep_secret({SECRET})
    row = ResetRow(
        code=SECRET, is_rebased=False, actor=f"ada {SECRET}", reason=f"is {SECRET}", time_ms=1
    )
    cleaned = discreet(row)
    assert (cleaned.actor, cleaned.reason) == ("ada ********", "is ********")
    assert cleaned.code == SECRET


def test_a_row_without_secrets_is_the_same_one() -> None:
    keep_secret({SECRET})
    row = AuditRow(code="x", severity=Severity.INFO, text="fine", time_ms=1)
    assert discreet(row) is row


@pytest.mark.requirement("R16")
def test_words_inside_of_a_row_lose_secrets_as_well() -> None:
    keep_secret({SECRET})
    request = structs.replace(an_intent().request, reason=f"with {SECRET}")
    row = structs.replace(an_intent(), request=request)
    cleaned = discreet(row)
    assert cleaned.request.reason == "with ********"
    assert cleaned.stop_price == row.stop_price


def test_every_row_has_its_words_where_they_are_looked_for() -> None:
    for kind in get_args(LedgerRow):
        for field in structs.fields(kind):
            assert field.name not in _WORDS or field.type is str
