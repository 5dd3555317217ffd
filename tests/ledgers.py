"""Accounts of the embedded exchange and trades for them; a test names only what it is about."""

from builders import NOW_MS

from botcore_tui.exchange.sim.account import Account, House
from botcore_tui.exchange.sim.contracts import Contract, contract
from botcore_tui.exchange.sim.money import atoms
from botcore_tui.exchange.sim.orders import Fill, Order, OrderType, SelfTrade, TimeInForce
from botcore_tui.model.market import Side

BTC = contract("BTCUSDT")
ETH = contract("ETHUSDT")
ADA = contract("ADAUSDT")
DOGE = contract("DOGEUSDT")


def a_funded_account(balance: str = "5000") -> tuple[Account, House]:
    account, house = Account(name="user"), House()
    house.transfer(account, atoms(balance), NOW_MS)
    return account, house


def a_fill(
    side: Side = Side.BUY,
    *,
    fee: int = 0,
    ticks: int = 500_000,
    lots: int = 100,
    traded: Contract = BTC,
) -> Fill:
    order = Order(
        order_id=1,
        client_id="a",
        contract=traded,
        side=side,
        type=OrderType.LIMIT,
        original_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        lots=lots,
        ticks=ticks,
        reduce_only=False,
        close_position=False,
        self_trade=SelfTrade.NONE,
        good_till_ms=0,
        created_ms=NOW_MS,
        updated_ms=NOW_MS,
    )
    return Fill(
        trade_id=77,
        order=order,
        ticks=ticks,
        lots=lots,
        is_maker=False,
        fee=fee,
        realized=-1,
        time_ms=NOW_MS + 5,
    )
