"""What losses are measured from: days, peaks, windows; transfers are neither loss nor profit."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from order_builders import NOW_MS
from risk_builders import (
    DAY_MS,
    MIDNIGHT_MS,
    a_memory,
    a_transfer_row,
    an_anchor,
    an_equity_row,
)

from botcore_tui.core.anchors import DAY, HIGH_WATER, HOUR, ROLLING_DAY, Anchors
from botcore_tui.model.ledger import AnchorRow, TransferRow

CENT = Decimal("0.01")


def begun(first: str = "1000", **memory: object) -> Anchors:
    anchors = Anchors()
    anchors.restore(a_memory(**memory))  # type: ignore[arg-type]  # any field can be given
    anchors.observe(Decimal(first), NOW_MS)
    return anchors


def bases(anchors: Anchors) -> list[Decimal | None]:
    return [anchors.base(kind) for kind in (DAY, HIGH_WATER, HOUR, ROLLING_DAY)]


def told(rows: list[AnchorRow]) -> list[tuple[str, Decimal]]:
    return [(row.kind, row.equity) for row in rows]


def test_nothing_is_known_before_the_first_equity() -> None:
    anchors = Anchors()
    anchors.restore(a_memory())
    assert bases(anchors) == [None] * 4


@pytest.mark.requirement("A01")
@pytest.mark.requirement("A02")
def test_first_equity_anchors_the_day_and_the_peak_and_is_recorded() -> None:
    anchors = Anchors()
    anchors.restore(a_memory())
    rows = anchors.observe(Decimal(1000), NOW_MS)
    assert told(rows) == [(DAY, Decimal(1000)), (HIGH_WATER, Decimal(1000))]
    assert bases(anchors) == [1000] * 4
    assert anchors.observe(Decimal(990), NOW_MS + 1) == []
    assert bases(anchors) == [1000] * 4


@pytest.mark.requirement("A02")
def test_recorded_peak_is_never_below_the_true_one_and_not_written_with_every_step() -> None:
    anchors = begun()
    assert told(anchors.observe(Decimal(1010), NOW_MS + 1)) == [(HIGH_WATER, Decimal("1010.101"))]
    assert anchors.observe(Decimal("1010.1"), NOW_MS + 2) == []
    assert anchors.base(HIGH_WATER) == Decimal("1010.1")
    assert len(anchors.observe(Decimal("1010.2"), NOW_MS + 3)) == 1


@pytest.mark.requirement("A01")
@pytest.mark.requirement("A03")
def test_midnight_begins_a_day_and_leaves_peak_and_windows_as_they_are() -> None:
    anchors = Anchors()
    anchors.restore(a_memory(time_ms=MIDNIGHT_MS - 1_000))
    anchors.observe(Decimal(1000), MIDNIGHT_MS - 1_000)
    assert told(anchors.observe(Decimal(970), MIDNIGHT_MS)) == [(DAY, Decimal(970))]
    assert bases(anchors) == [970, 1000, 1000, 1000]


def test_clock_that_goes_backwards_changes_nothing() -> None:
    anchors = begun()
    anchors.observe(Decimal(970), MIDNIGHT_MS)
    assert anchors.observe(Decimal(960), NOW_MS) == []
    assert anchors.base(DAY) == 970


def test_midnight_without_equity_leaves_the_day_without_a_start() -> None:
    anchors = begun()
    anchors.pass_time(NOW_MS + 1)
    assert anchors.base(DAY) == 1000
    anchors.pass_time(MIDNIGHT_MS)
    assert anchors.base(DAY) is None
    assert told(anchors.observe(Decimal(900), MIDNIGHT_MS + 1)) == [(DAY, Decimal(900))]


@pytest.mark.requirement("F15")
def test_day_does_not_begin_with_nothing() -> None:
    anchors = begun("0")
    assert anchors.base(DAY) is None
    anchors.observe(Decimal(5), NOW_MS)
    assert anchors.base(DAY) == 5


# --- restart ------------------------------------------------------------------------------------


@pytest.mark.requirement("A01")
@pytest.mark.requirement("A02")
@pytest.mark.requirement("A03")
def test_restart_lowers_no_anchor() -> None:
    anchors = begun(
        "900",
        day=an_anchor(DAY, "1000"),
        high_water=an_anchor(HIGH_WATER, "1200"),
        equity=(
            an_equity_row("1100", NOW_MS - 5 * 3_600_000),
            an_equity_row("1050", NOW_MS - 1_800_000),
        ),
    )
    assert bases(anchors) == [1000, 1200, 1050, 1100]


@pytest.mark.requirement("A01")
def test_day_that_began_without_us_while_there_was_trading_is_not_guessed() -> None:
    anchors = begun(was_active_today=True, day_start_equity="1000")
    known = [anchors.is_day_unknown, anchors.base(DAY)]
    anchors.observe(Decimal(5), MIDNIGHT_MS)
    assert [*known, anchors.is_day_unknown, anchors.base(DAY)] == [True, None, False, 5]


def test_day_that_began_without_us_is_over_at_midnight_even_unseen() -> None:
    anchors = begun(was_active_today=True)
    anchors.pass_time(MIDNIGHT_MS)
    assert not anchors.is_day_unknown


def test_quiet_day_begins_with_what_was_recorded_first_or_with_what_is_seen_first() -> None:
    assert begun("900", day_start_equity="1000", transfers_today="7").base(DAY) == 1007
    assert begun("900").base(DAY) == 900


def test_windows_that_were_begun_anew_by_name_stay_so() -> None:
    rows = (an_equity_row("1100", NOW_MS - 60_000), an_equity_row("1050", NOW_MS - 30_000))
    anchors = begun(
        "900",
        equity=rows,
        rolling=(an_anchor(HOUR, "1050", time_ms=NOW_MS - 40_000), an_anchor("other", "1")),
    )
    assert bases(anchors)[2:] == [1050, 1100]


# --- transfers ----------------------------------------------------------------------------------


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("amount", ["500", "-400"])
def test_transfer_moves_every_anchor_with_it(amount: str) -> None:
    anchors = begun()
    anchors.observe(Decimal(980), NOW_MS + 1)
    rows = anchors.transfer(Decimal(amount), CENT)
    anchors.observe(980 + Decimal(amount), NOW_MS + 2)
    assert bases(anchors) == [1000 + Decimal(amount)] * 4
    assert told(rows) == [(DAY, 1000 + Decimal(amount)), (HIGH_WATER, 1000 + Decimal(amount))]


def test_transfer_before_any_equity_is_recorded_nowhere() -> None:
    anchors = Anchors()
    assert anchors.transfer(Decimal(5), CENT) == []


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("amount", ["500", "-400"])
def test_transfer_that_is_learned_late_moves_what_was_seen_since(amount: str) -> None:
    anchors, change = begun(), Decimal(amount)
    anchors.cut(change, NOW_MS + 10)
    anchors.observe(1000 + change, NOW_MS + 10)
    anchors.observe(1010 + change, NOW_MS + 11)
    anchors.transfer(change, CENT)
    assert bases(anchors) == [1000 + change, 1010 + change, 1010 + change, 1010 + change]


@pytest.mark.requirement("F15")
def test_day_that_began_with_a_late_transfer_in_it_is_moved_back() -> None:
    anchors = begun()
    anchors.cut(Decimal(500), MIDNIGHT_MS)
    anchors.observe(Decimal(1500), MIDNIGHT_MS)
    assert anchors.base(DAY) == 1500
    anchors.transfer(Decimal(500), CENT)
    assert anchors.base(DAY) == 1500
    anchors.observe(Decimal(1400), MIDNIGHT_MS + 1)
    assert bases(anchors) == [1500] * 4


def test_changes_that_are_explained_one_after_the_other_each_count_since_their_own_time() -> None:
    anchors = begun()
    anchors.cut(Decimal(100), NOW_MS + 10)
    anchors.observe(Decimal(1100), NOW_MS + 10)
    anchors.cut(Decimal(-300), NOW_MS + 20)
    anchors.observe(Decimal(800), NOW_MS + 20)
    anchors.transfer(Decimal(-300), CENT)
    assert anchors.base(HIGH_WATER) == 800
    anchors.transfer(Decimal(100), CENT)
    assert bases(anchors) == [800] * 4


def test_earlier_change_that_is_explained_first_moves_what_came_later_too() -> None:
    anchors = begun()
    anchors.cut(Decimal(100), NOW_MS + 10)
    anchors.observe(Decimal(1100), NOW_MS + 10)
    anchors.cut(Decimal(-300), NOW_MS + 20)
    anchors.observe(Decimal(800), NOW_MS + 20)
    anchors.transfer(Decimal(100), CENT)
    assert anchors.base(HIGH_WATER) == 1100
    anchors.transfer(Decimal(-300), CENT)
    assert bases(anchors) == [800] * 4


def test_change_may_be_of_several_transfers() -> None:
    anchors = begun()
    anchors.cut(Decimal(300), NOW_MS + 10)
    anchors.observe(Decimal(1300), NOW_MS + 10)
    for amount in (100, 200):
        anchors.transfer(Decimal(amount), CENT)
    assert bases(anchors) == [1300] * 4
    anchors.transfer(Decimal(-5), CENT)
    assert bases(anchors) == [1295] * 4


def test_change_of_more_than_a_day_ago_explains_nothing_any_more() -> None:
    anchors = begun()
    anchors.cut(Decimal(300), NOW_MS)
    anchors.cut(Decimal(7), NOW_MS + DAY_MS + 1)
    anchors.observe(Decimal(1307), NOW_MS + DAY_MS + 1)
    anchors.transfer(Decimal(300), CENT)
    assert anchors.base(HIGH_WATER) == 1607


def test_change_before_any_equity_leaves_the_peak_to_what_follows() -> None:
    anchors = Anchors()
    anchors.restore(a_memory())
    anchors.cut(Decimal(100), NOW_MS)
    anchors.transfer(Decimal(100), CENT)
    assert bases(anchors) == [None] * 4
    anchors.cut(Decimal(50), NOW_MS)
    anchors.observe(Decimal(150), NOW_MS)
    anchors.transfer(Decimal(50), CENT)
    assert anchors.base(HIGH_WATER) == 150


@pytest.mark.requirement("F15")
def test_transfers_of_earlier_runs_are_no_loss_after_a_restart() -> None:
    minutes = [NOW_MS - 600_000 + 60_000 * number for number in range(5)]
    rows = [an_equity_row("1000", at_ms) for at_ms in minutes[:2]]
    rows += [an_equity_row("600", at_ms) for at_ms in minutes[2:]]
    for late_ms in (-500, 500, 59_000):
        anchors = begun(
            "600",
            equity=tuple(rows),
            transfers=[a_transfer_row("-400", minutes[2] - late_ms)],
            transfers_today="-400",
            day=an_anchor(DAY, "600"),
        )
        assert [anchors.base(kind) for kind in (DAY, HOUR, ROLLING_DAY)] == [600] * 3


def test_transfer_beyond_what_is_recorded_counts_before_all_or_after_all() -> None:
    rows = (an_equity_row("1000", NOW_MS - 60_000),)
    older = a_transfer_row("-400", NOW_MS - 600_000)
    assert begun("900", equity=rows, transfers=[older]).base(HOUR) == 1000
    newer = a_transfer_row("-400", NOW_MS - 30_000)
    assert begun("600", equity=rows, transfers=[newer]).base(HOUR) == 600


@pytest.mark.requirement("F15")
@pytest.mark.parametrize(
    "row",
    [
        replace(a_transfer_row("-600", NOW_MS - 90_000), asset="USDC"),
        replace(a_transfer_row("5000", NOW_MS - 90_000), asset="DOGE"),
        replace(a_transfer_row("-40", NOW_MS - 90_000), reason="INSURANCE_CLEAR"),
    ],
)
def test_what_is_no_capital_in_the_wallet_moves_no_window_after_a_restart(
    row: TransferRow,
) -> None:
    rows = (an_equity_row("1000", NOW_MS - 120_000), an_equity_row("960", NOW_MS - 60_000))
    anchors = begun("960", equity=rows, transfers=[row])
    assert [anchors.base(kind) for kind in (HOUR, ROLLING_DAY)] == [1000] * 2


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("amount", ["500", "-400"])
def test_transfer_that_an_earlier_session_had_in_its_wallet_moves_what_was_before(
    amount: str,
) -> None:
    begin_ms = NOW_MS - 3_600_000
    now = 1000 + Decimal(amount)
    anchors = begun(
        str(now),
        day=an_anchor(DAY, str(now), time_ms=begin_ms),
        highs=(
            an_anchor(HIGH_WATER, "1000", time_ms=begin_ms - DAY_MS // 2),
            an_anchor(HIGH_WATER, str(max(now, Decimal(1000))), time_ms=begin_ms),
        )[: 2 if now > 1000 else 1],
        high_water=an_anchor(HIGH_WATER, str(max(now, Decimal(1000))), time_ms=begin_ms),
        equity=(
            an_equity_row("1000", begin_ms - DAY_MS // 2),
            an_equity_row(str(now), begin_ms + 250),
            an_equity_row(str(now), begin_ms + 60_250),
        ),
    )
    rows = anchors.transfer(Decimal(amount), CENT, older_ms=begin_ms - 600_000)
    assert bases(anchors) == [now] * 4
    assert told(rows) == [(DAY, now), (HIGH_WATER, now)]
    # Another, of between the two sessions, is in neither the day's start nor what was seen then.
    anchors.transfer(Decimal(100), CENT, older_ms=NOW_MS - 1_000)
    assert bases(anchors) == [now + 100] * 4


# --- by name ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "index"), [(DAY, 0), (HIGH_WATER, 1), (HOUR, 2), (ROLLING_DAY, 3)]
)
def test_rebase_lets_one_kind_of_loss_count_anew_and_no_other(kind: str, index: int) -> None:
    anchors = begun(was_active_today=kind == DAY)
    anchors.cut(Decimal(-1), NOW_MS)
    anchors.transfer(Decimal(50), CENT)
    anchors.observe(Decimal(900), NOW_MS + 1)
    before = bases(anchors)
    row = anchors.rebase(kind, Decimal(900), "ann", "known")
    after = bases(anchors)
    assert (row.kind, row.actor, row.reason) == (kind, "ann", "known")
    assert row.equity == 900
    assert after[index] == 900
    del before[index], after[index]
    assert before == after
    assert replace(row, kind="").time_ms == NOW_MS + 1
    assert not anchors.is_day_unknown


def test_trade_before_the_first_equity_of_the_day_leaves_its_start_unknown() -> None:
    anchors = Anchors()
    anchors.restore(a_memory(time_ms=MIDNIGHT_MS + 9))
    anchors.trade(MIDNIGHT_MS - 1)
    assert not anchors.is_day_unknown
    anchors.trade(MIDNIGHT_MS + 1)
    assert anchors.is_day_unknown


def test_peak_that_is_begun_anew_before_any_equity_is_what_was_said() -> None:
    anchors = Anchors()
    row = anchors.rebase(HIGH_WATER, Decimal(900), "ann", "so")
    assert (row.equity, anchors.base(HIGH_WATER)) == (Decimal(900), Decimal(900))
