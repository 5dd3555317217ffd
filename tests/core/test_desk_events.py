"""What the venue and the ledger told, and what the desk makes of it."""

import pytest
from desk_stage import LIMITS, RESUME, Stage, buy, codes
from msgspec.structs import replace
from order_builders import NOW_MS
from risk_builders import BINDING

from botcore_tui.exchange.binance.user_wire import decode_user
from botcore_tui.model.account import (
    AccountBound,
    AccountUpdate,
    ClockHealth,
    LedgerHealth,
    LeverageChange,
)
from botcore_tui.model.event import Record, Severity, Submit, TradingState


@pytest.mark.requirement("P02")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("environment", "production"),
        ("rest", "https://b"),
        ("ws_private", "wss://b"),
        ("fingerprint", "ffffffff"),
        ("account_id", "other"),
        ("phase", "full"),
    ],
)
def test_every_part_of_what_was_confirmed_counts(field: str, value: str) -> None:
    stage = Stage(binding=BINDING).begin()
    effects = stage.tell(AccountBound(replace(BINDING, **{field: value}), NOW_MS))
    assert stage.trader.state is TradingState.HALTED
    told = [one for one in effects if isinstance(one, Record) and one.severity is Severity.CRITICAL]
    assert any(f"{field} is {value}" in one.text for one in told)
    assert "account.not_confirmed" in codes(effects)
    assert stage.desk.state.binding_trouble.startswith("P02 this is not what was confirmed")


@pytest.mark.requirement("P02")
def test_what_was_confirmed_lets_trading_be() -> None:
    for stage in (Stage(binding=BINDING).begin(), Stage().begin()):
        assert stage.tell(AccountBound(BINDING, NOW_MS)) == []
        assert stage.trader.state is TradingState.ACTIVE


@pytest.mark.requirement("P02")
def test_before_the_venue_has_told_whose_account_it_is_no_entry_passes() -> None:
    stage = Stage(binding=BINDING).begin()
    assert "whose account this is" in stage.desk.state.trouble()
    stage.tell(AccountBound(BINDING, NOW_MS))
    assert stage.desk.state.trouble() == ""


@pytest.mark.requirement("F20")
def test_an_account_that_another_program_took_is_let_be() -> None:
    stage = Stage().begin()
    reason = "the lease was taken by another program"
    taken = LedgerHealth(is_writable=False, reason=reason, time_ms=NOW_MS, is_taken=True)
    effects = stage.tell(taken)
    assert stage.trader.state is TradingState.HALTED
    assert "account.taken" in codes(effects)
    assert reason in stage.desk.state.binding_trouble
    stage.tell(RESUME)
    assert stage.trader.state is TradingState.HALTED


@pytest.mark.requirement("P23")
def test_health_of_the_clock_is_kept_for_the_gate() -> None:
    stage = Stage().begin()
    health = ClockHealth(offset_ms=1, uncertainty_ms=2, has_stepped=False, time_ms=NOW_MS)
    assert stage.tell(health) == []
    assert stage.desk.state.clock == health


@pytest.mark.requirement("P13")
def test_margin_type_that_the_venue_tells_is_kept() -> None:
    stage = Stage().begin()
    stage.tell(LeverageChange("BTCUSDT", 3, "ISOLATED"), LeverageChange("BTCUSDT", 3))
    assert stage.desk.state.margin_types == {"BTCUSDT": "ISOLATED"}


@pytest.mark.requirement("P13")
@pytest.mark.parametrize(("word", "is_taken"), [("cross", False), ("isolated", True)])
def test_margin_type_that_the_stream_tells_counts_at_once(word: str, is_taken: bool) -> None:
    """A person changes it in the venue's app; settings are asked for every ten minutes only."""
    planned = replace(LIMITS, margin_type="ISOLATED")
    stage = Stage(limits=planned).begin()
    stage.tell(LeverageChange("BTCUSDT", 8, "ISOLATED"))
    frame = (
        b'{"e":"ACCOUNT_UPDATE","E":1700000000001,"T":1700000000001,"a":{"m":"MARGIN_TYPE_CHANGE",'
        b'"B":[],"P":[{"s":"BTCUSDT","pa":"0","ep":"0","bep":"0","cr":"0","up":"0","mt":"%s",'
        b'"iw":"0","ps":"BOTH"}]}}'
    )
    (update,) = decode_user(frame % word.encode())
    assert isinstance(update, AccountUpdate)
    stage.tell(update)
    effects = stage.tell(buy())
    assert bool([one for one in effects if isinstance(one, Submit)]) is is_taken
