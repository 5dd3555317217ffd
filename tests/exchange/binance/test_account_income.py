"""The income history: page by page, and by kind where hundreds of rows are of one moment."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from account_desk import Desk, account_desk
from rest_server import Answer

INCOME: Final = {
    "symbol": "BTCUSDT",
    "incomeType": "COMMISSION",
    "income": "-1",
    "asset": "USDT",
    "tradeId": "",
}


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    async with account_desk() as desk:
        yield desk


def income_rows(first: int, count: int, *, time_ms: int | None = None) -> str:
    """So many rows, a millisecond apart or all of one."""
    rows = [
        {**INCOME, "tranId": number, "time": number if time_ms is None else time_ms}
        for number in range(first, first + count)
    ]
    return json.dumps(rows)


@pytest.mark.requirement("A12")
async def test_income_is_asked_for_from_the_last_row_on_until_one_is_not_full(desk: Desk) -> None:
    # Binance, change log of 2026-10-16: `page` is no longer supported, startTime and endTime locate
    # the records (so binance-sdk-derivatives-trading-usds-futures 18.0.1, get_income_history).
    desk.server.answers = [
        Answer(body=income_rows(1, 1_000)),
        Answer(body=income_rows(1_000, 1_000)),
        Answer(body=income_rows(1_999, 4)),
    ]
    rows = await desk.account.income(1, 10_000)
    assert [row.transaction_id for row in rows] == list(range(1, 2_003))
    asked = [each.parameters for each in desk.server.asked]
    assert not any("page" in each for each in asked)
    assert [(each["startTime"], each["endTime"]) for each in asked] == [
        ("1", "10000"),
        ("1000", "10000"),
        ("1999", "10000"),
    ]


def of_kind(kind: str, first: int, count: int) -> Answer:
    """So many rows of a kind, all of the tenth millisecond."""
    rows = [
        {**INCOME, "incomeType": kind, "tranId": number, "time": 10}
        for number in range(first, first + count)
    ]
    return Answer(body=json.dumps(rows))


@pytest.mark.requirement("A12")
async def test_income_of_one_full_millisecond_is_asked_for_by_kind(desk: Desk) -> None:
    # An order that swept 700 others: 1,400 rows of one moment, of which one answer has 1,000.
    full = Answer(body=income_rows(1, 1_000, time_ms=10))
    desk.server.answers = [
        full,
        full,
        of_kind("REALIZED_PNL", 1, 700),
        of_kind("COMMISSION", 1, 700),
        of_kind("FUNDING_FEE", 1, 1),
        of_kind("TRANSFER", 1, 0),
        Answer(body=income_rows(11, 1)),
    ]
    rows = await desk.account.income(1, 20)
    kinds = Counter(row.word for row in rows)
    # The full page had 1,000 fees here, for short.
    assert kinds == {"REALIZED_PNL": 700, "COMMISSION": 1_001, "FUNDING_FEE": 1}
    told = [each.parameters for each in desk.server.asked]
    spans = [(each["startTime"], each["endTime"], each.get("incomeType")) for each in told]
    assert spans == [
        ("1", "20", None),
        ("10", "20", None),
        ("10", "10", "REALIZED_PNL"),
        ("10", "10", "COMMISSION"),
        ("10", "10", "FUNDING_FEE"),
        ("10", "10", "TRANSFER"),
        ("11", "20", None),
    ]


@pytest.mark.requirement("A12")
async def test_income_of_another_kind_in_a_full_millisecond_is_asked_for_too(desk: Desk) -> None:
    none = Answer(body="[]")
    desk.server.answers = [of_kind("INSURANCE_CLEAR", 1, 1_000), *[none] * 4]
    desk.server.answers += [of_kind("INSURANCE_CLEAR", 1, 999), none]
    assert len(await desk.account.income(10, 11)) == 1_000
    assert desk.server.asked[5].parameters["incomeType"] == "INSURANCE_CLEAR"


@pytest.mark.requirement("A12")
async def test_more_of_one_kind_and_millisecond_than_the_venue_tells_is_said(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    full, none = Answer(body=income_rows(1, 1_000, time_ms=10)), Answer(body="[]")
    desk.server.answers = [full, none, full, none, none]
    assert len(await desk.account.income(10, 10)) == 1_000
    (said,) = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert said.startswith("COMMISSION of the millisecond 10: the venue tells 1000 rows at most")
