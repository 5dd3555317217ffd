"""What a reply proves: that nothing was done, or nothing."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.binance.outcomes import explain, outcome_of
from botcore_tui.model.order import Outcome

UNKNOWN_WORDS: Final = "Unknown error, please check your request or try again later."
FAILED_5XX: Final = frozenset({-1001, -1008})
EXECUTION_UNKNOWN: Final = frozenset({-1000, -1006, -1007, -4116})


@pytest.mark.requirement("F01")
@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (503, 0, UNKNOWN_WORDS),
        (503, -1000, UNKNOWN_WORDS),
        (503, -1006, "An unexpected response was received from the message bus."),
        (408, -1007, "Timeout waiting for response from backend server."),
        (400, -1007, "Timeout waiting for response from backend server."),
        (408, 0, "<html>408</html>"),
        (502, 0, "<html>Bad Gateway</html>"),
        (503, 0, "<html>503 Service Unavailable</html>"),
        (504, 0, ""),
        (500, -2019, "Margin is insufficient."),
        (503, -1003, "Too many requests."),
        (200, 0, ""),
        (302, 0, ""),
        (400, -4116, "ClientOrderId is duplicated."),
    ],
)
def test_order_that_may_have_been_placed_is_unknown(status: int, code: int, message: str) -> None:
    assert outcome_of(status, code, message) is Outcome.UNKNOWN


@pytest.mark.requirement("F02")
@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (503, 0, "Service Unavailable."),
        (503, -1001, "Internal error; unable to process your request. Please try again."),
        (503, -1008, "Request throttled by system-level protection."),
        (429, -1003, "Too many requests."),
        (418, -1003, "Way too many requests; IP banned until 1."),
        (429, 0, "<html>slow</html>"),
        (429, -1015, "Too many new orders."),
        (400, -1021, "Timestamp for this request is outside of the recvWindow."),
        (400, -5028, "Timestamp for this request is outside of the ME recvWindow."),
        (403, 0, "<html>forbidden</html>"),
    ],
)
def test_order_that_was_certainly_not_placed_may_be_asked_for_again(
    status: int, code: int, message: str
) -> None:
    assert outcome_of(status, code, message) is Outcome.FAILED


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, -1102),
        (400, -1111),
        (400, -2010),
        (400, -2011),
        (400, -2013),
        (400, -2019),
        (400, -2021),
        (400, -2022),
        (400, -4120),
        (400, -4164),
        (400, -5022),
        (401, -2014),
        (401, -2015),
        (400, -1022),
        (400, -987_654),
        (404, -5000),
        (404, 0),
        (403, -2015),
    ],
)
def test_refusal_is_a_rejection(status: int, code: int) -> None:
    assert outcome_of(status, code, "refused") is Outcome.REJECTED


@pytest.mark.requirement("F01")
@given(
    status=st.one_of(
        st.integers(min_value=100, max_value=399),
        st.just(408),
        st.integers(min_value=500, max_value=599),
    ),
    code=st.integers(min_value=-9_999, max_value=0).filter(lambda code: code not in FAILED_5XX),
    message=st.text().filter(lambda text: not text.lower().strip().startswith("service unav")),
)
def test_no_possible_execution_is_called_certain_by_its_status(
    status: int, code: int, message: str
) -> None:
    assert outcome_of(status, code, message) is Outcome.UNKNOWN


@pytest.mark.requirement("F01")
@given(
    status=st.integers(min_value=100, max_value=599),
    code=st.sampled_from(sorted(EXECUTION_UNKNOWN)),
    message=st.text(),
)
def test_no_possible_execution_is_called_certain_by_its_code(
    status: int, code: int, message: str
) -> None:
    assert outcome_of(status, code, message) is Outcome.UNKNOWN


def test_what_helps_is_said_where_something_does() -> None:
    assert all(explain(code) for code in (-1022, -2008, -2014, -2015, -2017))
    assert explain(-2019).startswith("not enough margin")
    assert explain(-1) == ""
