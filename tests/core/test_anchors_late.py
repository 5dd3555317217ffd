"""Transfers of before a session that only a later one learns of."""

from decimal import Decimal

import pytest
from order_builders import NOW_MS
from risk_builders import (
    MIDNIGHT_MS,
    RiskLedger,
    a_memory,
    a_transfer_row,
    an_anchor,
    an_equity_row,
)

from botcore_tui.core.anchors import HIGH_WATER, HOUR, KINDS, Anchors

CENT = Decimal("0.01")
HOUR_MS = 3_600_000


def late_or_in_time(*, knows: bool) -> list[Decimal | None]:
    """Three sessions, transfers before the later two; the second learns of its own, or not."""
    ledger = RiskLedger()
    anchors = Anchors()

    def begin(at_ms: int, *equities: str) -> None:
        nonlocal anchors
        anchors = Anchors()
        anchors.restore(ledger.recall(at_ms))
        for number, equity in enumerate(equities):
            moment = at_ms + 60_000 * number
            ledger.rows += anchors.observe(Decimal(equity), moment)
            ledger.rows.append(an_equity_row(equity, moment + 250))

    def told(amount: str, at_ms: int, older_ms: int | None) -> None:
        ledger.rows.append(a_transfer_row(amount, older_ms or at_ms))
        ledger.rows.extend(anchors.transfer(Decimal(amount), CENT, older_ms=older_ms))

    first_ms = MIDNIGHT_MS + HOUR_MS
    second_ms, third_ms = first_ms + 2 * HOUR_MS, first_ms + 4 * HOUR_MS
    begin(first_ms, "10000", "9990")
    begin(second_ms, "9450", "9480", "9440")
    if knows:
        told("-500", second_ms, second_ms - HOUR_MS)
    told("250", second_ms + 130_000, None)
    ledger.rows += anchors.observe(Decimal(9690), second_ms + 180_000)
    ledger.rows.append(an_equity_row("9690", second_ms + 180_250))
    begin(third_ms, "10170", "10200", "10180")
    if not knows:
        told("-500", third_ms, second_ms - HOUR_MS)
    told("-200", third_ms, third_ms - HOUR_MS)
    told("700", third_ms, third_ms - HOUR_MS // 2)
    return [anchors.base(kind) for kind in KINDS]


@pytest.mark.requirement("F15")
def test_what_a_later_session_learns_of_is_as_if_it_had_been_known_at_once() -> None:
    assert late_or_in_time(knows=False) == late_or_in_time(knows=True)
    assert late_or_in_time(knows=True) == [10_250, 10_250, 10_200, 10_250]


@pytest.mark.requirement("F15")
def test_transfer_that_is_learned_late_raises_no_peak_that_was_begun_anew() -> None:
    begin_ms = NOW_MS - HOUR_MS
    memory = a_memory(
        high_water=an_anchor(HIGH_WATER, "1500", time_ms=begin_ms + 5, actor="ann"),
        equity=(
            an_equity_row("2000", begin_ms - HOUR_MS),
            an_equity_row("1500", begin_ms),
            an_equity_row("1490", begin_ms + 60_000),
        ),
    )
    anchors = Anchors()
    anchors.restore(memory)
    anchors.observe(Decimal(1500), NOW_MS)
    anchors.transfer(Decimal(500), CENT, older_ms=begin_ms - 1_000)
    assert anchors.base(HIGH_WATER) == 1500


@pytest.mark.requirement("A03")
@pytest.mark.requirement("F15")
def test_deposits_of_adjacent_minutes_are_each_in_the_wallet_of_their_own() -> None:
    # Two make the first jump, which shows neither alone; one and a withdrawal make the second.
    begin_ms = NOW_MS - HOUR_MS // 2
    moved = (("100", 60), ("100", 70), ("200", 130), ("-50", 140))
    wallets = (("1000", 0), ("1200", 120), ("1350", 180))
    anchors = Anchors()
    anchors.restore(
        a_memory(
            equity=tuple(an_equity_row(one, begin_ms + 1_000 * at) for one, at in wallets),
            transfers=[a_transfer_row(one, begin_ms + 1_000 * at) for one, at in moved],
        )
    )
    anchors.observe(Decimal(1350), NOW_MS)
    assert anchors.base(HOUR) == 1350
