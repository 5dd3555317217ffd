"""A session after a long absence: what was executed meanwhile is learned, however long ago."""

from fake_account import NOW_MS
from msgspec.structs import replace
from order_builders import a_fill
from session_stage import BTC, RECOLLECTION, Stage
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.session import SessionSettings, TradingSession
from botcore_tui.model.account import AccountPicture
from botcore_tui.model.event import Reconcile
from botcore_tui.model.ledger import KnownTrade

DAY_MS = 86_400_000


def test_executions_of_more_than_a_week_ago_are_learned_where_the_ledger_has_few(
    time: VirtualTime,
) -> None:
    stage = Stage(time)
    stage.account.fills = [
        a_fill(number, symbol=BTC, time_ms=NOW_MS - days * DAY_MS)
        for number, days in ((41, 20), (42, 20), (43, 9))
    ]
    stage.account.week_ms = NOW_MS - 7 * DAY_MS
    stage.session = TradingSession(
        stage.account,
        stage.market,
        stage.ledger,
        replace(RECOLLECTION, trades=(KnownTrade(BTC, 0, (41, 42)),)),
        time,
        settings=SessionSettings(symbols=(BTC,)),
        overseer=stage.overseer,
    )

    async def play() -> None:
        async with stage.running():
            stage.session.perform(Reconcile(reason="start"))
            await settle(60)

    time.run(play)
    (picture,) = stage.of(AccountPicture)
    assert isinstance(picture, AccountPicture)
    (account,) = picture.symbols
    assert 43 in [fill.trade_id for fill in account.fills]
    assert account.last_trade_id == 43
