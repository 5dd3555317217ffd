"""Numbers on the screen in states that a real venue brings about, from the desk to the row."""

from decimal import Decimal

import pytest
from desk_stage import TICK_MS, Stage, buy
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    a_balance,
    a_fill,
    a_picture,
    a_symbol_account,
    an_account_update,
    an_algo_report,
    an_order_report,
)
from pane_app import row_texts
from pictures import AROUND
from recollection_builders import a_recollection

from botcore_tui.cli.listing import position_lines
from botcore_tui.engine.publisher import Publisher
from botcore_tui.exchange.broker import AccountStamps
from botcore_tui.model.account import AccountPicture
from botcore_tui.model.command import Halt
from botcore_tui.model.event import Effect, Event, Reconcile, Tick
from botcore_tui.model.order import OrderState, VenueStatus
from botcore_tui.model.snapshot import FeedState, Snapshot, View
from botcore_tui.ui.panes.market import MarketPane
from botcore_tui.ui.panes.own_orders import own_prices
from botcore_tui.ui.panes.positions import Positions
from botcore_tui.ui.panes.status import StatusBand

MS = 1_000_000
ETH = "ETHUSDT"


class Venue(Stage):
    """Its pictures tell a mark, as ``positionRisk`` does; the market's marks may stop coming."""

    told_mark: str | None = None
    has_answers = True
    feeds: tuple[FeedState, ...] = ()

    def begin(self) -> "Venue":
        super().begin()
        return self

    def perform(self, effect: Effect) -> list[Event]:
        found = super().perform(effect)
        if not isinstance(effect, Reconcile):
            return found
        if not self.has_answers:
            return []
        return [self._with_marks(each) for each in found if isinstance(each, AccountPicture)]

    def _with_marks(self, picture: AccountPicture) -> AccountPicture:
        mark = None if self.told_mark is None else Decimal(self.told_mark)
        symbols = tuple(
            replace(each, position=replace(each.position, mark=mark, entry_price=Decimal(100)))
            for each in picture.symbols
        )
        return replace(picture, symbols=symbols)

    def silent_market(self, ms: int) -> None:
        """Time passes, and no mark comes."""
        for _ in range(0, ms, TICK_MS):
            self.time_ms += TICK_MS
            self.venue.time_ms = self.time_ms
            self.tell(Tick(self.time_ms))

    def snapshot(self) -> Snapshot:
        """As the engine would draw it: a loop that turns, books that come, an account in touch."""
        now_ns = self.now_ns
        stamps = AccountStamps(now_ns, now_ns, dict.fromkeys((SYMBOL, ETH), now_ns))
        around = replace(
            AROUND,
            replay=None,
            feeds=self.feeds,
            trading_enabled=True,
            published_ns=now_ns,
            heartbeat_ns=now_ns,
            last_data_ns=now_ns,
            now_ms=self.time_ms,
            stamps=stamps,
        )
        return Publisher(self.trader).build(View(), around)

    @property
    def now_ns(self) -> int:
        return (self.time_ms - NOW_MS + 1_000_000) * MS

    def positions(self, width: int = 220) -> list[str]:
        pane = Positions(clock_ns=lambda: self.now_ns)
        pane._snapshot = self.snapshot()
        return row_texts(pane.table(self.snapshot(), 0, width))

    def band(self) -> str:
        pane = StatusBand(clock_ns=lambda: self.now_ns)
        return "\n".join(row_texts(pane.draw(self.snapshot(), 200, 2)))


# --- marks ---------------------------------------------------------------------------------------


def test_equity_in_the_band_is_that_by_which_the_day_is_counted() -> None:
    """The market's stream is down, the book's and the user's are up; the venue is asked each 10 s
    and tells the mark as well."""
    stage = Venue().begin()
    stage.wait(250)
    stage.tell(buy("2"))
    stage.told_mark = "98"
    stage.silent_market(25_000)
    account = stage.snapshot().account
    assert account is not None
    assert account.money is not None
    assert account.risk is not None
    assert account.risk.equity == 10_000 - 4
    assert account.money.day_pnl == -4
    assert account.money.equity == account.risk.equity
    (position,) = account.positions
    assert [position.mark, position.unrealized] == [98, -4]
    assert "eq 9,996.00  day -4.00" in stage.band()


def test_mark_of_long_ago_and_what_comes_of_it_show_their_age() -> None:
    """The market's stream is down and the account cannot be asked: the mark is 40 s old."""
    stage = Venue().begin()
    stage.wait(250)
    stage.tell(buy("2"))
    stage.has_answers = False
    stage.silent_market(40_000)
    head, row = stage.positions()
    assert "40s" in row, (head, row)
    assert "40s old" in stage.band()
    account = stage.snapshot().account
    assert account is not None
    assert "40.0 s ago" in position_lines(account.positions, stage.now_ns)[1]


def test_mark_that_comes_shows_no_age() -> None:
    stage = Venue().begin()
    stage.tell(buy("2"))
    stage.wait(20_000)
    assert "mark age" not in stage.positions()[0]
    assert "old" not in stage.band()


def test_mark_of_the_market_shows_its_age_though_the_book_comes() -> None:
    """Marks and books come by two connections; that of the marks is down for a minute."""
    stage = Venue().begin()
    stage.wait(250)
    now_ns = stage.now_ns
    feed = FeedState("btcusdt@markPrice@1s", "down", now_ns, None, 9, 0.0, "-", 1)
    stage.feeds = (feed,)
    stage.silent_market(60_000)
    assert "mark 100.00 1m00s old" in stage.band()
    pane = MarketPane(clock_ns=lambda: stage.now_ns)
    assert "100.00 1m00s old" in "".join(row_texts(pane.list_rows(stage.snapshot(), 60, 20)))


def test_small_prices_are_shown_before_the_market_told_its_steps() -> None:
    """At every start the account is known before the market is opened."""
    stage = Venue()
    stage.tell(a_recollection())
    account = a_symbol_account(quantity="1000", entry_price="0.0071234")
    stage.tell(a_picture(symbols=[account]))
    row = stage.positions()[1]
    assert "0.0071234" in row


# --- midnight ------------------------------------------------------------------------------------


@pytest.mark.parametrize("late_ms", [1, 249])
def test_funding_of_midnight_belongs_to_the_new_day(late_ms: int) -> None:
    """The venue pays at 00:00:00; its word comes before the engine's next tick."""
    stage = Venue().begin()
    stage.tell(buy("2"))
    midnight = (NOW_MS // 86_400_000 + 1) * 86_400_000
    stage.time_ms = midnight - late_ms - TICK_MS
    stage.wait(TICK_MS)
    money = stage.view().money
    assert money is not None
    fees = money.fees_today
    stage.tell(
        an_account_update(
            reason="FUNDING_FEE",
            change="-1.5",
            balances=(a_balance(wallet="9998.5", time_ms=midnight + 3),),
            symbol=SYMBOL,
            time_ms=midnight + 3,
        )
    )
    stage.wait(2 * TICK_MS)
    money = stage.view().money
    assert money is not None
    assert money.funding_today == Decimal("-1.5")
    assert [money.fees_today, money.realized_today] == [0, 0]
    assert fees is not None


# --- orders --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [OrderState.PLANNED, OrderState.IN_FLIGHT])
def test_order_that_the_venue_has_not_confirmed_is_no_order_in_the_book(state: OrderState) -> None:
    stage = Venue().begin()
    stage.is_performing = False
    stage.tell(buy(price="98"))
    if state is OrderState.IN_FLIGHT:
        name = stage.view().orders[0].client_order_id
        stage.venue.answers.append("sink")
        request = stage.sent()[-1]
        stage.tell(stage.venue.place(request)[0])
        assert name == request.client_order_id
    assert stage.view().orders[0].state is state
    assert own_prices(stage.snapshot()) == [(98.0, "?")]


def test_stop_that_only_its_reply_showed_is_no_stop_in_the_book() -> None:
    stage = Venue().begin()
    stage.venue.answers.extend(["ok", "mute"])
    stage.tell(buy())
    assert own_prices(stage.snapshot()) == [(95.0, "?")]


def test_foreign_orders_of_one_name_are_both_shown() -> None:
    """Ids are unique among the open orders of a contract, and of one service only."""
    stage = Venue().begin()
    stage.tell(
        an_order_report(client_order_id="x1", order_id=31),
        an_order_report(client_order_id="x1", order_id=31, symbol=ETH),
        an_algo_report(client_order_id="x1"),
    )
    view = stage.view()
    assert (view.foreign_orders, len(view.orders)) == (3, 3)


# --- liquidation ---------------------------------------------------------------------------------


def test_liquidation_price_of_a_smaller_position_is_not_that_of_the_present_one() -> None:
    stage = Venue().begin()
    stage.tell(buy("1"))
    account = a_symbol_account(
        quantity="1", entry_price="100", liquidation_price="51", last_trade_id=1
    )
    stage.tell(a_picture(symbols=[account], balance=a_balance(wallet="10000")))
    assert stage.position().liquidation_price == 51
    stage.tell(buy("3"))
    position = stage.position()
    assert position.quantity == 4
    assert (position.liquidation_price, position.liquidation_pct) == (None, None)


# --- orders of others, fees, a halt --------------------------------------------------------------


def test_age_of_an_order_of_others_is_not_that_of_its_last_fill() -> None:
    stage = Venue().begin()
    placed = an_order_report(client_order_id="web-1", order_id=31)
    stage.tell(placed)
    stage.is_performing = False  # no listing without it
    stage.wait(60_000)
    part = replace(
        placed,
        status=VenueStatus.PARTIALLY_FILLED,
        filled_quantity=Decimal("0.5"),
        time_ms=stage.time_ms,
    )
    stage.tell(part)
    (order,) = (each for each in stage.view().orders if each.purpose is None)
    assert order.filled_quantity == Decimal("0.5")
    assert stage.time_ms - order.created_ms == 60_000


def test_age_of_an_order_of_others_grows_where_the_venue_tells_no_time() -> None:
    stage = Venue().begin()
    stage.tell(an_algo_report(client_order_id="web-1", time_ms=0))
    stage.is_performing = False
    stage.wait(5_000)
    (order,) = (each for each in stage.view().orders if each.purpose is None)
    assert stage.time_ms - order.created_ms == 5_000


def test_fees_that_were_taken_in_another_asset_are_not_shown_as_none() -> None:
    """The account pays fees in BNB."""
    stage = Venue().begin()
    stage.is_performing = False
    stage.tell(a_fill(order_id=77, client_order_id="", fee="0.0004", fee_asset="BNB"))
    head, row = stage.positions()
    end = head.index("fees") + len("fees")
    assert row[:end].split()[-1] == "≥0.00"


def test_entry_of_others_that_was_executed_is_not_told_as_cancelled() -> None:
    """A limit order of others is filled in the moment of the halt."""
    stage = Venue().begin()
    resting = an_order_report(client_order_id="web-1", order_id=31, price="90")
    stage.tell(resting)
    stage.is_performing = False
    stage.tell(Halt("F12", "by hand", stage.time_ms))
    filled = replace(resting, status=VenueStatus.FILLED, filled_quantity=Decimal(1))
    fill = a_fill(trade_id=5, order_id=31, client_order_id="web-1", price="90")
    stage.tell(fill, filled)
    risk = stage.view().risk
    assert risk is not None
    assert (risk.kill.cancelled, risk.kill.to_cancel) == (0, 1)
    assert risk.kill.open_entries == 0


# --- another settlement asset --------------------------------------------------------------------


def test_funding_in_another_asset_is_in_no_sum_of_this_one() -> None:
    """Somebody holds a USDC contract on the account; ours is in USDT, and the only one known."""
    stage = Venue().begin()
    stage.tell(buy("2"))
    stage.tell(
        an_account_update(
            reason="FUNDING_FEE",
            change="-1.5",
            balances=(a_balance(asset="USDC", wallet="98.5", time_ms=NOW_MS + 3),),
            time_ms=NOW_MS + 3,
        )
    )
    money = stage.view().money
    assert money is not None
    assert [money.funding_today, money.funding_run] == [0, 0]
    assert stage.position().funding == 0
