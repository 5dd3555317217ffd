"""Money and alarms in the status band."""

from decimal import Decimal

import pytest
from account_builders import EVERY_COVER, an_account, flat, money
from builders import NOW_NS, SECOND, a_halt, a_snapshot
from msgspec.structs import replace
from pane_app import row_texts
from risk_views import HALTED_BY_BREAKER, a_gauge, a_risk, an_obstacle, limited

from botcore_tui.model.event import TradingState
from botcore_tui.model.risk import Tier
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import AccountView
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.status import StatusBand
from botcore_tui.ui.panes.status_fields import alarm_fields, money_fields

ALARMED = an_account(
    positions=tuple(EVERY_COVER), unknown_orders=2, foreign_orders=1, trouble="UNKNOWN order"
)


def trading(account: AccountView) -> Snapshot:
    return a_snapshot(trading_enabled=True, account=account)


def band(snapshot: Snapshot, width: int, height: int = 1) -> list[str]:
    rows = StatusBand(clock_ns=lambda: NOW_NS).draw(snapshot, width, height)
    return [line.rstrip() for line in row_texts(rows)]


def texts(account: AccountView, *, now_ns: int = NOW_NS) -> list[str]:
    return [field.text for field in money_fields(trading(account), now_ns)]


def test_money_of_the_day_is_signed_in_money_and_percent() -> None:
    assert texts(an_account()) == ["eq 10,241.22", "day +32.11 (+0.31%)", "open 1"]
    losing = money(day_pnl=Decimal("-5.5"), day_pnl_pct=-0.05)
    fields = money_fields(trading(an_account(money=losing)), NOW_NS)
    assert (fields[1].text, fields[1].ink) == ("day -5.50 (-0.05%)", Ink.DOWN)


def test_day_that_is_not_known_is_a_dash() -> None:
    assert texts(an_account(money=money(day_pnl=None, day_pnl_pct=None)))[1] == "day -"


def test_old_money_says_how_old_it_is_and_untold_money_that_nobody_told_it() -> None:
    late = money(as_of_ns=NOW_NS - 16 * SECOND)
    assert texts(an_account(money=late))[0] == "eq 10,241.22 16s old"
    assert money_fields(trading(an_account(money=late)), NOW_NS)[0].ink is Ink.STALE
    never = money(as_of_ns=0)
    assert texts(an_account(money=never))[0] == "eq 10,241.22 never told"
    assert texts(an_account(money=None))[0] == "eq -"


def test_silent_engine_dims_money_and_tells_its_age() -> None:
    fields = money_fields(trading(an_account()), NOW_NS + 5 * SECOND)
    assert fields[0].text == "eq 10,241.22 6s old"
    assert {field.ink for field in fields[:2]} == {Ink.STALE}


def test_market_only_says_nothing_of_money() -> None:
    assert money_fields(a_snapshot(), NOW_NS) == []
    assert alarm_fields(a_snapshot(), NOW_NS) == []


@pytest.mark.parametrize("width", [160, 120, 80, 60])
@pytest.mark.parametrize("height", [1, 2])
def test_naked_positions_and_unknown_orders_are_never_dropped(width: int, height: int) -> None:
    line = band(trading(ALARMED), width, height)[0]
    for word, count in (("NAK", 1), ("CLO", 1), ("UNK", 2)):
        assert word in line
        assert str(count) in line


def test_alarms_stay_beside_a_halt() -> None:
    halted = replace(trading(ALARMED), state=TradingState.HALTED, halt=a_halt())
    (line,) = band(halted, 120)
    assert "HALTED" in line
    assert "NAKED 1" in line
    assert "UNKNOWN 2" in line


def test_trouble_and_foreign_orders_are_named_where_there_is_room() -> None:
    (line,) = band(trading(an_account(trouble="stream down", foreign_orders=3)), 200)
    assert "NO ENTRIES" in line
    assert "foreign 3" in line


def test_ledger_that_cannot_be_written_alarms() -> None:
    fields = alarm_fields(trading(flat(is_ledger_writable=False)), NOW_NS)
    assert [(field.text, field.ink, field.is_kept) for field in fields] == [
        (" LEDGER ", Ink.ALARM, True)
    ]


def test_trading_word_and_money_stand_in_two_rows_of_a_narrow_band() -> None:
    first, second = band(trading(an_account()), 80, 2)
    assert "TRADING ON" in first
    assert second == "BTCUSDT 61659.7 ▲  eq 10,241.22  day +32.11 (+0.31%)  open 1  spread 0.1"


@pytest.mark.requirement("A01")
def test_trip_is_kept_with_its_name_and_hides_lesser_tiers() -> None:
    (tripped, relaxed) = alarm_fields(HALTED_BY_BREAKER, NOW_NS)
    assert tripped.text == " TRIPPED A01 daily loss +1 "
    assert (tripped.ink, tripped.is_kept, tripped.short) == (Ink.HALTED, True, " TRIPPED A01 ")
    assert (relaxed.text, relaxed.short) == (" RELAXED 1 for 43m ", " RLX 43m ")


@pytest.mark.requirement("A04")
@pytest.mark.parametrize(
    ("tier", "text", "is_kept"),
    [
        (Tier.WARN, "▲ A01 warn", False),
        (Tier.REDUCE, " ▼ A01 REDUCE ", True),
        (Tier.UNKNOWN, " ? A01 UNKNOWN ", True),
        (Tier.TRIPPED, " ■ A01 TRIPPED ", True),
    ],
)
def test_worst_tier_stands_in_the_band(tier: Tier, text: str, is_kept: bool) -> None:
    snapshot = limited(a_risk(gauges=(a_gauge(tier=tier),)))
    (field,) = alarm_fields(snapshot, NOW_NS)
    assert (field.text, field.is_kept) == (text, is_kept)


def test_clear_limits_say_nothing() -> None:
    assert alarm_fields(limited(), NOW_NS) == []


def test_code_of_the_first_control_that_denies_stands_in_the_band() -> None:
    risk = a_risk(obstacles=(an_obstacle(),))
    fields = money_fields(limited(risk), NOW_NS)
    assert (fields[-1].text, fields[-1].ink) == ("NO ENTRIES P09", Ink.WARN)
    troubled = texts(an_account(risk=risk, trouble="stream down"))
    assert troubled[-1] == "NO ENTRIES"
