"""What the panes of the account share."""

from decimal import Decimal

from account_builders import an_account
from builders import NOW_MS, NOW_NS, SECOND, SYMBOL, a_snapshot
from pane_app import row_texts

from botcore_tui.model.market import Side
from botcore_tui.ui.panes.account import (
    absent_rows,
    age_of,
    is_old,
    notice_rows,
    price_text,
    quantity_text,
    side_of,
    side_text,
    signed_ink,
    since_ns,
)
from botcore_tui.ui.panes.ink import Ink

SHOWN = a_snapshot()


def test_shown_contract_has_its_digits_and_any_other_as_many_as_it_has() -> None:
    assert price_text(SHOWN, SYMBOL, Decimal("61658.91234567")) == "61658.9"
    assert price_text(SHOWN, "ETHUSDT", Decimal("3110.1123456")) == "3110.112"
    assert price_text(SHOWN, SYMBOL, None) == price_text(SHOWN, "ETHUSDT", None) == "-"
    assert quantity_text(SHOWN, SYMBOL, Decimal("-0.12")) == "0.120"
    assert quantity_text(SHOWN, "SOLUSDT", Decimal("-22.00")) == "22"


def test_quantity_finer_than_its_contract_is_not_rounded_away() -> None:
    assert quantity_text(SHOWN, SYMBOL, Decimal("0.00005")) == "0.00005"


def test_side_is_an_arrow_a_word_and_a_colour() -> None:
    assert side_text(Side.BUY) == ("▲BUY", Ink.UP)
    assert side_text(Side.SELL) == ("▼SELL", Ink.DOWN)
    assert side_of(Decimal(1)) == ("▲LONG", Ink.UP)
    assert side_of(Decimal(-1)) == ("▼SHORT", Ink.DOWN)


def test_nothing_has_no_colour() -> None:
    inks = [signed_ink(value) for value in (None, Decimal(0), Decimal(1), -0.5)]
    assert inks == [Ink.TEXT, Ink.TEXT, Ink.UP, Ink.DOWN]


def test_age_grows_also_while_no_picture_comes() -> None:
    at_once = since_ns(SHOWN, NOW_MS - 5_000, SHOWN.published_ns)
    assert at_once == 5 * SECOND
    assert since_ns(SHOWN, NOW_MS - 5_000, SHOWN.published_ns + SECOND) == 6 * SECOND


def test_figure_is_old_after_fifteen_seconds_or_if_it_never_came() -> None:
    assert is_old(0, NOW_NS)
    assert age_of(0, NOW_NS) is None
    assert is_old(NOW_NS - 16 * SECOND, NOW_NS)
    assert not is_old(NOW_NS - 14 * SECOND, NOW_NS)
    assert age_of(NOW_NS + 1, NOW_NS) == 0


def test_absent_account_says_how_to_get_one_unless_it_is_on_its_way() -> None:
    text = "".join(row_texts(absent_rows(40, 4, snapshot=SHOWN)))
    assert "market data only" in text
    assert "--enable-trading" in text
    coming = a_snapshot(trading_enabled=True)
    assert "no account yet" in "".join(row_texts(absent_rows(40, 4, snapshot=coming)))


def test_trouble_is_told_in_one_line_that_alarms() -> None:
    snapshot = a_snapshot(account=an_account(trouble="user stream\x1b down"))
    (row,) = notice_rows(snapshot, 40)
    assert row[0] == (r" NO ENTRIES: user stream\x1b down ", Ink.ALARM)
    assert notice_rows(a_snapshot(account=an_account()), 40) == ()
    assert notice_rows(SHOWN, 40) == ()
