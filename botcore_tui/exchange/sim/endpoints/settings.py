"""Settings of the account, and its listen key.

Source: Binance USD-M futures REST, pages of trade, account and user data streams (2026-05).
"""

from decimal import Decimal
from typing import Final, NoReturn

from botcore_tui.exchange.sim.endpoints.endpoint import Call, Endpoint, Security
from botcore_tui.exchange.sim.endpoints.tickets import check_one_way
from botcore_tui.exchange.sim.order_views import View
from botcore_tui.exchange.sim.parameters import scaled
from botcore_tui.exchange.sim.refusals import RefusalError

_MARGIN_TYPES: Final = {"ISOLATED": True, "CROSSED": False}
_ADD: Final = 1
_REDUCE: Final = 2
_DONE: Final[View] = {"code": 200, "msg": "success"}


def set_leverage(call: Call) -> View:
    """``POST leverage``."""
    symbol = call.contract().symbol
    leverage = call.parameters.required_integer("leverage")
    largest = call.venue.settings.set_leverage(symbol, leverage)
    return {"symbol": symbol, "leverage": leverage, "maxNotionalValue": str(largest)}


def set_margin_type(call: Call) -> View:
    """``POST marginType``."""
    symbol = call.contract().symbol
    is_isolated = _MARGIN_TYPES.get(call.parameters.required("marginType"))
    if is_isolated is None:
        raise RefusalError(-1130, "marginType")
    call.venue.settings.set_margin_type(symbol, is_isolated=is_isolated)
    return dict(_DONE)


def get_mode(call: Call) -> View:
    """``GET positionSide/dual``."""
    return {"dualSidePosition": call.venue.floor.account.is_dual}


def set_mode(call: Call) -> NoReturn:
    """``POST positionSide/dual``: refused, only one-way mode is offered."""
    call.venue.settings.set_dual(is_dual=call.parameters.required_flag("dualSidePosition"))


def get_multi_assets(call: Call) -> View:
    """``GET multiAssetsMargin``."""
    return {"multiAssetsMargin": call.venue.floor.account.multi_assets}


def set_multi_assets(call: Call) -> NoReturn:
    """``POST multiAssetsMargin``: refused, only single-asset mode is offered."""
    is_on = call.parameters.required_flag("multiAssetsMargin")
    call.venue.settings.set_multi_assets(is_on=is_on)


def move_margin(call: Call) -> View:
    """``POST positionMargin``."""
    symbol = call.contract().symbol
    check_one_way(call.parameters)
    text = call.parameters.required_decimal("amount")
    kind = call.parameters.required_integer("type")
    if kind not in {_ADD, _REDUCE}:
        raise RefusalError(-1130, "type")
    amount = scaled(text, 8)
    if amount is None:
        raise RefusalError(-1111)
    call.venue.settings.move_margin(symbol, amount, is_added=kind == _ADD)
    return {
        "amount": float(Decimal(text)),
        "code": 200,
        "msg": "Successfully modify position margin.",
        "type": kind,
    }


def get_fee_burn(call: Call) -> View:
    """``GET feeBurn``."""
    return {"feeBurn": call.backend.fee_burn}


def set_fee_burn(call: Call) -> View:
    """``POST feeBurn``."""
    call.backend.fee_burn = call.parameters.required_flag("feeBurn")
    return dict(_DONE)


def obtain_listen_key(call: Call) -> View:
    """``POST listenKey``."""
    return {"listenKey": call.backend.listen_keys.obtain()}


def extend_listen_key(call: Call) -> View:
    """``PUT listenKey``."""
    _check_listen_key(call)
    return {"listenKey": call.backend.listen_keys.extend()}


def end_listen_key(call: Call) -> View:
    """``DELETE listenKey``: for every process that listens with it."""
    _check_listen_key(call)
    call.backend.listen_keys.end()
    return {}


def _check_listen_key(call: Call) -> None:
    # Here it need not be sent (User Data Streams); clients that do mean that one.
    key = call.parameters.text("listenKey")
    if key and key != call.backend.listen_keys.current:
        raise RefusalError(-1125)


_SIGNED: Final = Security.SIGNED
_KEY: Final = Security.KEY

ENDPOINTS: Final = (
    Endpoint("POST", "/fapi/v1/leverage", set_leverage, 1, _SIGNED),
    Endpoint("POST", "/fapi/v1/marginType", set_margin_type, 1, _SIGNED),
    Endpoint("GET", "/fapi/v1/positionSide/dual", get_mode, 30, _SIGNED),
    Endpoint("POST", "/fapi/v1/positionSide/dual", set_mode, 1, _SIGNED),
    Endpoint("GET", "/fapi/v1/multiAssetsMargin", get_multi_assets, 30, _SIGNED),
    Endpoint("POST", "/fapi/v1/multiAssetsMargin", set_multi_assets, 1, _SIGNED),
    Endpoint("POST", "/fapi/v1/positionMargin", move_margin, 1, _SIGNED),
    Endpoint("GET", "/fapi/v1/feeBurn", get_fee_burn, 30, _SIGNED),
    Endpoint("POST", "/fapi/v1/feeBurn", set_fee_burn, 1, _SIGNED),
    Endpoint("POST", "/fapi/v1/listenKey", obtain_listen_key, 1, _KEY),
    Endpoint("PUT", "/fapi/v1/listenKey", extend_listen_key, 1, _KEY),
    Endpoint("DELETE", "/fapi/v1/listenKey", end_listen_key, 1, _KEY),
)
