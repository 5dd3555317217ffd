"""Contracts are set to no more leverage than is planned; what is lower stays."""

import pytest
from fake_account import FakeAccount
from virtual_time import VirtualTime

from botcore_tui.engine.leverages import lower_leverages
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError
from botcore_tui.model.account import LeverageChange
from botcore_tui.model.order import Outcome

SYMBOLS = ("BTCUSDT", "ETHUSDT")


def lowered(account: FakeAccount, most: int = 3) -> list[LeverageChange]:
    time, told = VirtualTime(), list[LeverageChange]()

    async def main() -> None:
        await lower_leverages(account, SYMBOLS, most, told.append, time)

    time.run(main)
    return told


@pytest.mark.requirement("P13")
@pytest.mark.requirement("R28")
def test_followed_contracts_above_the_plan_are_lowered_and_told() -> None:
    account = FakeAccount()
    account.leverage_list = [
        LeverageChange("BTCUSDT", 20),
        LeverageChange("ETHUSDT", 2),
        LeverageChange("XRPUSDT", 20),
    ]
    told = lowered(account)
    assert [(one.symbol, one.leverage) for one in told] == [("BTCUSDT", 3)]
    assert account.count("set_leverage") == 1


@pytest.mark.requirement("P13")
def test_refusal_leaves_it_to_the_gate_and_no_answer_is_asked_for_again() -> None:
    account = FakeAccount()
    account.leverage_list = [LeverageChange("BTCUSDT", 20), LeverageChange("ETHUSDT", 20)]
    account.failures["leverages"].append(FetchError("timeout"))
    account.failures["set_leverage"].append(OrderError(Outcome.REJECTED, -4161, "position"))
    told = lowered(account)
    assert [one.symbol for one in told] == ["ETHUSDT"]
    assert account.count("leverages") == 2


@pytest.mark.requirement("P13")
@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.FAILED])
def test_one_without_an_answer_is_looked_at_and_asked_again(outcome: Outcome) -> None:
    account = FakeAccount()
    account.leverage_list = [LeverageChange("BTCUSDT", 20), LeverageChange("ETHUSDT", 20)]
    account.failures["set_leverage"].append(OrderError(outcome, 0, "HTTP 503"))
    assert sorted(one.symbol for one in lowered(account)) == ["BTCUSDT", "ETHUSDT"]


@pytest.mark.requirement("P13")
def test_refused_one_is_not_asked_again_beside_one_without_an_answer() -> None:
    account = FakeAccount()
    account.leverage_list = [LeverageChange("BTCUSDT", 20), LeverageChange("ETHUSDT", 20)]
    account.failures["set_leverage"] += [
        OrderError(Outcome.REJECTED, -4161, "position"),
        *(OrderError(Outcome.UNKNOWN, 0, "HTTP 503") for _ in range(9)),
    ]
    assert lowered(account) == []
    assert account.count("set_leverage") == 1 + 5
