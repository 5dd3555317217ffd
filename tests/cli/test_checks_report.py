"""The lists, put together: engine before ledger, and nothing OK that nobody saw."""

from decimal import Decimal
from pathlib import Path

import pytest
from builders import NOW_MS
from check_stage import ACCOUNT, DAY_MS, TODAY_MS, recorded
from ledger_rows import a_fill, a_position, an_intent, an_order, numbered
from msgspec.structs import replace
from risk_rows import a_call, a_drill, a_phase, a_stream, a_trip, an_anchor, an_equity
from risk_views import GAUGES, a_risk

from botcore_tui.cli.checks_report import Checkroom
from botcore_tui.clock import ManualClock
from botcore_tui.config import Config, Environment
from botcore_tui.config.checks import ChecksSettings
from botcore_tui.model.account import KeyRights
from botcore_tui.model.check import Check, CheckState, Period
from botcore_tui.model.order import OrderState
from botcore_tui.model.risk import RiskView

OK, LOOK, FAILED, NOT_KNOWN = CheckState
RIGHTS = KeyRights(may_trade=True, may_withdraw=False, may_transfer=False, is_ip_bound=True)


def a_room(
    state: Path,
    *,
    environment: Environment = Environment.TESTNET,
    account: str = "",
    now_ms: int = NOW_MS,
    rights: KeyRights | None = None,
    config: Config | None = None,
) -> Checkroom:
    return Checkroom(
        config or Config(),
        state,
        environment,
        lambda: account,
        ManualClock(now_ms),
        rights=lambda _config, _environment: (rights, "" if rights else "nobody asked"),
    )


def found(
    room: Checkroom, period: Period = Period.DAILY, risk: RiskView | None = None
) -> dict[str, Check]:
    listed = room.read(period, risk)
    return {f"{check.code} {check.name}": check for check in listed.checks}


def a_good_day() -> list[object]:
    intent = numbered(an_intent(created_ms=NOW_MS - 5_000), 7)
    name = intent.request.client_order_id
    return [
        an_anchor("high_water", "5100", time_ms=TODAY_MS - DAY_MS),
        an_anchor("day", "5000", time_ms=TODAY_MS + 1_000),
        an_equity("5000", time_ms=TODAY_MS + 1_000),
        an_equity("5010", "-10", time_ms=NOW_MS - 90_000),
        a_stream(time_ms=NOW_MS - 60_000),
        a_call(time_ms=NOW_MS - 60_000),
        intent,
        an_order(OrderState.FILLED, client_order_id=name, filled="0.01"),
    ]


@pytest.mark.requirement("R58")
@pytest.mark.parametrize("period", list(Period))
def test_without_a_ledger_nothing_is_ok(tmp_path: Path, period: Period) -> None:
    checks = found(a_room(tmp_path), period)
    states = {check.state for name, check in checks.items() if "R65" not in name}
    assert states <= {NOT_KNOWN, LOOK}
    assert a_room(tmp_path).account() == ""
    assert a_room(tmp_path).journal() == ()
    assert a_room(tmp_path).reminder() == ""


@pytest.mark.requirement("R58")
def test_a_good_day_is_told_by_the_ledger_alone(tmp_path: Path) -> None:
    recorded(tmp_path, *a_good_day())  # type: ignore[arg-type]  # rows of several kinds
    checks = found(a_room(tmp_path))
    assert {name: check.state for name, check in checks.items()} == {
        "R58 breaker A01 daily loss": OK,
        "R58 breaker A02 drawdown": OK,
        "R58 breaker A03-1h hour loss": OK,
        "R58 breaker A03-24h 24 h loss": OK,
        "R59 P&L of the day": OK,
        "R60 rate limits broken": OK,
        "R61 uptime of streams": OK,
        "R62 requests failed": OK,
        "R62 orders failed": OK,
        "R75 daily P&L review": LOOK,
    }
    drawdown = checks["R58 breaker A02 drawdown"]
    assert drawdown.value == "1.96 % lost (100.00 USDT)"
    assert (drawdown.source, drawdown.age_ms) == ("ledger", 90_000)
    assert checks["R59 P&L of the day"].value == "+0.00 % (+0.00 USDT)"
    listed = a_room(tmp_path).read(Period.DAILY, None)
    assert (listed.account, listed.environment) == (ACCOUNT, "testnet")


@pytest.mark.requirement("R58")
@pytest.mark.requirement("R59")
def test_equity_of_yesterday_tells_nothing_of_today(tmp_path: Path) -> None:
    rows = (
        an_anchor("day", "5000", time_ms=TODAY_MS - 1_000),
        an_equity("5000", time_ms=TODAY_MS - 1_000),
        a_trip("A13", time_ms=TODAY_MS - 500),
    )
    recorded(tmp_path, *rows)
    checks = found(a_room(tmp_path))
    assert checks["R58 breaker A01 daily loss"].state is NOT_KNOWN
    assert checks["R58 breaker A13"].state is FAILED
    assert checks["R59 P&L of the day"].state is NOT_KNOWN
    # What has no anchor of today cannot be told either.
    recorded(tmp_path, an_equity("5000", time_ms=NOW_MS))
    checks = found(a_room(tmp_path))
    assert checks["R58 breaker A01 daily loss"].state is NOT_KNOWN
    assert checks["R59 P&L of the day"].state is NOT_KNOWN


@pytest.mark.requirement("R58")
def test_a_loss_that_nobody_has_latched_yet_is_not_called_tripped(tmp_path: Path) -> None:
    rows = (
        an_anchor("day", "5000", time_ms=TODAY_MS + 1_000),
        an_equity("4000", time_ms=NOW_MS),
    )
    recorded(tmp_path, *rows)
    check = found(a_room(tmp_path))["R58 breaker A01 daily loss"]
    assert (check.state, check.value) == (FAILED, "20.00 % lost (1,000.00 USDT)")


@pytest.mark.requirement("R58")
def test_the_engine_that_runs_knows_better(tmp_path: Path) -> None:
    recorded(tmp_path, *a_good_day())  # type: ignore[arg-type]  # rows of several kinds
    risk = a_risk(
        gauges=GAUGES, latched=("A16",), equity=Decimal(4900), day_start_equity=Decimal(5000)
    )
    checks = found(a_room(tmp_path), risk=replace(risk, equity_age_ms=400))
    assert checks["R58 breaker A03-1h loss in 1 h"].state is FAILED
    assert checks["R58 breaker A03-24h loss in 24 h"].state is NOT_KNOWN
    assert checks["R58 breaker A16"].state is FAILED
    pnl = checks["R59 P&L of the day"]
    assert (pnl.value, pnl.source, pnl.age_ms) == ("-2.00 % (-100.00 USDT)", "engine", 400)


@pytest.mark.requirement("R59")
def test_the_band_is_that_of_the_phase_unless_it_is_configured(tmp_path: Path) -> None:
    risk = a_risk(equity=Decimal(970), day_start_equity=Decimal(1000))
    by_phase = found(a_room(tmp_path), risk=risk)["R59 P&L of the day"]
    assert (by_phase.state, by_phase.limit[:15]) == (FAILED, "-2.5 % to +5 % ")
    recorded(tmp_path, a_phase(), environment="production", account="production:b")
    real = a_room(tmp_path, environment=Environment.PRODUCTION)
    tighter = found(real, risk=risk)["R59 P&L of the day"]
    assert tighter.limit.startswith("-1.5 % to +3 %")
    own = Config(checks=ChecksSettings(day_loss_pct=4, day_gain_pct=1.5))
    configured = found(a_room(tmp_path, config=own), risk=risk)["R59 P&L of the day"]
    assert (configured.state, configured.limit[:16]) == (OK, "-4 % to +1.5 % (")


@pytest.mark.requirement("R60")
@pytest.mark.requirement("R62")
def test_only_today_counts(tmp_path: Path) -> None:
    rows = (
        a_call(limited=5, failed=50, time_ms=TODAY_MS - 1),
        a_stream(up_ms=0, time_ms=TODAY_MS - 1),
    )
    recorded(tmp_path, *rows)
    checks = found(a_room(tmp_path))
    for name in ("R60 rate limits broken", "R61 uptime of streams", "R62 orders failed"):
        assert checks[name].state is NOT_KNOWN
    recorded(tmp_path, a_call(limited=1, failed=1, attempts=10, time_ms=NOW_MS))
    checks = found(a_room(tmp_path))
    assert checks["R60 rate limits broken"].state is FAILED
    assert checks["R62 requests failed"].value == "1 of 10, 10.00 %"
    assert checks["R62 orders failed"].value == "0 of 0"


@pytest.mark.requirement("R75")
def test_the_review_is_due_each_day_at_its_time(tmp_path: Path) -> None:
    recorded(tmp_path, a_call())
    assert "due since 08:00 UTC" in a_room(tmp_path, account=ACCOUNT).reminder()
    assert a_room(tmp_path).reminder() == ""
    early = a_room(tmp_path, config=Config(checks=ChecksSettings(review_at="22:30")))
    check = found(early)["R75 daily P&L review"]
    # It is 22:13: due since yesterday.
    assert (check.state, check.value) == (LOOK, "never signed, due since 22:30 UTC")
    young = a_room(tmp_path, account=ACCOUNT, now_ms=NOW_MS - 9 * DAY_MS + 60_000)
    assert young.reminder() == ""
    assert found(young)["R75 daily P&L review"].state is OK


@pytest.mark.requirement("R63")
@pytest.mark.requirement("R64")
@pytest.mark.requirement("R65")
def test_a_week(tmp_path: Path) -> None:
    rows = (
        a_position("0", time_ms=NOW_MS - DAY_MS),
        a_position("0", time_ms=NOW_MS - 8 * DAY_MS),
        a_call(repeated=4, time_ms=NOW_MS),
        a_call(repeated=1, time_ms=NOW_MS - 8 * DAY_MS),
        a_call(repeated=90, time_ms=NOW_MS - 15 * DAY_MS),
    )
    recorded(tmp_path, *rows)
    recorded(tmp_path, a_drill(time_ms=NOW_MS - 2 * DAY_MS), environment="demo", account="demo:x")
    room = a_room(tmp_path, account=ACCOUNT)
    checks = found(room, Period.WEEKLY)
    assert checks["R63 trades reviewed"].value == "0 of 1 of 7 days"
    assert checks["R64 requests repeated"].value == "4.00 % of 7 days; 1.00 % the week before"
    assert checks["R64 requests repeated"].state is LOOK
    assert checks["R65 breaker drill"].state is OK
    assert checks["R66 risk limits"].state is LOOK
    assert len(room.journal(30)) == 2


@pytest.mark.requirement("R67")
@pytest.mark.requirement("R69")
def test_a_month(tmp_path: Path) -> None:
    october = NOW_MS - 20 * DAY_MS
    rows = (
        an_equity("1000", time_ms=october),
        an_equity("1100", time_ms=october + DAY_MS),
        a_fill(fee="1.5", time_ms=october),
    )
    recorded(tmp_path, *rows)
    checks = found(a_room(tmp_path, rights=RIGHTS), Period.MONTHLY)
    report = checks["R67 performance report"]
    assert report.state is OK
    assert report.value.startswith("2023-10: return +10.00 %, drawdown 0.00 %")
    assert "costs 1.50 USDT" in report.value
    assert checks["R69 rights of the API key"].state is OK
    assert checks["R69 age of the API key"].state is NOT_KNOWN
    unknown = found(a_room(tmp_path), Period.MONTHLY)["R69 rights of the API key"]
    assert (unknown.state, unknown.value) == (NOT_KNOWN, "nobody asked")
    demo = found(a_room(tmp_path, environment=Environment.DEMO), Period.MONTHLY)
    assert demo["R69 API key"].state is OK
