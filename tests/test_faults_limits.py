"""F11 and F12: doors that close, and clocks that step."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fault_config import a_config
from fault_stage import BTC, LOTS, Bot, a_bot
from sim_process import running_sim

from botcore_tui.core.desk import TradingDesk
from botcore_tui.model.account import AccountPicture, ClockHealth, UserStreamUp
from botcore_tui.model.order import OrderState
from botcore_tui.model.snapshot import RestUse

pytestmark = [pytest.mark.xdist_group("faults_limits"), pytest.mark.slow]

CREATE = "POST /fapi/v1/order"
LISTING = "GET /fapi/v1/openAlgoOrders"


@contextmanager
def a_limited_bot(state_dir: Path) -> Iterator[Bot]:
    """The program, at an exchange that counts its requests."""
    with running_sim("--seed", 14, "--symbols", BTC, "--balance", 5_000) as sim:
        config = a_config(sim, limits={"weight_per_minute": 2400})
        with a_bot(sim, state_dir, config) as bot:
            yield bot


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with a_limited_bot(tmp_path_factory.mktemp("state")) as bot:
        yield bot


@pytest.fixture
def bot(running: Bot) -> Iterator[Bot]:
    yield running
    running.put_in_order()


def requests_of(bot: Bot) -> tuple[str, RestUse]:
    """How the way to the venue stands."""
    rows = {row.name: row for row in bot.engine._feed.states(0)}
    rest = rows["rest"].rest
    assert rest is not None
    return rows["rest"].status, rest


def clocks(bot: Bot) -> list[ClockHealth]:
    """What was told of the venue's clock."""
    return bot.diary.events(ClockHealth)


def pictures(bot: Bot) -> int:
    """How often the account was reconciled."""
    return len(bot.diary.events(AccountPicture))


# --- F11 -----------------------------------------------------------------------------------------


@pytest.mark.requirement("F11")
@pytest.mark.parametrize(("fault", "status"), [("rate-limited", "refused"), ("banned", "banned")])
def test_after_a_refusal_reads_wait_for_its_end_and_a_cancel_is_repeated_until_it_passes(
    bot: Bot, fault: str, status: str
) -> None:
    name = bot.buy(away="0.015")
    bot.reached(name, OrderState.OPEN)
    bot.arm(fault, retry_after=3, endpoint=LISTING)
    bot.reconnect()
    bot.until(lambda _desk: requests_of(bot)[0] == status)
    before = pictures(bot)
    assert bot.cancel(name).is_accepted
    assert pictures(bot) == before
    bot.reached(name, OrderState.CANCELED)
    bot.until(lambda _desk: pictures(bot) > before)
    assert requests_of(bot)[0] in {"live", "slowed", "waiting"}


@pytest.mark.requirement("F11")
def test_what_lowers_risk_passes_where_the_venue_sheds_load(bot: Bot) -> None:
    bot.buy()
    bot.protected()
    bot.arm("throttled", count="unlimited", symbol=BTC)
    refused = bot.buy(away="0.015")
    bot.reached(refused, OrderState.NOT_PLACED)
    assert bot.close(BTC).is_accepted
    bot.flat()


@pytest.mark.requirement("F11")
@pytest.mark.parametrize("fault", ["waf", "key-revoked"])
def test_order_at_a_closed_door_is_refused_once_and_told(bot: Bot, fault: str) -> None:
    bot.arm(fault, count=1, endpoint=CREATE)
    name = bot.buy()
    order = bot.reached(name, OrderState.REJECTED, OrderState.NOT_PLACED)
    assert order.reason
    assert bot.submitted().count(name) == 1
    assert name not in bot.orders_at_venue(BTC)


# --- F12 -----------------------------------------------------------------------------------------


@pytest.mark.requirement("F12")
@pytest.mark.parametrize("step_ms", [-5_000, 5_000])
def test_clock_that_steps_is_measured_anew_before_a_way_out_and_stops_entries_until_it_agrees(
    bot: Bot, step_ms: int
) -> None:
    bot.buy()
    bot.protected()
    bot.arm("clock-step", ms=step_ms)
    first = bot.send(bot.order())
    if first.is_accepted:
        assert bot.reached(first.client_order_id, OrderState.NOT_PLACED).code == -1021
    else:  # another request has met the step before
        assert first.code in {"P23", "P09"}
    assert bot.close(BTC).is_accepted
    bot.flat()
    offset_ms = requests_of(bot)[1].clock_offset_ms
    assert offset_ms is not None
    assert abs(offset_ms - step_ms) < 1_500
    bot.until(lambda desk: is_off(desk, step_ms))
    # The fault is one of requests: beside a clock that is ahead, the exchange's streams are late.
    assert bot.send(bot.order()).code in ({"P23"} if step_ms < 0 else {"P23", "P09"})
    bot.disarm()
    ups = len(bot.diary.events(UserStreamUp))
    bot.reconnect()
    bot.until(lambda desk: is_off(desk, 0) and len(bot.diary.events(UserStreamUp)) > ups)
    bot.ready()
    bot.buy()
    assert bot.protected() == LOTS[BTC]


def is_off(desk: TradingDesk, by_ms: int) -> bool:
    """Whether the clocks are known to differ by about this."""
    health = desk.state.clock
    return health is not None and not health.has_stepped and abs(health.offset_ms - by_ms) < 300


@pytest.mark.requirement("F12")
def test_order_with_a_refused_timestamp_was_not_placed_and_is_not_sent_again(bot: Bot) -> None:
    bot.arm("timestamp-refused", count=1, endpoint=CREATE)
    name = bot.buy()
    assert bot.reached(name, OrderState.NOT_PLACED).code == -1021
    assert bot.submitted().count(name) == 1
    before = len(clocks(bot))
    bot.until(lambda _desk: any(not each.has_stepped for each in clocks(bot)[before:]))
    again = bot.buy(away="0.015")
    bot.reached(again, OrderState.OPEN)
    bot.cancel(again)
    bot.reached(again, OrderState.CANCELED)


# --- on an exchange of its own: it takes the rest of the minute ----------------------------------


@pytest.mark.requirement("F11")
def test_reads_stop_where_others_used_up_the_weight_and_cancels_pass_from_the_reserve(
    tmp_path: Path,
) -> None:
    with a_limited_bot(tmp_path) as bot:
        bot.buy()
        bot.protected()
        name = bot.buy(away="0.015")
        bot.reached(name, OrderState.OPEN)
        # Reads may fill 1,440 of 2,400; cancels need some of what is left at the venue.
        bot.arm("weight-jump", weight=1_500, endpoint=LISTING)
        bot.reconnect()
        bot.until(lambda _desk: requests_of(bot)[1].weight >= 1_500)
        before = pictures(bot)
        assert bot.cancel(name).is_accepted
        bot.reached(name, OrderState.CANCELED)
        assert bot.close(BTC).is_accepted
        bot.flat()
        assert bot.held_at_venue() == {}
        assert pictures(bot) <= before + 1


@pytest.mark.requirement("F11")
@pytest.mark.requirement("F01")
def test_stop_leaves_while_the_question_about_its_entry_waits_for_weight(tmp_path: Path) -> None:
    with a_limited_bot(tmp_path) as bot:
        # What became of a single order may be asked for up to 1,920 of 2,400.
        bot.arm("weight-jump", weight=2_000, count=1, endpoint=LISTING)
        bot.until(lambda _desk: requests_of(bot)[1].weight >= 2_000)
        bot.arm("create-lost", how="503", symbol=BTC, count=1, endpoint=CREATE)
        bot.buy()
        assert bot.protected() == LOTS[BTC]
        assert bot.held_at_venue() == {BTC: LOTS[BTC]}
