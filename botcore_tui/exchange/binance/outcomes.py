"""What is certain after a request that may change something; pure.

REJECTED and FAILED say that nothing was done. Whatever may have been done is UNKNOWN, and so is
everything that Binance has not documented.

Source: Binance USD-M futures, "General Info" HTTP return codes and "Error Codes" (2026-05).
"""

from typing import Final

from botcore_tui.model.order import Outcome

NO_SUCH_ORDER: Final = -2013
"""The order does not exist, or is not visible yet."""
WRONG_TIME: Final = -1021
"""The timestamp is too old or from the future."""
LISTEN_KEY_GONE: Final = -1125

_UNKNOWN: Final = frozenset({-1000, -1006, -1007})
_FAILED: Final = frozenset({-1001, -1003, -1008, -1015, -1021, -5028})
_FAILED_5XX: Final = frozenset({-1001, -1008})
_DUPLICATE_ID: Final = -4116
_UNAVAILABLE: Final = "service unavailable."
_BUSY: Final = frozenset({418, 429})
_FIREWALL: Final = 403


def outcome_of(status: int, code: int, message: str) -> Outcome:
    """What a reply other than the expected one says of the request.

    Args:
        status: HTTP status.
        code: Binance's number; 0 if it gave none.
        message: Binance's words, or the body where it was no JSON.
    """
    if status >= 500:
        is_known = code in _FAILED_5XX or (
            not code and message.strip().lower().startswith(_UNAVAILABLE)
        )
        return Outcome.FAILED if is_known else Outcome.UNKNOWN
    if status < 400 or status == 408 or code in _UNKNOWN:
        return Outcome.UNKNOWN
    if code == _DUPLICATE_ID:
        # The venue has an order of that id: ours was sent once, so it is the one that arrived.
        return Outcome.UNKNOWN
    if code in _FAILED or status in _BUSY:
        return Outcome.FAILED
    if status == _FIREWALL and not code:
        return Outcome.FAILED  # The web firewall, which stands before the venue.
    return Outcome.REJECTED


def explain(code: int) -> str:
    """What a person can do about a refusal; empty where the venue's own words say it."""
    return _REMEDIES.get(code, "")


_KEY_REMEDY: Final = (
    "the key is refused: is it of this environment, of this address, and allowed to trade futures?"
)
_LIMIT_REMEDY: Final = "too many requests; they go on by themselves when the venue allows it"
_RESTRICTED: Final = "the venue allows only reducing orders on this account or symbol"
_REMEDIES: Final = {
    -1003: _LIMIT_REMEDY,
    -1008: "the venue sheds load; reducing orders and cancels still pass",
    -1015: "too many orders in this window; wait some seconds",
    -1021: "the two clocks differ; they are compared again before the next request",
    -1022: "the signature is wrong: key and secret do not belong together",
    -2008: _KEY_REMEDY,
    -2011: "the order has ended already, or was triggered; it is asked for",
    -2014: _KEY_REMEDY,
    -2015: _KEY_REMEDY,
    -2017: "the venue has locked the API keys of this account: see there why",
    -2018: "not enough money in the futures wallet",
    -2019: "not enough margin: lower the quantity, or the exposure",
    -2021: "the price has passed this trigger already",
    -2022: "there is no position that it could reduce, or other orders reduce it already",
    -2023: "the account is being liquidated",
    -2025: "too many open orders",
    -2027: "the position would be above the maximum at this leverage",
    -2028: "the leverage is too small for the margin balance",
    -4016: "the price is too far above the mark price",
    -4024: "the price is too far below the mark price",
    -4045: "too many conditional orders: 200 on the account at once",
    -4061: "the account is in hedge mode; set it to one-way mode",
    -4087: _RESTRICTED,
    -4088: _RESTRICTED,
    -4105: _RESTRICTED,
    -4106: _RESTRICTED,
    -4107: _RESTRICTED,
    -4118: "resting reducing orders cover the position already; cancel them first",
    -4120: "conditional orders go to the algo service",
    -4130: "there is a stop of this form already; the other form is taken",
    -4131: "the book is too thin: the best price is too far from the mark price",
    -4140: "the contract takes no new positions now",
    -4141: "the contract is closed",
    -4164: "too small; only reducing orders may be below the minimum notional",
    -4189: _RESTRICTED,
    -4192: "cooling-off period of the account",
    -4400: _RESTRICTED,
    -4401: _RESTRICTED,
    -5021: "it could not be filled at once and in full",
    -5022: "it would have executed at once; post-only orders must rest",
}
