"""From the words and numbers of a request to an order as the venue takes it.

Source: Binance USD-M futures, "New Order", "New Algo Order" and "Error Codes" (2026-05).
"""

import re
from typing import Final

from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.orders import (
    CONDITIONAL,
    AlgoTicket,
    OrderType,
    SelfTrade,
    Ticket,
    TimeInForce,
    WorkingType,
)
from botcore_tui.exchange.sim.parameters import Parameters, scaled
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.model.market import Side
from botcore_tui.model.order import LEAST_TRAIL_PCT, MOST_TRAIL_PCT

_is_client_id: Final = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}", re.ASCII).fullmatch
_MOST_CLIENT_ID: Final = 36
_ID_TOO_LONG: Final = "Client order id length should not be more than 36 chars"
_LAST_DATE_MS: Final = 253_402_300_799_000
_CALLBACKS: Final = range(int(LEAST_TRAIL_PCT * 10**6), int(MOST_TRAIL_PCT * 10**6) + 1)
"""10**-8."""
_WITH_PRICE: Final = frozenset({OrderType.LIMIT, OrderType.STOP, OrderType.TAKE_PROFIT})
_PRICE_MATCHES: Final = frozenset(
    f"{queue}{depth}" for queue in ("OPPONENT", "QUEUE") for depth in ("", "_5", "_10", "_20")
)
_OF_CONDITIONAL: Final = ("stopPrice", "callbackRate", "activationPrice")


def order_ticket(contract: Contract, parameters: Parameters) -> Ticket:
    """What ``POST order`` asks for.

    Raises:
        RefusalError: It asks for nothing that there is.
    """
    side = parameters.required_word("side", Side, -1117)
    kind = parameters.required_word("type", OrderType, -1116)
    check_one_way(parameters)
    if kind in CONDITIONAL:
        raise RefusalError(-4120)
    if kind is OrderType.LIQUIDATION:
        raise RefusalError(-1116)
    if parameters.flag("closePosition"):
        raise RefusalError(-4136, kind, "true")
    _check_price_match(parameters, kind)
    _refuse_sent(parameters, _OF_CONDITIONAL)
    time_in_force, ticks = TimeInForce.GTC, 0
    if kind is OrderType.LIMIT:
        time_in_force = parameters.required_word("timeInForce", TimeInForce, -1115)
        if time_in_force is TimeInForce.GTE_GTC:
            raise RefusalError(-1115)
        ticks = _ticks(contract, parameters.required_decimal("price"))
    else:
        _refuse_sent(parameters, ("timeInForce", "price"))
    return Ticket(
        side=side,
        type=kind,
        lots=_lots(contract, parameters.required_decimal("quantity")),
        ticks=ticks,
        time_in_force=time_in_force,
        client_id=client_id(parameters, "newClientOrderId"),
        reduce_only=parameters.flag("reduceOnly"),
        self_trade=_self_trade(parameters),
        good_till_ms=_good_till(parameters, time_in_force),
    )


def amendment(contract: Contract, parameters: Parameters) -> tuple[Side, int, int]:
    """Side, lots and ticks that ``PUT order`` asks for."""
    side = parameters.required_word("side", Side, -1117)
    check_one_way(parameters)
    _check_price_match(parameters, OrderType.LIMIT)
    lots = _lots(contract, parameters.required_decimal("quantity"))
    return side, lots, _ticks(contract, parameters.required_decimal("price"))


def algo_ticket(contract: Contract, parameters: Parameters) -> AlgoTicket:
    """What ``POST algoOrder`` asks for.

    Raises:
        RefusalError: It asks for nothing that there is.
    """
    if parameters.required("algoType") != "CONDITIONAL":
        raise RefusalError(-1130, "algoType")
    side = parameters.required_word("side", Side, -1117)
    kind = parameters.required_word("type", OrderType, -1116)
    check_one_way(parameters)
    if kind not in CONDITIONAL:
        raise RefusalError(-1116)
    _check_price_match(parameters, kind)
    closes = parameters.flag("closePosition")
    time_in_force = parameters.word("timeInForce", TimeInForce, -1115) or TimeInForce.GTC
    if closes:
        # Shown so whatever was sent (ALGO_UPDATE of the test network, 2026-09): it can only reduce,
        # and is good till its position ends.
        time_in_force = TimeInForce.GTE_GTC
    trigger, activate, callback = _trigger(contract, parameters, kind)
    return AlgoTicket(
        side=side,
        type=kind,
        lots=_algo_lots(contract, parameters, closes=closes),
        ticks=_algo_ticks(contract, parameters, kind),
        trigger_ticks=trigger,
        activate_ticks=activate,
        callback=callback,
        time_in_force=time_in_force,
        client_id=client_id(parameters, "clientAlgoId"),
        reduce_only=closes or parameters.flag("reduceOnly"),
        close_position=closes,
        working_type=parameters.word(
            "workingType", WorkingType, -4031, parameters.text("workingType")
        )
        or WorkingType.CONTRACT_PRICE,
        price_protect=parameters.flag("priceProtect"),
        self_trade=_self_trade(parameters),
        good_till_ms=_good_till(parameters, time_in_force),
    )


def check_one_way(parameters: Parameters) -> None:
    """Refuse sides of positions that one-way mode does not have."""
    side = parameters.text("positionSide", "BOTH")
    if side in {"LONG", "SHORT"}:
        raise RefusalError(-4061)
    if side != "BOTH":
        raise RefusalError(-4060)


def client_id(parameters: Parameters, name: str) -> str:
    """The client's id of an order; empty where it leaves that to the venue."""
    value = parameters.text(name)
    if value and _is_client_id(value) is None:
        too_long = len(value) > _MOST_CLIENT_ID
        raise RefusalError(-4015, message=_ID_TOO_LONG if too_long else "")
    return value


def _trigger(contract: Contract, parameters: Parameters, kind: OrderType) -> tuple[int, int, int]:
    if kind is not OrderType.TRAILING_STOP_MARKET:
        _refuse_sent(parameters, ("callbackRate", "activatePrice"))
        return _ticks(contract, parameters.required_decimal("triggerPrice")), 0, 0
    _refuse_sent(parameters, ("triggerPrice",))
    callback = scaled(parameters.required_decimal("callbackRate"), 6)
    if callback is None or callback not in _CALLBACKS:
        raise RefusalError(-1130, "callbackRate")
    activate = parameters.decimal("activatePrice")
    if not activate:
        return 0, 0, callback
    ticks = _ticks(contract, activate)
    if not 0 < ticks <= contract.max_price:
        raise RefusalError(-4135)
    return 0, ticks, callback


def _algo_lots(contract: Contract, parameters: Parameters, *, closes: bool) -> int:
    if not closes:
        return _lots(contract, parameters.required_decimal("quantity"))
    if scaled(parameters.decimal("quantity") or "0", contract.quantity_decimals) != 0:
        raise RefusalError(-4137)
    _refuse_sent(parameters, ("reduceOnly",))
    return 0


def _algo_ticks(contract: Contract, parameters: Parameters, kind: OrderType) -> int:
    if kind in _WITH_PRICE:
        return _ticks(contract, parameters.required_decimal("price"))
    _refuse_sent(parameters, ("price",))
    return 0


def _check_price_match(parameters: Parameters, kind: OrderType) -> None:
    # The page offers it for three types; this venue for none, and says so with the page's words
    # for what is not supported rather than by working the order at another price.
    match = parameters.text("priceMatch", "NONE")
    if match == "NONE":
        return
    if match not in _PRICE_MATCHES:
        raise RefusalError(-5037)
    if kind not in _WITH_PRICE:
        raise RefusalError(-5038)
    raise RefusalError(-1020)


def _refuse_sent(parameters: Parameters, names: tuple[str, ...]) -> None:
    for name in names:
        if parameters.has(name):
            # The venue writes this one in lower case (ccxt and freqtrade issues quote it).
            raise RefusalError(-1106, "reduceonly" if name == "reduceOnly" else name)


def _self_trade(parameters: Parameters) -> SelfTrade:
    mode = parameters.word("selfTradePreventionMode", SelfTrade, -5039)
    return mode or SelfTrade.EXPIRE_MAKER


def _good_till(parameters: Parameters, time_in_force: TimeInForce) -> int:
    if time_in_force is not TimeInForce.GTD:
        _refuse_sent(parameters, ("goodTillDate",))
        return 0
    date_ms = parameters.required_integer("goodTillDate")
    if date_ms >= _LAST_DATE_MS:
        raise RefusalError(-5040)
    # Only whole seconds are kept (New Order).
    return date_ms // 1_000 * 1_000


def _ticks(contract: Contract, price: str) -> int:
    units = _units(price, contract.price_decimals)
    return _whole(units, contract.tick, contract.tick_multiple, (-4013, -4014))


def _lots(contract: Contract, quantity: str) -> int:
    units = _units(quantity, contract.quantity_decimals)
    return _whole(units, contract.step, contract.step_multiple, (-4004, -4023))


def _units(text: str, decimals: int) -> int:
    units = scaled(text, decimals)
    if units is None:
        raise RefusalError(-1111)
    return units


def _whole(units: int, step: int, multiple: int, codes: tuple[int, int]) -> int:
    """Steps in a number of units; ``codes`` refuse less than the least, and what is between two."""
    steps, rest = divmod(units, step)
    if rest or steps % multiple:
        raise RefusalError(codes[0] if 0 < units < step * multiple else codes[1])
    return steps
