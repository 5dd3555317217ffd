"""The user's events in the venue's shapes: orders, fills, balances, positions, settings.

Keys in the order of Binance USD-M futures, "User Data Streams" (2026-05), with the additions of
its change log: TRADE_LITE, ALGO_UPDATE, ``ia``, and ``S`` of funding. Zero is "0".
"""

from collections.abc import Sequence

from botcore_tui.exchange.sim.account import Position
from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.floor import Floor
from botcore_tui.exchange.sim.margin import break_even, maintenance
from botcore_tui.exchange.sim.money import money_text
from botcore_tui.exchange.sim.order_views import callback_text
from botcore_tui.exchange.sim.orders import AlgoOrder, Execution, Fill, Order, OrderType
from botcore_tui.exchange.sim.user_stream import UserStream


class UserFrames:
    """Writes what the venue tells a user, and sends it, if anybody listens.

    Args:
        stream: Way to those who listen.
        agenda: Time.

    Attributes:
        floor: Account, orders and markets that are told of; set before the first event.
    """

    floor: Floor

    def __init__(self, stream: UserStream, agenda: Agenda) -> None:
        self._stream = stream
        self._agenda = agenda
        self._realized: dict[str, int] = {}
        """Profit of all fills by symbol, before fees, atoms."""
        self._fills_noted = 0

    # --- orders ---------------------------------------------------------------------------------

    def order_updated(self, order: Order, execution: Execution, fill: Fill | None) -> None:
        """ORDER_TRADE_UPDATE."""
        self._note_fills()
        if self._stream.is_wanted:
            self._stream.send("ORDER_TRADE_UPDATE", self._order(order, execution, fill))

    def _note_fills(self) -> None:
        """Tell of fills as soon as anything is told that came of them: TRADE_LITE is the first."""
        fills, realized = self.floor.account.fills, self._realized
        for fill in fills[self._fills_noted :]:
            symbol = fill.order.contract.symbol
            realized[symbol] = realized.get(symbol, 0) + fill.realized
            if self._stream.is_wanted:
                self._stream.send("TRADE_LITE", self._trade_lite(fill.order, fill))
        self._fills_noted = len(fills)

    def _trade_lite(self, order: Order, fill: Fill) -> str:
        contract = order.contract
        return (
            f'{{"e":"TRADE_LITE","E":{self._agenda.now_ms},"T":{fill.time_ms},'
            f'"s":"{contract.symbol}","q":"{contract.quantity_text(order.lots)}",'
            f'"p":"{_price(order, order.ticks)}","m":{_flag(fill.is_maker)},'
            f'"c":"{order.client_id}","S":"{order.side}",'
            f'"L":"{contract.price_text(fill.ticks)}","l":"{contract.quantity_text(fill.lots)}",'
            f'"t":{fill.trade_id},"i":{order.order_id}}}'
        )

    def _order(self, order: Order, execution: Execution, fill: Fill | None) -> str:
        contract = order.contract
        exposure = self.floor.exposure(contract.symbol)
        average = contract.average_text(order.quote, order.executed) if order.executed else "0"
        is_forced = order.original_type is OrderType.LIQUIDATION
        return (
            f'{{"e":"ORDER_TRADE_UPDATE","E":{self._agenda.now_ms},"T":{order.updated_ms},"o":{{'
            f'"s":"{contract.symbol}","c":"{order.client_id}","S":"{order.side}",'
            f'"o":"{order.original_type if is_forced else order.type}","f":"{order.time_in_force}",'
            f'"q":"{_quantity(order, order.lots)}","p":"{_price(order, order.ticks)}",'
            f'"ap":"{average}","sp":"{_price(order, order.trigger_ticks)}",'
            f'"x":"{execution}","X":"{order.status}","i":{order.order_id},'
            f"{_fill_keys(order, fill)}"
            f'"b":"{_money(exposure.bids)}","a":"{_money(exposure.asks)}",'
            f'"m":{_flag(fill is not None and fill.is_maker)},"R":{_flag(order.reduce_only)},'
            f'"wt":"{order.working_type}","ot":"{order.original_type}","ps":"BOTH",'
            f'"cp":{_flag(order.close_position)},{self._trailing_keys(order)}'
            f'"pP":{_flag(order.price_protect)},"si":0,"ss":0,'
            f'"rp":"{_money(fill.realized if fill is not None else 0)}",'
            f'"V":"{order.self_trade}","pm":"NONE","gtd":{order.good_till_ms},'
            f'"er":"{order.ending}"}}}}'
        )

    def _trailing_keys(self, order: Order) -> str:
        algo = self.floor.algos.get(order.algo_id) if order.algo_id else None
        if algo is None or algo.ticket.type is not OrderType.TRAILING_STOP_MARKET:
            return '"AP":"0","cr":"0",'
        activation = _price(order, algo.ticket.activate_ticks)
        return f'"AP":"{activation}","cr":"{callback_text(algo.ticket.callback)}",'

    def algo_updated(self, algo: AlgoOrder) -> None:
        """ALGO_UPDATE."""
        if self._stream.is_wanted:
            self._stream.send("ALGO_UPDATE", self._algo(algo))

    def _algo(self, algo: AlgoOrder) -> str:
        contract, ticket, order = algo.contract, algo.ticket, algo.order
        price, quantity = contract.price_text, contract.quantity_text
        placed = "" if order is None else str(order.order_id)
        executed = 0 if order is None else order.executed
        average = contract.average_text(0 if order is None else order.quote, executed)
        return (
            f'{{"e":"ALGO_UPDATE","T":{algo.updated_ms},"E":{self._agenda.now_ms},"o":{{'
            f'"caid":"{algo.client_id}","aid":{algo.algo_id},"at":"CONDITIONAL",'
            f'"o":"{ticket.type}","s":"{contract.symbol}","S":"{ticket.side}","ps":"BOTH",'
            f'"f":"{ticket.time_in_force}","q":"{quantity(ticket.lots) if ticket.lots else 0}",'
            f'"X":"{algo.status}","ai":"{placed}","ap":"{average}",'
            f'"aq":"{quantity(executed) if executed else "0.00000"}",'
            f'"act":"{0 if order is None else order.type}",'
            f'"tp":"{price(ticket.trigger_ticks) if ticket.trigger_ticks else 0}",'
            f'"p":"{price(ticket.ticks) if ticket.ticks else 0}",'
            f'"V":"{ticket.self_trade}","wt":"{ticket.working_type}","pm":"NONE",'
            f'"cp":{_flag(ticket.close_position)},"pP":{_flag(ticket.price_protect)},'
            f'"R":{_flag(ticket.reduce_only)},"tt":{algo.triggered_ms},'
            f'"gtd":{ticket.good_till_ms},"rm":"{algo.reject_reason}",'
            f'"ia":{_flag(algo.is_active)}}}}}'
        )

    # --- the account ----------------------------------------------------------------------------

    def account_updated(
        self, reason: str, symbols: Sequence[str], *, has_balance: bool, change: int = 0
    ) -> None:
        """ACCOUNT_UPDATE: why, of which positions, with the balance or not.

        Args:
            reason: ``m`` of the event.
            symbols: Of the positions that changed.
            has_balance: Whether the balance is told.
            change: What it changed by other than by trading, atoms.
        """
        self._note_fills()
        if not self._stream.is_wanted:
            return
        positions = [self.floor.account.positions[symbol] for symbol in symbols]
        paid_for = ""
        if reason == "FUNDING_FEE":
            # Cross margin: only the balance is told (Binance, "Balance and Position Update").
            paid_for = f',"S":"{symbols[0]}"'
            positions = [held for held in positions if held.is_isolated]
        now_ms = self._agenda.now_ms
        self._stream.send(
            "ACCOUNT_UPDATE",
            f'{{"e":"ACCOUNT_UPDATE","E":{now_ms},"T":{now_ms},"a":{{"m":"{reason}",'
            f'"B":[{self._balance(change) if has_balance else ""}],'
            f'"P":[{",".join(map(self._position, positions))}]{paid_for}}}}}',
        )

    def _balance(self, change: int) -> str:
        account = self.floor.account
        return (
            f'{{"a":"USDT","wb":"{money_text(account.wallet)}",'
            f'"cw":"{money_text(account.cross_wallet)}","bc":"{_money(change)}"}}'
        )

    def _position(self, held: Position) -> str:
        contract = held.contract
        symbol = contract.symbol
        profit = held.unrealized(self.floor.markets[symbol].mark)
        wallet = money_text(held.isolated_wallet) if held.is_isolated else "0"
        return (
            f'{{"s":"{symbol}","pa":"{_signed(held)}",'
            f'"ep":"{contract.average_text(held.cost, held.lots)}",'
            f'"bep":"{_money(break_even(held))}","cr":"{_money(self._realized.get(symbol, 0))}",'
            f'"up":"{_money(profit)}","mt":"{"isolated" if held.is_isolated else "cross"}",'
            f'"iw":"{wallet}","ps":"BOTH"}}'
        )

    def leverage_updated(self, symbol: str, leverage: int) -> None:
        """ACCOUNT_CONFIG_UPDATE of a symbol."""
        if self._stream.is_wanted:
            now_ms = self._agenda.now_ms
            self._stream.send(
                "ACCOUNT_CONFIG_UPDATE",
                f'{{"e":"ACCOUNT_CONFIG_UPDATE","E":{now_ms},"T":{now_ms},'
                f'"ac":{{"s":"{symbol}","l":{leverage}}}}}',
            )

    def margin_called(self, symbols: Sequence[str]) -> None:
        """MARGIN_CALL of these positions."""
        if not self._stream.is_wanted:
            return
        called = ",".join(self._called(self.floor.account.positions[symbol]) for symbol in symbols)
        account = self.floor.account
        # The cross wallet is told of crossed positions only (User Data Streams, "Margin Call").
        is_isolated = all(account.positions[symbol].is_isolated for symbol in symbols)
        cross_wallet = "" if is_isolated else f'"cw":"{money_text(account.cross_wallet)}",'
        self._stream.send(
            "MARGIN_CALL",
            f'{{"e":"MARGIN_CALL","E":{self._agenda.now_ms},{cross_wallet}"p":[{called}]}}',
        )

    def _called(self, held: Position) -> str:
        symbol = held.contract.symbol
        mark = self.floor.markets[symbol].mark
        return (
            f'{{"s":"{symbol}","ps":"BOTH","pa":"{_signed(held)}",'
            f'"mt":"{"ISOLATED" if held.is_isolated else "CROSSED"}",'
            f'"iw":"{_money(held.isolated_wallet)}","mp":"{money_text(mark)}",'
            f'"up":"{_money(held.unrealized(mark))}","mm":"{_money(maintenance(held, mark))}"}}'
        )


def _fill_keys(order: Order, fill: Fill | None) -> str:
    contract = order.contract
    executed = _quantity(order, order.executed)
    if fill is None:
        return f'"l":"0","z":"{executed}","L":"0","N":"USDT","n":"0","T":{order.updated_ms},"t":0,'
    return (
        f'"l":"{contract.quantity_text(fill.lots)}","z":"{executed}",'
        f'"L":"{contract.price_text(fill.ticks)}","N":"USDT","n":"{_money(fill.fee)}",'
        f'"T":{fill.time_ms},"t":{fill.trade_id},'
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _money(value: int) -> str:
    return money_text(value) if value else "0"


def _price(order: Order, ticks: int) -> str:
    return order.contract.price_text(ticks) if ticks else "0"


def _quantity(order: Order, lots: int) -> str:
    return order.contract.quantity_text(lots) if lots else "0"


def _signed(held: Position) -> str:
    return held.contract.quantity_text(held.lots) if held.lots else "0"
