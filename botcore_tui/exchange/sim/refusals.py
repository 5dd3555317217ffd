"""What the venue says when it does not do what it is asked: its numbers, words and HTTP statuses.

Source: Binance USD-M futures, "Error Codes" (2026-05); where the page has a number without the
words that are really sent, the words that clients report.
"""

from typing import Final

MESSAGES: Final = {
    -1000: "An unknown error occured while processing the request.",
    -1001: "Internal error; unable to process your request. Please try again.",
    -1003: "Too many requests; current limit is %s requests per minute."
    " Please use the websocket for live updates to avoid polling the API.",
    -1006: "An unexpected response was received from the message bus. Execution status unknown.",
    -1007: "Timeout waiting for response from backend server."
    " Send status unknown; execution status unknown.",
    -1008: "Request throttled by system-level protection."
    " Reduce-only/close-position orders are exempt. Please try again.",
    -1015: "Too many new orders; current limit is %s orders per %s.",
    -1020: "This operation is not supported.",
    -1021: "Timestamp for this request is outside of the recvWindow.",
    -1022: "Signature for this request is not valid.",
    -1023: "Start time is greater than end time.",
    -1100: "Illegal characters found in parameter '%s'; legal range is '%s'.",
    -1101: "Duplicate values for parameter '%s'.",
    -1102: "Mandatory parameter '%s' was not sent, was empty/null, or malformed.",
    -1105: "Parameter '%s' was empty.",
    -1106: "Parameter '%s' sent when not required.",
    -1108: "Invalid asset.",
    -1111: "Precision is over the maximum defined for this asset.",
    -1112: "No orders on book for symbol.",
    -1114: "TimeInForce parameter sent when not required.",
    -1115: "Invalid timeInForce.",
    -1116: "Invalid orderType.",
    -1117: "Invalid side.",
    -1120: "Invalid interval.",
    -1121: "Invalid symbol.",
    -1122: "Invalid symbol status.",
    -1125: "This listenKey does not exist."
    " Please use `POST /fapi/v1/listenKey` to recreate `listenKey`",
    -1127: "More than %s hours between startTime and endTime.",
    -1128: "Combination of optional parameters invalid.",
    -1130: "Data sent for parameter '%s' is not valid.",
    -1136: "Invalid newOrderRespType.",
    -2011: "Unknown order sent.",
    -2013: "Order does not exist.",
    -2014: "API-key format invalid.",
    -2015: "Invalid API-key, IP, or permissions for action.",
    -2018: "Balance is insufficient.",
    -2019: "Margin is insufficient.",
    -2020: "Unable to fill.",
    -2021: "Order would immediately trigger.",
    -2022: "ReduceOnly Order is rejected.",
    -2023: "User in liquidation mode now.",
    -2025: "Reach max open order limit.",
    -2027: "Exceeded the maximum allowable position at current leverage.",
    -2028: "Leverage is smaller than permitted: insufficient margin balance.",
    -4001: "Price less than 0.",
    -4002: "Price greater than max price.",
    -4003: "Quantity less than or equal to zero.",
    -4004: "Quantity less than min quantity.",
    -4005: "Quantity greater than max quantity.",
    -4006: "Stop price less than zero.",
    -4007: "Stop price greater than max price.",
    -4013: "Price less than min price.",
    -4014: "Price not increased by tick size.",
    -4015: "Client order id is not valid.",
    -4016: "Limit price can't be higher than %s.",
    -4021: "'%s' is not valid depth limit.",
    -4023: "Qty not increased by step size.",
    -4024: "Limit price can't be lower than %s.",
    -4028: "Leverage %s is not valid",
    -4031: "Invalid parameter working type: %s",
    -4032: "Exceed maximum cancel order size.",
    -4045: "Reach max stop order limit.",
    -4046: "No need to change margin type.",
    -4047: "Margin type cannot be changed if there exists open orders.",
    -4048: "Margin type cannot be changed if there exists position.",
    -4049: "Add margin only support for isolated position.",
    -4050: "Cross balance insufficient.",
    -4051: "Isolated balance insufficient.",
    -4054: "Cannot add position margin: position is 0.",
    -4055: "Amount must be positive.",
    -4059: "No need to change position side.",
    -4060: "Invalid position side.",
    -4061: "Order's position side does not match user's setting.",
    -4062: "Invalid or improper reduceOnly value.",
    -4067: "Position side cannot be changed if there exists open orders.",
    -4068: "Position side cannot be changed if there exists position.",
    -4082: "Invalid number of batch place orders: %s",
    -4084: "Method is not allowed currently. Upcoming soon.",
    -4116: "ClientOrderId is duplicated.",
    -4117: "stop order is triggering",
    -4118: "ReduceOnly Order Failed. Please check your existing position and open orders",
    -4120: "Order type not supported for this endpoint."
    " Please use the Algo Order API endpoints instead.",
    -4130: "An open stop or take profit order with GTE and closePosition in the direction is"
    " existing.",
    -4131: "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
    -4135: "Invalid activation price",
    -4136: "Target strategy invalid for orderType %s,closePosition %s",
    -4137: "Quantity must be zero with closePosition equals true",
    -4140: "Invalid symbol status for opening position.",
    -4141: "Symbol is closed.",
    -4144: "Invalid pair",
    -4161: "Leverage reduction is not supported in Isolated Margin Mode with open positions.",
    -4164: "Order's notional must be no smaller than %s (unless you choose reduce only).",
    -4165: "Maximum time interval is %s days",
    -4171: "Adjusted asset mode is currently set and does not need to be adjusted repeatedly.",
    -4509: "Time in Force (TIF) GTE can only be used with open positions."
    " Please ensure that positions are available.",
    -5000: "Path %s, Method %s is invalid",
    -5021: "Due to the order could not be filled immediately, the FOK order has been rejected.",
    -5022: "Due to the order could not be executed as maker, the Post Only order will be rejected.",
    -5024: "Symbol is not in trading status. Order amendment is not permitted.",
    -5025: "Only limit order is supported.",
    -5026: "Exceed maximum modify order limit.",
    -5027: "No need to modify the order.",
    -5028: "Timestamp for this request is outside of the ME recvWindow.",
    -5037: "Invalid price match",
    -5038: "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT",
    -5039: "Invalid self trade prevention mode",
    -5040: "The goodTillDate timestamp must be greater than the current time plus 600 seconds and"
    " smaller than 253402300799000",
    -5041: "No depth matches this BBO order",
}
"""Words of a code; each ``%s`` is filled in order."""

_STATUSES: Final = {
    -1000: 503,
    -1001: 503,
    -1003: 429,
    -1006: 503,
    -1007: 408,
    -1008: 503,
    -1015: 429,
    -2014: 401,
    -2015: 401,
    -5000: 404,
}


class RefusalError(Exception):
    """The venue refuses; becomes the reply ``{"code": ..., "msg": ...}``.

    Args:
        code: The venue's number, such as -2019.
        details: Fill the ``%s`` of its message.
        message: Instead of the usual words.
        status: Instead of the usual HTTP status.
        retry_after_seconds: For the ``Retry-After`` header; 0 for none.
    """

    def __init__(
        self,
        code: int,
        *details: object,
        message: str = "",
        status: int = 0,
        retry_after_seconds: int = 0,
    ) -> None:
        self.code = code
        self.message = message or MESSAGES[code] % details
        self.status = status or _STATUSES.get(code, 400)
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"{self.message} ({code})")
