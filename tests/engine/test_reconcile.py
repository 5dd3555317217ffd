"""Pictures of the account: positions and trades of one moment, and what is listed."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from functools import partial

import pytest
from fake_account import NOW_MS, FakeAccount
from order_builders import a_fill, a_position_report, an_algo_report, an_order_report
from virtual_time import VirtualTime

from botcore_tui.engine.reconcile import account_picture, account_sighting
from botcore_tui.errors import FetchError
from botcore_tui.model.account import AccountPicture, LeverageChange
from botcore_tui.model.order import Fill

BTC, ETH = "BTCUSDT", "ETHUSDT"


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount()


def a_picture_of(
    account: FakeAccount,
    *,
    followed: tuple[str, ...] = (BTC,),
    listed: tuple[str, ...] = (BTC,),
    known: Mapping[str, int] | None = None,
    with_settings: bool = False,
) -> AccountPicture:
    return VirtualTime().run(
        lambda: account_picture(
            account,
            reason="start",
            followed=followed,
            listed=listed,
            known_trades=known or {},
            with_settings=with_settings,
        )
    )


def fill(trade_id: int, symbol: str = BTC) -> Fill:
    return a_fill(trade_id, symbol=symbol, time_ms=NOW_MS + trade_id)


def test_quiet_account_is_asked_once(account: FakeAccount) -> None:
    picture = a_picture_of(account, known={BTC: 5})

    assert account.calls == [
        "positions",
        "trades BTCUSDT from 6",
        "open_algo_orders BTCUSDT",
        "open_orders BTCUSDT",
        "balance",
    ]
    (symbol,) = picture.symbols
    assert (symbol.position.quantity, symbol.last_trade_id) == (Decimal(0), 5)
    assert symbol.fills == ()
    assert picture.balance == account.money
    assert (picture.asked_ms, picture.time_ms) == (NOW_MS, NOW_MS)


@pytest.mark.requirement("F03")
def test_positions_are_read_again_after_new_trades(account: FakeAccount) -> None:
    account.held_positions = [a_position_report(quantity="1")]

    def trade() -> None:  # the position was read before it, its trades are read after
        account.fills.append(fill(7))
        account.held_positions = [a_position_report(quantity="2")]

    account.after_positions.append(trade)

    picture = a_picture_of(account, known={BTC: 5})

    (symbol,) = picture.symbols
    assert symbol.position.quantity == 2
    assert symbol.last_trade_id == 7
    assert symbol.fills == (fill(7),)
    assert account.count("positions") == 2
    assert account.calls[3] == "trades BTCUSDT from 8"


def test_first_picture_takes_the_newest_trades_there_are(account: FakeAccount) -> None:
    account.fills = [fill(3), fill(4)]

    picture = a_picture_of(account)

    assert picture.symbols[0].fills == (fill(3), fill(4))
    assert picture.symbols[0].last_trade_id == 4
    # Flat: when that changed, its last trade tells.
    assert picture.symbols[0].position.time_ms == fill(4).time_ms


def test_trades_that_never_stop_make_no_picture(account: FakeAccount) -> None:
    account.after_positions.extend(
        partial(account.fills.append, fill(number)) for number in range(1, 9)
    )

    with pytest.raises(FetchError, match="kept coming in while the positions were read 5 times"):
        a_picture_of(account)

    assert account.count("positions") == 5


def test_venue_that_repeats_known_trades_brings_nothing_new(account: FakeAccount) -> None:
    account.fills = [fill(3)]
    account.trades_ignore_from = True  # a list that starts too early

    picture = a_picture_of(account, known={BTC: 3})

    assert picture.symbols[0].fills == ()
    assert account.count("positions") == 1


@pytest.mark.requirement("F10")
def test_position_in_a_symbol_that_is_not_followed_is_in_the_picture(
    account: FakeAccount,
) -> None:
    account.held_positions = [a_position_report(symbol=ETH, quantity="-3")]
    account.fills = [fill(1, ETH)]

    picture = a_picture_of(account, listed=())

    assert [symbol.position.symbol for symbol in picture.symbols] == [BTC, ETH]
    assert picture.symbols[1].position.quantity == Decimal(-3)
    assert picture.symbols[1].fills == (fill(1, ETH),)


def test_two_positions_of_a_contract_in_hedge_mode_are_told_as_what_is_at_risk(
    account: FakeAccount,
) -> None:
    account.held_positions = [
        a_position_report(symbol=BTC, quantity="2", entry_price="100"),
        a_position_report(symbol=BTC, quantity="-1", entry_price="90"),
    ]

    (told,) = a_picture_of(account).symbols

    assert (told.position.quantity, told.position.entry_price) == (Decimal(1), Decimal(100))
    assert told.position.liquidation_price is None


def test_symbol_that_went_flat_meanwhile_stays_in_the_picture(account: FakeAccount) -> None:
    account.held_positions = [a_position_report(symbol=ETH, quantity="1")]

    def close() -> None:
        account.fills.append(fill(2, ETH))
        account.held_positions = []

    account.after_positions.append(close)

    picture = a_picture_of(account)

    assert picture.symbols[1].position.symbol == ETH
    assert picture.symbols[1].position.quantity == 0


def test_listings_cover_the_whole_account_where_no_symbol_is_named(account: FakeAccount) -> None:
    account.orders = [an_order_report(symbol=ETH)]
    account.algo_orders = [an_algo_report(symbol=BTC)]

    picture = a_picture_of(account, listed=())

    assert account.calls[-3:-1] == ["open_algo_orders", "open_orders"]
    assert picture.orders == tuple(account.orders)
    assert picture.algo_orders == tuple(account.algo_orders)
    assert picture.listed == ()


def test_settings_are_asked_for_only_if_wanted(account: FakeAccount) -> None:
    account.leverage_list = [LeverageChange(BTC, 5)]
    account.one_way = account.single_asset = False

    without = a_picture_of(account)
    assert (without.leverages, without.is_one_way) == ((), True)
    assert account.count("leverages") == account.count("is_one_way") == 0

    picture = a_picture_of(account, with_settings=True)
    assert (picture.leverages, picture.is_one_way) == ((LeverageChange(BTC, 5),), False)
    assert (without.is_single_asset, picture.is_single_asset) == (True, False)


@pytest.mark.parametrize("question", ["positions", "trades", "open_orders", "open_algo_orders"])
def test_one_question_without_an_answer_spoils_the_picture(
    account: FakeAccount, question: str
) -> None:
    account.failures[question].append(FetchError("the venue is away"))

    with pytest.raises(FetchError, match="away"):
        a_picture_of(account)


@pytest.mark.requirement("A06")
@pytest.mark.requirement("F15")
def test_balance_that_does_not_come_holds_back_nothing_else(account: FakeAccount) -> None:
    account.failures["balance"].append(FetchError("the venue is away"))
    account.algo_orders = [an_algo_report()]
    picture = a_picture_of(account)
    assert picture.balance is None
    assert picture.algo_orders == (an_algo_report(),)


@pytest.mark.requirement("F15")
def test_balance_without_any_answer_keeps_no_position_waiting_for_its_stop(
    account: FakeAccount, caplog: pytest.LogCaptureFixture
) -> None:
    account.hold("balance")  # a connection that is half open: neither answer nor error
    account.held_positions = [a_position_report(quantity="1")]
    time = VirtualTime()

    async def asked() -> AccountPicture:
        async with asyncio.timeout(60):
            return await account_picture(
                account,
                reason="start",
                followed=(BTC,),
                listed=(),
                known_trades={},
                with_settings=True,
            )

    picture = time.run(asked)

    assert time.elapsed() <= 5
    assert picture.balance is None
    (told,) = caplog.messages
    assert told.endswith(": no answer within 5 s")
    assert picture.symbols[0].position.quantity == 1
    assert not picture.lacks_settings


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("balance", "the balance did not come, positions and orders did"),
        ("leverages", "leverages and mode did not come, positions and orders did"),
    ],
)
def test_question_that_ran_out_of_time_says_so(
    account: FakeAccount, caplog: pytest.LogCaptureFixture, question: str, told: str
) -> None:
    account.hold(question)
    a_picture_of(account, with_settings=True)
    assert caplog.messages == [f"{told}: no answer within 5 s"]


# --- sightings -----------------------------------------------------------------------------------


def a_sighting_of(account: FakeAccount) -> AccountPicture | None:
    return VirtualTime().run(lambda: account_sighting(account, reason="start"))


def test_sighting_asks_for_what_a_stop_needs(account: FakeAccount) -> None:
    account.held_positions = [a_position_report(quantity="1")]
    account.orders = [an_order_report()]
    seen = a_sighting_of(account)
    assert account.calls == ["positions", "open_algo_orders BTCUSDT", "open_orders BTCUSDT"]
    assert seen is not None
    assert (seen.is_sighting, seen.listed, seen.orders) == (True, (BTC,), (an_order_report(),))
    assert seen.symbols[0].position.quantity == 1


@pytest.mark.requirement("F15")
def test_sighting_waits_for_no_order_of_the_book(
    account: FakeAccount, caplog: pytest.LogCaptureFixture
) -> None:
    account.held_positions = [a_position_report(quantity="1")]
    account.hold("open_orders")
    seen = a_sighting_of(account)
    assert seen is not None
    assert seen.orders is None
    assert caplog.messages[-1].endswith("stops did: no answer within 3 s")


def test_sighting_without_conditional_orders_is_none(account: FakeAccount) -> None:
    account.held_positions = [a_position_report(quantity="1")]
    account.failures["open_algo_orders"].append(FetchError("the venue is away"))
    with pytest.raises(FetchError, match="away"):
        a_sighting_of(account)


def test_sighting_of_many_positions_lists_the_whole_account(account: FakeAccount) -> None:
    account.held_positions = [
        a_position_report(symbol=f"{number}USDT", quantity="1") for number in range(21)
    ]
    seen = a_sighting_of(account)
    assert seen is not None
    assert (len(seen.symbols), seen.listed) == (21, ())


def test_sighting_in_hedge_mode_has_what_either_side_did_last(account: FakeAccount) -> None:
    account.held_positions = [
        a_position_report(quantity="2", time_ms=5),
        a_position_report(quantity="-1", time_ms=9),
    ]
    seen = a_sighting_of(account)
    assert seen is not None
    (told,) = seen.symbols
    assert (told.position.quantity, told.position.time_ms) == (Decimal(1), 9)


def test_flat_account_is_no_sighting(account: FakeAccount) -> None:
    account.held_positions = [a_position_report(quantity="0")]
    assert a_sighting_of(account) is None
    assert account.calls == ["positions"]
