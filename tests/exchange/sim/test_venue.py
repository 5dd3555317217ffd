from sim_stage import BID, BTC, BUY, SELL, Stage

from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.orders import AlgoStatus, OrderType
from botcore_tui.exchange.sim.venue import NAME

_EIGHT_HOURS_MS = 8 * 3_600_000


def test_an_account_begins_with_its_balance_as_a_transfer() -> None:
    account = Stage(balance=5_000).venue.floor.account
    assert (account.name, account.wallet) == (NAME, 5_000 * ATOMS)
    assert [(income.kind, income.amount) for income in account.incomes] == [
        ("TRANSFER", 5_000 * ATOMS)
    ]


def test_funding_is_paid_once_per_funding_time() -> None:
    stage = Stage()
    stage.at_market(BUY, 10)
    wallet, floor = stage.wallet, stage.venue.floor
    paid = stage.market.contract.worth(stage.market.mark, 10) // 10_000
    stage.agenda.advance(stage.agenda.now_ms + _EIGHT_HOURS_MS)
    assert stage.wallet == wallet - paid
    assert floor.account.incomes[-1].kind == "FUNDING_FEE"
    assert stage.user.news[-1] == f"account FUNDING_FEE {BTC} True {-paid}"
    assert floor.house.imbalance([floor.account]) == 0


def test_funding_of_an_isolated_position_names_it() -> None:
    stage = Stage()
    stage.venue.settings.set_margin_type(BTC, is_isolated=True)
    stage.at_market(BUY, 10)
    stage.agenda.advance(stage.agenda.now_ms + _EIGHT_HOURS_MS)
    assert stage.user.news[-1].startswith(f"account FUNDING_FEE {BTC} True -")


def test_without_a_position_there_is_no_funding() -> None:
    stage = Stage()
    stage.agenda.advance(stage.agenda.now_ms + _EIGHT_HOURS_MS)
    assert stage.user.news == []


def test_a_stop_comes_before_the_liquidation() -> None:
    stage = Stage(balance=600)
    stage.at_market(BUY, 100)
    algo = stage.algo(OrderType.STOP_MARKET, SELL, trigger=BID - 100)
    stage.market.book.crowd_set(BUY, BID - 20_000, 1_000)
    stage.mark(BID - 29_000)
    assert algo.status is AlgoStatus.FINISHED
    assert (stage.held, stage.user.fills[-1].order.client_id) == (0, "s")
