"""What the embedded exchange really has: a summary for people, a fingerprint for tests."""

import hashlib

import msgspec

from botcore_tui.exchange.sim.account import Account, Position
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.money import money_text
from botcore_tui.exchange.sim.orders import AlgoOrder, Order
from botcore_tui.exchange.sim.streams import Hub
from botcore_tui.exchange.sim.venue import Venue


def summary(venue: Venue, hub: Hub) -> dict[str, object]:
    """Account, orders, markets and connections; fit for JSON.

    ``imbalance`` is what was made or lost over all accounts: zero, or the exchange is broken.
    """
    floor = venue.floor
    account = floor.account
    return {
        "time_ms": floor.now_ms,
        "wallet": money_text(account.wallet),
        "positions": [
            _position(held, floor.markets[symbol])
            for symbol, held in account.positions.items()
            if held.lots
        ],
        "open_orders": [_order(order) for order in floor.orders.open()],
        "open_algo_orders": [_algo(algo) for algo in floor.algos.open()],
        "fills": len(account.fills),
        "insurance": money_text(floor.house.insurance),
        "imbalance": floor.house.imbalance([account]),
        "markets": [_market(market) for market in floor.markets.values()],
        "connections": [
            {
                "route": session.route,
                "combined": session.is_combined,
                "half_open": session.is_mute,
                "streams": list(session.names),
            }
            for session in hub.sessions
        ],
    }


def _position(held: Position, market: SymbolMarket) -> dict[str, object]:
    return {
        "symbol": held.contract.symbol,
        "quantity": held.contract.quantity_text(held.lots),
        "entry": money_text(held.entry),
        "unrealized": money_text(held.unrealized(market.mark)),
        "leverage": held.leverage,
        "isolated": held.is_isolated,
    }


def _order(order: Order) -> dict[str, object]:
    contract = order.contract
    return {
        "order_id": order.order_id,
        "client_id": order.client_id,
        "symbol": contract.symbol,
        "side": order.side,
        "type": order.type,
        "price": contract.price_text(order.ticks),
        "quantity": contract.quantity_text(order.lots),
        "executed": contract.quantity_text(order.executed),
        "reduce_only": order.reduce_only,
    }


def _algo(algo: AlgoOrder) -> dict[str, object]:
    contract, ticket = algo.contract, algo.ticket
    return {
        "algo_id": algo.algo_id,
        "client_id": algo.client_id,
        "symbol": contract.symbol,
        "side": ticket.side,
        "type": ticket.type,
        "trigger": contract.price_text(ticket.trigger_ticks),
        "quantity": contract.quantity_text(ticket.lots),
        "close_position": ticket.close_position,
    }


def _market(market: SymbolMarket) -> dict[str, object]:
    contract, book = market.contract, market.book
    return {
        "symbol": contract.symbol,
        "status": contract.status,
        "bid": contract.price_text(book.bids.best or 0),
        "ask": contract.price_text(book.asks.best or 0),
        "last": contract.price_text(market.last_ticks),
        "mark": money_text(market.mark),
        "update_id": market.update_id,
    }


def fingerprint(venue: Venue) -> str:
    """SHA-256 over account, orders, books and trades, in hex."""
    floor = venue.floor
    everything = [
        floor.now_ms,
        _account(floor.account),
        _account(floor.house.crowd),
        [floor.house.insurance, floor.house.outside],
        [_ledger(order) for order in floor.orders],
        [msgspec.to_builtins(algo.ticket) for algo in floor.algos],
        [[algo.algo_id, algo.status, algo.updated_ms, algo.extreme] for algo in floor.algos],
        [_books(market) for market in floor.markets.values()],
    ]
    return hashlib.sha256(msgspec.json.encode(everything)).hexdigest()


def _account(account: Account) -> list[object]:
    positions = [
        [symbol, held.lots, held.cost, held.paid, held.leverage, held.isolated_wallet]
        for symbol, held in account.positions.items()
    ]
    incomes = msgspec.to_builtins(account.incomes)
    fills = [[fill.trade_id, fill.ticks, fill.lots, fill.fee] for fill in account.fills]
    return [account.wallet, positions, incomes, fills]


def _ledger(order: Order) -> list[object]:
    return [
        order.order_id,
        order.client_id,
        order.contract.symbol,
        order.side,
        order.type,
        order.lots,
        order.ticks,
        order.status,
        order.executed,
        order.quote,
        order.updated_ms,
        order.ending,
    ]


def _books(market: SymbolMarket) -> list[object]:
    book = market.book
    return [
        market.contract.symbol,
        market.contract.status,
        market.update_id,
        sorted(book.bids.levels.items()),
        sorted(book.asks.levels.items()),
        market.log.last_id,
        market.last_ticks,
        market.mark,
        market.index,
        market.funding_rate,
    ]
