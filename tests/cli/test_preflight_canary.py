"""The canary: what it places, and what it says when the venue does otherwise."""

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from desk_stage import RULES
from fake_account import FakeAccount, accepted
from msgspec.structs import replace

from botcore_tui.cli import preflight_canary
from botcore_tui.cli.doctor_terms import Finding, Grade
from botcore_tui.cli.preflight_canary import PREFIX, canary, requests
from botcore_tui.cli.preflight_streams import Witness
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import Leaving, OrderError, freely
from botcore_tui.model.account import UserStreamUp
from botcore_tui.model.event import Cancel
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoReport,
    OrderReport,
    OrderRequest,
    OrderSent,
    OrderType,
    Outcome,
    Source,
)

PRICE = Decimal(60_000)


class Account(FakeAccount):
    """Has what was placed until it is cancelled, and tells of it where it is not deaf."""

    def __init__(self, *, is_telling: bool = True) -> None:
        super().__init__()
        self.witness = Witness()
        self.refused: set[OrderType] = set()
        self.keeps = False
        self._is_telling = is_telling

    async def place(
        self,
        request: OrderRequest,
        on_sent: Callable[[OrderSent], None],
    ) -> OrderReport | AlgoReport:
        if request.type in self.refused:
            raise OrderError(Outcome.REJECTED, -4120, "no such service")
        report = await super().place(request, on_sent)
        if isinstance(report, AlgoReport):
            self.algo_orders.append(report)
        else:
            self.orders.append(report)
        if self._is_telling:
            self.witness.deliver(replace(report, source=Source.STREAM), 0)
        return report

    async def cancel(self, cancel: Cancel, leaving: Leaving = freely) -> OrderReport | None:
        await super().cancel(cancel, leaving)
        if self.keeps:
            raise OrderError(Outcome.REJECTED, -1001, "internal")
        name = cancel.client_order_id
        before = len(self.orders) + len(self.algo_orders)
        self.orders = [each for each in self.orders if each.client_order_id != name]
        self.algo_orders = [each for each in self.algo_orders if each.client_order_id != name]
        if len(self.orders) + len(self.algo_orders) == before:
            raise OrderError(Outcome.REJECTED, -2011, "unknown order")
        return None


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_STREAM_SECONDS", "_EVENT_SECONDS", "_PAUSE_SECONDS"):
        monkeypatch.setattr(preflight_canary, name, 0.0)


def sung(account: Account, *, is_up: bool = True) -> list[Finding]:
    if is_up:
        account.witness.deliver(UserStreamUp(1), 0)
    return asyncio.run(canary(account, PRICE, RULES, account.witness))


def grades(found: Sequence[Finding]) -> list[Grade]:
    return [each.grade for each in found]


def test_one_of_each_type_is_placed_far_from_the_market_and_cancelled() -> None:
    account = Account()
    assert set(grades(sung(account))) == {Grade.GOOD}
    placed = {request.type: request for request in account.sent}
    assert set(placed) == set(OrderType) - {OrderType.MARKET}
    assert (account.orders, account.algo_orders) == ([], [])
    assert placed[OrderType.LIMIT].price == Decimal(54_000)
    assert placed[OrderType.STOP_MARKET].trigger_price == Decimal(66_000)
    assert placed[OrderType.TAKE_PROFIT_MARKET].trigger_price == Decimal(54_000)
    assert placed[OrderType.TRAILING_STOP_MARKET].trigger_price == Decimal(54_000)


@pytest.mark.parametrize("price", ["3000", "0.5", "3"])
def test_orders_are_worth_what_the_venue_wants_and_no_more_than_that(price: str) -> None:
    rules = replace(RULES, tick=Decimal("0.01"), step=Decimal("0.001"))
    for request in requests(Decimal(price), rules):
        assert (request.side, request.client_order_id.startswith(PREFIX)) == (Side.BUY, True)
        worth = request.quantity * Decimal(price) * Decimal("0.9")
        assert rules.min_notional <= worth <= rules.min_notional * 2


@pytest.mark.parametrize(
    ("kind", "grade"),
    [
        (OrderType.STOP_MARKET, Grade.BAD),
        (OrderType.LIMIT, Grade.BAD),
        (OrderType.TRAILING_STOP_MARKET, Grade.WARN),
        (OrderType.TAKE_PROFIT_MARKET, Grade.WARN),
    ],
)
def test_what_nobody_can_trade_without_fails_and_the_rest_warns(
    kind: OrderType, grade: Grade
) -> None:
    account = Account()
    account.refused.add(kind)
    (finding,) = [each for each in sung(account) if each.grade is not Grade.GOOD]
    assert (finding.grade, "-4120" in finding.text) == (grade, True)
    assert account.count("cancel") == 4, "a refusal may be wrong: it is cancelled all the same"


def test_an_order_that_the_stream_does_not_tell_of_is_found() -> None:
    found = sung(Account(is_telling=False))
    assert grades(found).count(Grade.BAD) == 2
    assert "the account's stream did not tell of it" in found[1].text


def test_without_a_stream_nothing_is_placed() -> None:
    account = Account()
    assert grades(sung(account, is_up=False)) == [Grade.BAD]
    assert account.sent == []


def test_an_order_that_cannot_be_cancelled_is_named_and_what_to_do() -> None:
    account = Account()
    account.keeps = True
    found = sung(account)
    assert Grade.GOOD not in grades(found[1:])
    left = found[-1].text
    assert all(request.client_order_id in left for request in account.sent)
    assert "botcore halt" in found[-1].remedy


def test_a_venue_that_cannot_be_asked_is_not_taken_for_an_empty_one() -> None:
    account = Account()
    account.keeps = True
    account.failures["open_orders"].extend(FetchError("no answer") for _ in range(20))
    found = sung(account)
    assert Grade.GOOD not in grades(found[1:])
    assert "could not be asked" in found[-1].text


def test_a_canary_of_an_earlier_look_is_found() -> None:
    account = Account()
    (request, *_) = requests(PRICE, RULES)
    old = accepted(replace(request, client_order_id=f"{PREFIX}old"), 7, 1)
    assert isinstance(old, OrderReport)
    account.orders.append(old)
    assert f"{PREFIX}old" in sung(account)[-1].text
