"""Positions of the account as the venue's replies show them.

Source: Binance USD-M futures REST, "Position Information" V2 and V3 and "Account Information" V2
and V3 (2026-05), and the models of its SDK 18.0.1.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from botcore_tui.exchange.sim.account import Account, Position
from botcore_tui.exchange.sim.contracts import RATE, Contract
from botcore_tui.exchange.sim.margin import (
    NO_ORDERS,
    Exposure,
    Totals,
    break_even,
    initial,
    liquidation_price,
    maintenance,
    max_notional,
    order_initial,
    totals,
)
from botcore_tui.exchange.sim.money import money_text, scaled_text
from botcore_tui.exchange.sim.order_views import View

ASSET: Final = "USDT"
_ADL_STEPS: Final = (10_000_000, 50_000_000, 100_000_000)
"""Return on the margin of a position from which its ADL quantile is 2, 3 and 4, 10**-8."""


class Statement(Struct, frozen=True):
    """An account at one moment, with the prices and orders that its margins depend on."""

    account: Account
    marks: Mapping[str, int]
    """Mark price by symbol, atoms."""
    exposures: Mapping[str, Exposure]
    """Worth of open orders, of symbols that have any."""
    busy: frozenset[str]
    """Symbols with open orders."""

    def totals(self) -> Totals:
        """The account in figures."""
        return totals(self.account, self.marks, self.exposures)

    def exposure(self, symbol: str) -> Exposure:
        """Open orders of a symbol."""
        return self.exposures.get(symbol, NO_ORDERS)

    def shown(self) -> list[Position]:
        """Positions that are held or have open orders, by symbol."""
        return [
            held
            for symbol, held in sorted(self.account.positions.items())
            if held.lots or symbol in self.busy
        ]


def price_text(atoms: int) -> str:
    """A price that is no whole number of ticks, with no more digits than it needs."""
    text = scaled_text(atoms, 8).rstrip("0")
    return text + "0" if text.endswith(".") else text


def adl_quantile(held: Position, mark: int) -> int:
    """How soon a position would be closed against somebody's bankruptcy, 0 to 4.

    The venue ranks profit and leverage among all its customers. Here others are one account, so
    the steps are fixed ones.
    """
    if not held.lots:
        return 0
    profit = held.unrealized(mark)
    if profit <= 0:
        return 1
    margin = max(1, initial(held, mark))
    gain = profit * RATE // margin
    return 1 + sum(gain >= step for step in _ADL_STEPS)


def risk_v3(statement: Statement, held: Position) -> View:
    """A row of ``GET /fapi/v3/positionRisk``; leverage and margin type are in `symbol_config`."""
    figures = _figures(statement, held)
    contract = held.contract
    exposure = statement.exposure(contract.symbol)
    mark = statement.marks[contract.symbol]
    liquidation = liquidation_price(statement.account, contract.symbol, statement.marks)
    return {
        "symbol": contract.symbol,
        "positionSide": "BOTH",
        "positionAmt": figures.amount,
        "entryPrice": price_text(held.entry),
        "breakEvenPrice": price_text(break_even(held)),
        "markPrice": money_text(mark),
        "unRealizedProfit": figures.profit,
        "liquidationPrice": money_text(liquidation) if liquidation else "0",
        "isolatedMargin": figures.isolated_margin,
        "notional": figures.notional,
        "marginAsset": ASSET,
        "isolatedWallet": figures.isolated_wallet,
        "initialMargin": figures.both_initial,
        "maintMargin": figures.maintenance,
        "positionInitialMargin": figures.initial,
        "openOrderInitialMargin": figures.orders_initial,
        "adl": adl_quantile(held, mark),
        "bidNotional": money_text(exposure.bids),
        "askNotional": money_text(exposure.asks),
        "updateTime": held.updated_ms,
    }


def risk_v2(statement: Statement, contract: Contract) -> View:
    """A row of ``GET /fapi/v2/positionRisk``."""
    held = statement.account.positions.get(contract.symbol) or Position(contract=contract)
    figures = _figures(statement, held)
    liquidation = liquidation_price(statement.account, contract.symbol, statement.marks)
    return {
        "symbol": contract.symbol,
        "positionAmt": figures.amount,
        "entryPrice": price_text(held.entry),
        "breakEvenPrice": price_text(break_even(held)),
        "markPrice": money_text(statement.marks[contract.symbol]),
        "unRealizedProfit": figures.profit,
        "liquidationPrice": money_text(liquidation) if liquidation else "0",
        "leverage": str(held.leverage),
        "maxNotionalValue": str(max_notional(contract, held.leverage)),
        "marginType": "isolated" if held.is_isolated else "cross",
        "isolatedMargin": figures.isolated_margin,
        "isAutoAddMargin": "false",
        "positionSide": "BOTH",
        "notional": figures.notional,
        "isolatedWallet": figures.isolated_wallet,
        "updateTime": held.updated_ms,
    }


def symbol_config(account: Account, contract: Contract) -> View:
    """A row of ``GET symbolConfig``."""
    held = account.positions.get(contract.symbol) or Position(contract=contract)
    return {
        "symbol": contract.symbol,
        "marginType": "ISOLATED" if held.is_isolated else "CROSSED",
        "isAutoAddMargin": False,
        "leverage": held.leverage,
        "maxNotionalValue": str(max_notional(contract, held.leverage)),
    }


def adl_row(held: Position, mark: int) -> View:
    """A row of ``GET adlQuantile``, one-way mode."""
    level = adl_quantile(held, mark)
    return {
        "symbol": held.contract.symbol,
        "adlQuantile": {
            "LONG": level if held.lots > 0 else 0,
            "SHORT": level if held.lots < 0 else 0,
            "BOTH": level,
        },
    }


def account_row_v3(statement: Statement, held: Position) -> View:
    """A position of ``GET /fapi/v3/account``."""
    figures = _figures(statement, held)
    return {
        "symbol": held.contract.symbol,
        "positionSide": "BOTH",
        "positionAmt": figures.amount,
        "unrealizedProfit": figures.profit,
        "isolatedMargin": figures.isolated_margin,
        "notional": figures.notional,
        "isolatedWallet": figures.isolated_wallet,
        "initialMargin": figures.both_initial,
        "maintMargin": figures.maintenance,
        "updateTime": held.updated_ms,
    }


def account_row_v2(statement: Statement, held: Position) -> View:
    """A position of ``GET /fapi/v2/account``."""
    figures = _figures(statement, held)
    contract = held.contract
    exposure = statement.exposure(contract.symbol)
    return {
        "symbol": contract.symbol,
        "initialMargin": figures.both_initial,
        "maintMargin": figures.maintenance,
        "unrealizedProfit": figures.profit,
        "positionInitialMargin": figures.initial,
        "openOrderInitialMargin": figures.orders_initial,
        "leverage": str(held.leverage),
        "isolated": held.is_isolated,
        "entryPrice": price_text(held.entry),
        "breakEvenPrice": price_text(break_even(held)),
        "maxNotional": str(max_notional(contract, held.leverage)),
        "bidNotional": money_text(exposure.bids),
        "askNotional": money_text(exposure.asks),
        "positionSide": "BOTH",
        "positionAmt": figures.amount,
        "updateTime": held.updated_ms,
        "notional": figures.notional,
        "isolatedWallet": figures.isolated_wallet,
    }


class _Figures(Struct, frozen=True):
    """What position views have in common, as texts."""

    amount: str
    profit: str
    isolated_margin: str
    isolated_wallet: str
    notional: str
    initial: str
    orders_initial: str
    both_initial: str
    maintenance: str


def _figures(statement: Statement, held: Position) -> _Figures:
    symbol = held.contract.symbol
    mark = statement.marks[symbol]
    bound = initial(held, mark)
    orders = order_initial(held, mark, statement.exposure(symbol))
    profit = held.unrealized(mark)
    return _Figures(
        amount=held.contract.quantity_text(held.lots),
        profit=money_text(profit),
        isolated_margin=money_text(held.isolated_wallet + profit if held.is_isolated else 0),
        isolated_wallet=money_text(held.isolated_wallet),
        notional=money_text(held.worth(mark)),
        initial=money_text(bound),
        orders_initial=money_text(orders),
        both_initial=money_text(bound + orders),
        maintenance=money_text(maintenance(held, mark)),
    )
