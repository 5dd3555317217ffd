"""Orders and positions in lines that a person reads."""

from decimal import Decimal

import pytest
from account_builders import a_position, a_stop_order, an_order
from msgspec.structs import replace
from risk_views import GAUGES, OBSTACLES, a_risk, an_override

from botcore_tui.cli.listing import gauge_lines, obstacle_lines, order_lines, position_lines
from botcore_tui.model.order import OrderState
from botcore_tui.model.trading import Cover


def test_nothing_is_said_to_be_nothing() -> None:
    assert order_lines(()) == ["no orders"]
    assert position_lines((), 0) == ["no positions"]
    assert position_lines((), 0, is_told=False) == [
        "positions are not known: the venue has not told"
    ]


def test_orders_stand_in_columns_with_what_is_known_of_them() -> None:
    lines = order_lines(
        (
            an_order(is_cancel_requested=True),
            a_stop_order(),
            an_order(client_order_id="", purpose=None, state=OrderState.UNKNOWN),
            an_order(state=OrderState.CANCELED, is_cancel_requested=True, price=None),
        )
    )
    state = "open, cancel requested"
    assert lines == [
        "client order id  symbol   side  type         for      quantity  filled  price  state",
        f"bc-k3-1-e        BTCUSDT  BUY   LIMIT        entry    0.12      0       61659  {state}",
        "bc-k3-2-s        BTCUSDT  SELL  STOP_MARKET  stop     position  0       61500  open",
        "-                BTCUSDT  BUY   LIMIT        foreign  0.12      0       61659  UNKNOWN",
        "bc-k3-1-e        BTCUSDT  BUY   LIMIT        entry    0.12      0       -      canceled",
    ]


def test_positions_tell_what_protects_them() -> None:
    head, line = position_lines(
        (
            a_position(
                quantity=Decimal("-0.120"),
                entry_price=Decimal("1E+3"),
                mark=None,
                unrealized=Decimal("-0.00000010"),
                stop_price=None,
                liquidation_price=None,
                cover=Cover.NAKED,
                confirmed_ns=0,
            ),
        ),
        1,
    )
    words = "symbol quantity entry mark unrealized stop cover liquidation confirmed"
    assert " ".join(head.split()) == words
    assert line.split() == ["BTCUSDT", "-0.12", "1000", "-", "+0.00", "-", "NAKED", "-", "never"]


def test_target_and_trail_are_told_where_there_are_any() -> None:
    head, bare, full = position_lines(
        (
            a_position(),
            a_position(
                symbol="ETHUSDT", target_price=Decimal("63000.0"), trail_pct=Decimal("1.50")
            ),
        ),
        1,
    )
    assert "target  trail" in head
    assert "verified  -       -  " in bare
    assert "verified  63000   1.5 %  " in full


@pytest.mark.parametrize(
    ("age_ms", "text"), [(-1, "now"), (500, "now"), (600, "0.6 s ago"), (12_340, "12.3 s ago")]
)
def test_positions_tell_their_age_when_it_is_more_than_two_ticks(age_ms: int, text: str) -> None:
    (_, line) = position_lines([a_position(confirmed_ns=10**9)], 10**9 + age_ms * 10**6)
    assert line.endswith(f"  {text}")


def test_an_average_is_shown_to_the_eighth_digit() -> None:
    average = Decimal("61659.91111111111111111111111")
    (_, line) = position_lines([a_position(entry_price=average, unrealized=Decimal("12.345"))], 1)
    assert "61659.911" in line.split()
    assert "+12.34" in line.split()


def test_obstacles_tell_what_refuses_and_how_to_clear_it() -> None:
    head, *lines, said = obstacle_lines(OBSTACLES, "BTCUSDT")
    assert head.split() == ["code", "control", "seen", "limit", "age", "to", "clear", "it"]
    assert [line.split()[:2] for line in lines] == [
        ["DENY", "P01"], ["pass", "P02"], ["DENY", "P09"], ["pass", "P23"],
    ]  # fmt: skip
    assert "4.2 s" in lines[2]
    assert lines[2].endswith("wait for the stream, or see pane 6")
    assert said == "2 of 4 controls refuse an entry into BTCUSDT"
    passed = [each for each in OBSTACLES if each.is_passed]
    assert obstacle_lines(passed, "BTCUSDT")[-1] == "nothing refuses an entry into BTCUSDT"
    assert obstacle_lines((), "") == ["no controls were evaluated"]


def test_limits_tell_percent_and_money_and_what_is_latched() -> None:
    latched = replace(GAUGES[0], is_latched=True)
    risk = a_risk(
        gauges=(latched, *GAUGES[1:]),
        latched=("A01",),
        overrides=(an_override(),),
        disabled=("ema_cross: 5 losses in a row",),
    )
    _, first, *_, last, reset, relaxed, disabled = gauge_lines(risk)
    assert first.split() == [
        "A01", "daily", "loss", "1.24", "%", "5", "%", "62.00", "250.00", "188.00", "LATCHED",
    ]  # fmt: skip
    assert last.split()[-6:] == ["5", "%", "-", "-", "-", "unknown"]
    assert reset == "latched: A01; botcore reset-breaker A01"
    assert relaxed == "relaxed: risk.max_leverage to 3"
    assert disabled == "disabled: ema_cross: 5 losses in a row"
    assert gauge_lines(a_risk(gauges=())) == ["no limits are measured"]


def test_limits_by_an_equity_that_is_old_say_so() -> None:
    assert not any("last known" in line for line in gauge_lines(a_risk(equity_age_ms=15_000)))
    old = gauge_lines(a_risk(equity_age_ms=20_500))
    assert "equity was last known 20.5 s ago: these figures are as old" in old
