"""What is asked of a venue before its account is traded, and what answers are worth."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from desk_stage import RULES
from fake_account import FakeAccount
from fake_exchange import ready_facts
from msgspec.structs import replace

from botcore_tui.cli import preflight
from botcore_tui.cli.addresses import Address, demo_address
from botcore_tui.cli.doctor_terms import Finding, Grade, good
from botcore_tui.cli.preflight import Wanted, clock_finding
from botcore_tui.cli.preflight_streams import Streams
from botcore_tui.config import Config
from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.permit import inspection
from botcore_tui.model.account import BalanceReport, ClockHealth, KeyRights, LeverageChange
from botcore_tui.model.order import AlgoReport, OrderReport, OrderRequest, OrderSent, Source

BTC = "BTCUSDT"
WANTED = Wanted(
    margin_type="CROSSED", leverage=2, clock_offset_ms=500, clock_doubt_ms=250, no_canary=""
)


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> FakeAccount:
    """An account that is as it should be; its clock and its streams are good."""
    venue = Telling()
    venue.rules_of[BTC] = RULES
    venue.leverage_list = [LeverageChange(BTC, 2, "CROSSED"), LeverageChange("XRPUSDT", 20, "")]

    @asynccontextmanager
    async def opened(*_: object) -> AsyncIterator[FakeAccount]:
        yield venue

    async def clock(*_: object) -> list[Finding]:
        return [good("clock", "near")]

    async def streams(*_: object) -> Streams:
        return Streams([good("streams", "all")], {BTC: Decimal(60_000)})

    monkeypatch.setattr(preflight, "opened_venue", opened)
    monkeypatch.setattr(preflight, "_clock", clock)
    monkeypatch.setattr(preflight, "streams", streams)
    return venue


class Telling(FakeAccount):
    """Tells of every order on its stream."""

    async def place(
        self,
        request: OrderRequest,
        on_sent: Callable[[OrderSent], None],
    ) -> OrderReport | AlgoReport:
        report = await super().place(request, on_sent)
        self.tell(replace(report, source=Source.STREAM))
        return report


def address() -> Address:
    return demo_address(replace(ready_facts(), api_key="k" * 64, api_secret="s" * 64))


def looked(wanted: Wanted = WANTED) -> list[Finding]:
    return asyncio.run(preflight.preflight(address(), Config(), wanted))


def of(name: str, found: Sequence[Finding]) -> list[Finding]:
    return [each for each in found if each.name == name]


def test_an_account_that_is_as_planned_is_found_good_throughout(venue: FakeAccount) -> None:
    found = looked()
    assert {each.grade for each in found} == {Grade.GOOD}
    assert [each.name for each in found if each.name != "canary"] == [
        "clock",
        "key",
        "account",
        "position mode",
        "asset mode",
        "leverage",
        "filters",
        "streams",
        "user stream",
    ]
    assert len(of("canary", found)) == 4


def test_a_key_that_opens_nothing_ends_the_questions(venue: FakeAccount) -> None:
    venue.failures["balance"].append(FetchError("-2015: invalid key"))
    found = looked()
    assert [(each.grade, each.name) for each in found[-2:]] == [
        (Grade.BAD, "account"),
        (Grade.NOTE, "canary"),
    ]
    assert venue.count("leverages") == venue.count("place") == 0


@pytest.mark.requirement("P13")
def test_hedge_mode_another_margin_type_and_a_missing_contract_fail(venue: FakeAccount) -> None:
    venue.one_way = False
    venue.leverage_list = [LeverageChange(BTC, 1, "ISOLATED")]
    venue.rules_of.clear()
    found = looked()
    bad = [each.name for each in found if each.grade is Grade.BAD]
    assert bad == ["position mode", "leverage", "filters"]
    assert all(each.remedy for each in found if each.grade is not Grade.GOOD)
    assert venue.count("place") == 0


def test_a_contract_that_is_delisted_fails(venue: FakeAccount) -> None:
    venue.rules_of[BTC] = replace(RULES, status="SETTLING")
    (finding,) = of("filters", looked())
    assert (finding.grade, finding.text) == (Grade.BAD, "BTCUSDT is SETTLING")


def test_more_leverage_than_planned_is_noted_as_a_session_lowers_it(venue: FakeAccount) -> None:
    venue.leverage_list = [LeverageChange(BTC, 20, "CROSSED")]
    (finding,) = of("leverage", looked())
    assert (finding.grade, "at most 2x" in finding.text) == (Grade.NOTE, True)


def test_an_empty_wallet_warns(venue: FakeAccount) -> None:
    venue.money = BalanceReport(asset="USDT", wallet=Decimal(0), time_ms=1)
    (finding,) = of("account", looked())
    assert finding.grade is Grade.WARN


def test_nothing_is_placed_where_that_is_not_allowed(venue: FakeAccount) -> None:
    found = looked(replace(WANTED, no_canary="with real money nothing but questions is sent"))
    assert venue.count("place") == venue.count("run") == 0
    (finding,) = of("canary", found)
    assert (finding.grade, "with real money" in finding.text) == (Grade.NOTE, True)


def test_a_question_that_is_never_answered_is_a_finding(
    venue: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "_SECONDS", 0.01)
    venue.hold("is_one_way")
    (finding,) = of("position mode", looked())
    assert (finding.grade, finding.text) == (Grade.BAD, "no answer within 0.01 s")


@pytest.mark.requirement("P23")
@pytest.mark.parametrize(
    ("offset", "doubt", "grade"),
    [
        (400, 200, Grade.GOOD),
        (-501, 1, Grade.BAD),
        (0, 251, Grade.BAD),
        (float("nan"), 1, Grade.BAD),
    ],
)
def test_a_clock_that_is_off_or_doubtful_fails(offset: float, doubt: float, grade: Grade) -> None:
    health = ClockHealth(offset_ms=offset, uncertainty_ms=doubt, has_stepped=False, time_ms=1)
    assert clock_finding(health, WANTED).grade is grade


def test_a_clock_that_is_right_is_not_negative() -> None:
    health = ClockHealth(offset_ms=-0.3, uncertainty_ms=2, has_stepped=False, time_ms=1)
    assert clock_finding(health, WANTED).text == "the venue's is +0 ms off, give or take 2"


def test_nobody_asks_for_the_clock_of_an_exchange_of_our_own() -> None:
    health = ClockHealth(offset_ms=9e9, uncertainty_ms=9e9, has_stepped=False, time_ms=1)
    assert clock_finding(health, replace(WANTED, clock_offset_ms=None)).grade is Grade.GOOD


RIGHTS = KeyRights(may_trade=True, may_withdraw=False, may_transfer=False, is_ip_bound=True)


@pytest.mark.requirement("R69")
@pytest.mark.parametrize(
    ("rights", "grades"),
    [
        (RIGHTS, [Grade.GOOD]),
        (replace(RIGHTS, is_ip_bound=False, may_transfer=True), [Grade.WARN, Grade.WARN]),
        (replace(RIGHTS, may_withdraw=True), [Grade.BAD]),
    ],
    ids=["good", "doubtful", "refused"],
)
def test_a_key_that_could_do_harm_is_found(
    venue: FakeAccount,
    monkeypatch: pytest.MonkeyPatch,
    rights: KeyRights,
    grades: list[Grade],
) -> None:
    async def asked(*_: object, **__: object) -> KeyRights:
        return rights

    monkeypatch.setattr(preflight, "ask_rights", asked)
    place = address()
    permit = inspection(place.hosts.rest, "wss://private", place.credentials, rights=None)
    found = asyncio.run(preflight.preflight(replace(place, permit=permit), Config(), WANTED))
    assert [each.grade for each in of("key", found)] == grades
