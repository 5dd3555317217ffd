"""Requests are taken apart, and what is wrong with one is told in the venue's words."""

import json

import pytest

from botcore_tui.exchange.sim.stream_requests import (
    MalformedError,
    Method,
    StreamRequest,
    parsed,
)

EXPECTED = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        (
            '{"method":"SUBSCRIBE","params":["btcusdt@aggTrade","!bookTicker"],"id":1}',
            StreamRequest(Method.SUBSCRIBE, "1", ("btcusdt@aggTrade", "!bookTicker")),
        ),
        (
            '{"id":312,"params":["btcusdt@depth"],"method":"UNSUBSCRIBE","more":{}}',
            StreamRequest(Method.UNSUBSCRIBE, "312", ("btcusdt@depth",)),
        ),
        (
            '{"method":"LIST_SUBSCRIPTIONS","id":"b5bdb6d1-9f5c"}',
            StreamRequest(Method.LIST_SUBSCRIPTIONS, '"b5bdb6d1-9f5c"'),
        ),
        (
            '{"method":"LIST_SUBSCRIPTIONS","params":null,"id":0}',
            StreamRequest(Method.LIST_SUBSCRIPTIONS, "0"),
        ),
        (
            '{"method":"SET_PROPERTY","params":["combined",true],"id":5}',
            StreamRequest(Method.SET_PROPERTY, "5", value=True),
        ),
        (
            '{"method":"GET_PROPERTY","params":["combined"],"id":18446744073709551615}',
            StreamRequest(Method.GET_PROPERTY, "18446744073709551615"),
        ),
    ],
)
def test_a_request_is_taken_apart(text: str, request_: StreamRequest) -> None:
    assert parsed(text) == request_


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", 3, "Invalid JSON: expected value at line 1 column 1"),
        ("{method", 3, "Invalid JSON: expected value at line 1 column 1"),
        ("[1]", 2, "Invalid request: expected an object"),
        ('{"method":"SUBSCRIBE"}', 2, "Invalid request: request ID must be an unsigned integer"),
        *(
            (
                f'{{"method":"SUBSCRIBE","id":{identity}}}',
                2,
                "Invalid request: request ID must be an unsigned integer",
            )
            for identity in ("-1", "1.5", "null", "true", "[1]", "18446744073709551616")
        ),
        ('{"id":7}', 2, "Invalid request: missing field `method`"),
        (
            '{"method":"subscribe","id":7}',
            2,
            f"Invalid request: unknown variant `subscribe`, expected one of {EXPECTED}",
        ),
        (
            '{"method":5,"id":7}',
            2,
            f"Invalid request: unknown variant `5`, expected one of {EXPECTED}",
        ),
        (
            '{"method":"SUBSCRIBE","params":"a@b","id":7}',
            2,
            "Invalid request: invalid type: expected a sequence",
        ),
        ('{"method":"SUBSCRIBE","params":[1],"id":7}', 2, "Invalid request: invalid stream"),
        (
            '{"method":"LIST_SUBSCRIPTIONS","params":["x"],"id":7}',
            2,
            "Invalid request: too many parameters",
        ),
        (
            '{"method":"GET_PROPERTY","params":["combined",true],"id":7}',
            2,
            "Invalid request: too many parameters",
        ),
        (
            '{"method":"GET_PROPERTY","id":7}',
            2,
            "Invalid request: property name must be a string",
        ),
        (
            '{"method":"SET_PROPERTY","params":[true,"combined"],"id":7}',
            2,
            "Invalid request: property name must be a string",
        ),
        ('{"method":"GET_PROPERTY","params":["colour"],"id":7}', 0, "Unknown property"),
        (
            '{"method":"SET_PROPERTY","params":["combined","yes"],"id":7}',
            1,
            "Invalid value type: expected Boolean",
        ),
        (
            '{"method":"SET_PROPERTY","params":["combined"],"id":7}',
            1,
            "Invalid value type: expected Boolean",
        ),
        (
            '{"method":"LIST_SUBSCRIPTIONS","id":' + "9" * 5_000 + "}",
            2,
            "Invalid request: request ID must be an unsigned integer",
        ),
        (
            '{"x":' + "[" * 100_000,
            3,
            "Invalid JSON: expected value at line 1 column 1",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_wrong_is_told_with_the_id_where_there_is_one(
    text: str, code: int, message: str
) -> None:
    with pytest.raises(MalformedError) as refused:
        parsed(text)
    identity = 7 if '"id":7' in text else None
    assert json.loads(refused.value.reply) == {
        "error": {"code": code, "msg": message},
        "id": identity,
    }
