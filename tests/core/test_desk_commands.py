"""Halting is never refused; what loosens needs a name, a reason, and a known account."""

import json
from collections.abc import Sequence
from decimal import Decimal

import pytest
from desk_stage import DOWN, HALT, RESUME, UP, Stage, buy
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, an_order_report
from recollection_builders import a_recollection
from risk_builders import BINDING, a_memory, a_reset, a_trip, rows_of

from botcore_tui.core.desk_commands import sign_off_text
from botcore_tui.core.phase import rules_of
from botcore_tui.model.account import AccountBound
from botcore_tui.model.command import EnableStrategy, Relax, ResetBreaker, Scope, SignOff
from botcore_tui.model.event import (
    Answer,
    Cancel,
    CancelAll,
    Effect,
    Event,
    Reconcile,
    TradingState,
)
from botcore_tui.model.ledger import CommandRow, OverrideRow, ResetRow, StrategyRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import Purpose, Source, VenueStatus
from botcore_tui.model.risk import KillStage

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED
ASKED = replace(RESUME, command_id="r1")


def answers(effects: Sequence[Effect]) -> list[Answer]:
    return [one for one in effects if isinstance(one, Answer)]


def commands(effects: Sequence[Effect]) -> list[CommandRow]:
    return [row for row in rows_of(effects) if isinstance(row, CommandRow)]


def kill_stage(stage: Stage) -> KillStage:
    risk = stage.view().risk
    assert risk is not None
    return risk.kill.stage


# --- halt ---------------------------------------------------------------------------------------


@pytest.mark.requirement("K11")
@pytest.mark.requirement("K5")
def test_halt_is_recorded_with_its_scope_however_often() -> None:
    stage = Stage().begin()
    rows = commands(stage.tell(HALT, replace(HALT, flattens=True)))
    assert [(row.text, json.loads(row.arguments)) for row in rows] == [
        ("", {"flattens": False}),
        ("already halted", {"flattens": True}),
    ]


# --- resume -------------------------------------------------------------------------------------


@pytest.mark.requirement("K7")
def test_resume_goes_in_two_steps_and_is_answered() -> None:
    stage = Stage().begin()
    stage.tell(HALT)
    stage.wait(1_000)
    (answer,) = answers(stage.tell(ASKED))
    assert (answer.command_id, answer.is_accepted, answer.text) == (
        "r1",
        True,
        "trading is REDUCING",
    )
    assert stage.trader.state is REDUCING
    assert stage.view().answers[-1] == answer
    assert answers(stage.tell(RESUME)) == []
    assert stage.trader.state is ACTIVE


@pytest.mark.requirement("K7")
@pytest.mark.parametrize("fields", [{"actor": ""}, {"reason": "  "}])
def test_resume_without_a_name_or_a_reason_is_refused(fields: dict[str, str]) -> None:
    stage = Stage().begin()
    stage.tell(HALT)
    (answer,) = answers(stage.tell(replace(ASKED, **fields)))
    assert (answer.is_accepted, answer.code) == (False, "K7")
    assert answer.text == "trading is resumed by name only: give actor and reason"
    assert stage.trader.state is HALTED


@pytest.mark.requirement("K7")
@pytest.mark.requirement("A01")
def test_resume_is_refused_while_a_breaker_is_latched() -> None:
    stage = Stage()
    stage.tell(a_memory(latched=(a_trip("A02"), a_trip("A01"))))
    effects = stage.tell(ASKED)
    (answer,), (row,) = answers(effects), commands(effects)
    assert answer.text == "breakers A01, A02 are latched: botcore reset-breaker A01 --reason TEXT"
    assert (row.is_accepted, row.code) == (False, "K7")
    assert stage.trader.state is HALTED


@pytest.mark.requirement("K7")
def test_reducing_needs_no_knowledge_of_the_account_and_active_does() -> None:
    stage = Stage().begin()
    stage.tell(HALT)
    stage.wait(1_000)
    stage.tell(DOWN, RESUME)
    assert stage.trader.state is REDUCING
    (answer,) = answers(stage.tell(ASKED))
    assert answer.text.startswith("preflight is not passed: the user stream is down")
    assert stage.trader.state is REDUCING
    stage.tell(UP)
    stage.tell(RESUME)
    assert stage.trader.state is ACTIVE


@pytest.mark.requirement("K7")
@pytest.mark.requirement("K4")
def test_resume_is_refused_while_a_halt_is_under_way_and_says_what_it_waits_for() -> None:
    stage = Stage().begin()
    for price in ("98", "97", "96", "94"):
        stage.tell(buy("0.1", price=price, stop="90"))
        stage.wait(1_000)
    stage.is_performing = False
    stage.tell(HALT)
    (answer,) = answers(stage.tell(ASKED))
    first, *_, last = (order.client_order_id for order in stage.live(Purpose.ENTRY))
    assert (answer.is_accepted, answer.code) == (False, "K7")
    assert answer.text.startswith(
        f"the halt is under way: 4 of 4 entries are not known to be gone ({first}, "
    )
    assert answer.text.endswith(", ...): wait until it is confirmed, 15 s at most")
    assert last not in answer.text
    assert stage.trader.state is HALTED
    stage.is_performing = True
    stage.wait(5_000)
    stage.tell(RESUME)
    assert stage.trader.state is REDUCING
    assert kill_stage(stage) is KillStage.NONE


@pytest.mark.requirement("K7")
@pytest.mark.requirement("K4")
@pytest.mark.requirement("F10")
def test_halt_that_is_not_confirmed_in_time_goes_on_while_reducing() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.1", price="98"))
    stage.wait(1_000)
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    stage.wait(1_000)
    stage.venue.is_filling = False
    perform = stage.perform
    deaf = (Cancel, CancelAll, Reconcile)

    def answer_some(effect: Effect) -> list[Event]:
        return [] if isinstance(effect, deaf) else perform(effect)

    stage.perform = answer_some  # type: ignore[method-assign]  # the venue is deaf for a while
    stage.tell(
        an_order_report(client_order_id="web-1", source=Source.STREAM),
        replace(HALT, flattens=True),
    )
    stage.wait(14_750)
    assert not answers(stage.tell(ASKED))[0].is_accepted
    stage.wait(250)
    (answer,) = answers(stage.tell(ASKED))
    assert stage.trader.state is REDUCING
    assert answer.text.startswith(
        "trading is REDUCING; the halt is NOT CONFIRMED and goes on: 2 of 2 entries are not"
    )
    assert kill_stage(stage) is KillStage.TROUBLE
    effects = stage.wait(5_000)
    assert CancelAll(symbol=SYMBOL) in effects
    (answer,) = answers(stage.tell(ASKED))
    assert (answer.code, stage.trader.state) == ("K7", REDUCING)
    assert answer.text.endswith("web-1): wait until it is confirmed")
    stage.perform = perform  # type: ignore[method-assign]  # and hears again
    stage.tell(an_order_report(client_order_id="web-1", status=VenueStatus.CANCELED))
    stage.wait(5_000)
    assert kill_stage(stage) is KillStage.TROUBLE
    stage.tell(*stage.venue.fill(stage.live(Purpose.EXIT)[0].client_order_id))
    stage.wait(5_000)
    assert (stage.is_flat(), stage.live(Purpose.ENTRY)) == (True, [])
    assert kill_stage(stage) is KillStage.CONFIRMED
    stage.tell(RESUME)
    assert (stage.trader.state, kill_stage(stage)) == (ACTIVE, KillStage.NONE)


@pytest.mark.requirement("K7")
@pytest.mark.requirement("A04")
def test_trading_is_not_resumed_while_a_limit_is_nearly_used() -> None:
    stage = Stage().begin()
    stage.wait(250)
    stage.trader.standing.reduce("test", "test", NOW_MS)
    anchors = stage.desk.state.breakers.anchors
    anchors.rebase("day", Decimal(10_450), "test", "test")
    stage.wait(250)
    (answer,) = answers(stage.tell(ASKED))
    assert not answer.is_accepted


def test_trading_is_not_resumed_against_its_phase() -> None:
    stage = Stage(phase=rules_of("testnet")).begin()
    stage.wait(250)
    stage.trader.standing.reduce("test", "test", NOW_MS)
    (answer,) = answers(stage.tell(ASKED))
    assert "outside the band of phase testnet" in answer.text


@pytest.mark.requirement("P03")
@pytest.mark.parametrize(
    ("scopes", "state"),
    [
        ((), HALTED),
        ((Scope.RESUME,), HALTED),
        ((Scope.PRODUCTION,), HALTED),
        ((Scope.RESUME, Scope.PRODUCTION), REDUCING),
    ],
)
def test_real_money_is_resumed_with_both_scopes_only(
    scopes: tuple[Scope, ...], state: TradingState
) -> None:
    stage = Stage(is_real_money=True).begin()
    stage.tell(HALT)
    stage.wait(1_000)
    stage.tell(replace(ASKED, scopes=scopes))
    assert stage.trader.state is state


@pytest.mark.requirement("P02")
def test_session_that_moves_other_money_than_confirmed_cannot_be_resumed() -> None:
    stage = Stage(binding=BINDING).begin()
    stage.tell(AccountBound(replace(BINDING, account_id="other"), NOW_MS))
    assert stage.trader.state is HALTED
    (answer,) = answers(stage.tell(ASKED))
    assert answer.code == "P02"
    assert "account_id is other, confirmed was SgsR" in answer.text
    stage.tell(a_recollection())
    stage.begin()
    stage.wait(1_000)
    stage.tell(RESUME)
    assert stage.trader.state is REDUCING


# --- loosening ----------------------------------------------------------------------------------


@pytest.mark.requirement("A01")
def test_reset_is_answered_and_leaves_trading_halted() -> None:
    stage = Stage()
    stage.tell(a_memory(latched=(a_trip(),)))
    stage.tell(stage.venue.picture("start"))
    effects = stage.tell(a_reset())
    (answer,) = answers(effects)
    assert answer.text == "breaker A01 is reset; trading stays HALTED"
    assert [row.code for row in rows_of(effects) if isinstance(row, ResetRow)] == ["A01"]
    (answer,) = answers(stage.tell(a_reset()))
    assert (answer.code, answer.text) == ("A01", "breaker A01 is not latched")


@pytest.mark.requirement("P24")
def test_limit_is_relaxed_by_name() -> None:
    stage = Stage().begin()
    relax = Relax(
        command_id="x",
        actor="ann",
        limit="risk.max_leverage",
        value=stage.desk.state.limits.max_leverage + 1,
        minutes=5,
        reason="a test",
        time_ms=NOW_MS,
    )
    effects = stage.tell(relax)
    assert [row.limit for row in rows_of(effects) if isinstance(row, OverrideRow)] == [
        "risk.max_leverage"
    ]
    assert answers(effects)[0].text == "risk.max_leverage is relaxed for 5 min"
    risk = stage.view().risk
    assert risk is not None
    assert len(risk.overrides) == 1
    assert not answers(stage.tell(replace(relax, actor="")))[0].is_accepted
    ended = answers(stage.tell(replace(relax, minutes=0)))[0]
    assert (ended.is_accepted, ended.text) == (True, "risk.max_leverage is not relaxed any more")


@pytest.mark.requirement("P19")
def test_strategy_is_enabled_by_name() -> None:
    row = StrategyRow(
        strategy="trend",
        is_enabled=False,
        code="P19",
        actor="gate",
        reason="5 lost",
        time_ms=NOW_MS,
    )
    stage = Stage()
    stage.tell(a_memory(disabled=(row,)))
    risk = stage.view().risk
    assert risk is not None
    assert risk.disabled == ("trend: P19 5 lost",)
    enable = EnableStrategy(
        command_id="x", actor="ann", strategy="trend", reason="a test", time_ms=NOW_MS
    )
    assert answers(stage.tell(enable))[0].text == "strategy trend may trade again"
    assert not answers(stage.tell(enable))[0].is_accepted


@pytest.mark.requirement("P03")
def test_loosening_with_real_money_needs_scopes() -> None:
    stage = Stage(is_real_money=True)
    stage.tell(a_memory(latched=(a_trip("A13"),)))
    assert answers(stage.tell(a_reset("A13")))[0].code == "P03"
    scopes = (Scope.RESUME, Scope.PRODUCTION)
    reset: ResetBreaker = replace(a_reset("A13"), scopes=scopes)
    assert answers(stage.tell(reset))[0].is_accepted


def test_orders_are_answered_as_before() -> None:
    stage = Stage().begin()
    stage.tell(buy(symbol=SYMBOL))
    assert stage.answer().is_accepted


def a_signature(
    what: str = "daily", *, subject: str = "", actor: str = "ann", reason: str = "looked"
) -> SignOff:
    return SignOff(
        command_id="s",
        actor=actor,
        what=what,
        subject=subject,
        seen='{"checks":[]}',
        summary="5 OK",
        reason=reason,
        time_ms=NOW_MS,
    )


@pytest.mark.requirement("R75")
@pytest.mark.parametrize("what", ["daily", "weekly", "monthly"])
def test_a_signature_is_a_row_with_what_was_seen(what: str) -> None:
    stage = Stage()
    stage.tell(a_memory())
    effects = stage.tell(a_signature(what))
    (answer,) = answers(effects)
    assert (answer.is_accepted, answer.text) == (True, f"{what} checks signed: 5 OK")
    (row,) = commands(effects)
    assert (row.command, row.actor, row.reason) == ("SignOff", "ann", "looked")
    assert json.loads(row.arguments)["seen"] == '{"checks":[]}'


@pytest.mark.requirement("R63")
def test_a_trade_is_signed_by_its_number() -> None:
    stage = Stage()
    stage.tell(a_memory())
    (answer,) = answers(stage.tell(a_signature("trade", subject="12")))
    assert answer.text == "trade 12 signed: 5 OK"
    assert sign_off_text(replace(a_signature("daily"), summary="")) == "daily checks signed"


@pytest.mark.parametrize(
    "command",
    [
        a_signature("yearly"),
        a_signature(actor=" "),
        a_signature(reason=""),
        a_signature("trade"),
        a_signature("daily", subject="12"),
    ],
    ids=["of nothing", "nobody", "no reason", "no trade", "of a trade"],
)
def test_what_is_no_signature_is_refused_and_recorded_as_such(command: SignOff) -> None:
    stage = Stage()
    stage.tell(a_memory())
    (answer,) = answers(stage.tell(command))
    assert (answer.is_accepted, answer.code) == (False, "SIGN_OFF")


@pytest.mark.requirement("R17")
def test_signing_with_real_money_needs_scopes() -> None:
    stage = Stage(is_real_money=True)
    stage.tell(a_memory())
    assert answers(stage.tell(a_signature()))[0].code == "P03"
