"""The positions pane: what is held, and how loud it says that it is not protected."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from account_builders import EVERY_COVER, a_position, an_account, flat
from builders import NOW_NS, SECOND, a_snapshot
from pane_app import PaneApp, row_texts

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import Cover, PositionView
from botcore_tui.ui.panes.base import Row
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.positions import CloseAsked, MoveStopAsked, Positions


def holding(*positions: PositionView) -> Snapshot:
    return a_snapshot(account=an_account(positions=positions or (a_position(),)))


def rows(snapshot: Snapshot, width: int, *, now_ns: int = NOW_NS, height: int = 9) -> Sequence[Row]:
    return Positions(clock_ns=lambda: now_ns).draw(snapshot, width, height)


def drawn(snapshot: Snapshot, width: int, *, now_ns: int = NOW_NS, height: int = 9) -> list[str]:
    texts = row_texts(rows(snapshot, width, now_ns=now_ns, height=height))
    return [line.rstrip() for line in texts]


def ink_of(snapshot: Snapshot, text: str, *, now_ns: int = NOW_NS) -> Ink:
    parts = [part for row in rows(snapshot, 160, now_ns=now_ns) for part in row]
    return next(ink for part, ink in parts if text in part)


def test_wide_pane_shows_everything_that_is_known() -> None:
    titles, line = drawn(holding(), 158)
    assert titles == (
        "  symbol  side  cover        qty   entry    mark    stop  uPnL  uPnL%  risk liq%     liq"
        " fees funding   age"
    )
    assert line == (
        "▶ BTCUSDT ▲LONG ✓ verified 0.120 61600.0 61658.9 61500.0 +7.07 +0.10% 12.00 12.4 54000.0"
        " 3.70   -0.12 4m12s"
    )


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (78, "▶ BTCUSDT ▲LONG ✓ verified 0.120 61600.0 61658.9 61500.0 +7.07 +0.10% 12.4"),
        (58, "▶ BTCUSDT ▲LONG ✓ verified 0.120 61500.0 +7.07 12.4"),
        (36, "▶ BTCUSDT ▲LONG ✓ verified 0.120"),
        (20, "▶ BTCUSDT ✓ verified"),
    ],
)
def test_narrow_pane_keeps_side_cover_quantity_and_result_longest(width: int, line: str) -> None:
    assert drawn(holding(), width)[1] == line


@pytest.mark.parametrize(
    ("cover", "word", "ink"),
    [
        (Cover.VERIFIED, "✓ verified", Ink.GOOD),
        (Cover.PLACING, "… PLACING", Ink.ALARM),
        (Cover.NAKED, "✗ NAKED", Ink.HALTED),
        (Cover.CLOSING, "! CLOSING", Ink.HALTED),
    ],
)
def test_position_without_a_verified_stop_says_so_in_a_word_a_sign_and_reverse(
    cover: Cover, word: str, ink: Ink
) -> None:
    snapshot = holding(a_position(cover=cover))
    assert word in drawn(snapshot, 80)[1]
    assert ink_of(snapshot, word) is ink


def test_several_positions_stand_below_each_other_with_tag_and_age_of_confirmation() -> None:
    lines = drawn(holding(*EVERY_COVER), 158)
    assert "adopted" in lines[4]
    assert "42s ago" in lines[4]
    assert "!4.2" in lines[2], "close to liquidation"
    assert "3.2s" in lines[1], "seconds without a stop"
    assert ink_of(holding(*EVERY_COVER), "42s ago") is Ink.WARN


def test_position_that_was_never_confirmed_says_never() -> None:
    assert "never" in drawn(holding(a_position(confirmed_ns=0)), 158)[1]


def test_target_and_trail_have_columns_only_where_there_are_some() -> None:
    both = a_position(target_price=Decimal("62000.0"), trail_pct=Decimal("1.50"))
    lines = drawn(holding(both, a_position(symbol="ETHUSDT")), 170)
    assert "target trail" in lines[0]
    assert "62000.0  1.5%" in lines[1]
    assert "target" not in drawn(holding(), 170)[0]


def test_figures_of_old_data_are_dimmed_but_the_cover_is_not() -> None:
    snapshot = holding(a_position(cover=Cover.NAKED))
    late = NOW_NS + 5 * SECOND
    assert ink_of(snapshot, "+7.07", now_ns=late) is Ink.STALE
    assert ink_of(snapshot, "61658.9", now_ns=late) is Ink.STALE
    assert ink_of(snapshot, "NAKED", now_ns=late) is Ink.HALTED


def test_gain_and_loss_are_signed_and_coloured() -> None:
    assert ink_of(holding(), "+7.07") is Ink.UP
    losing = holding(a_position(unrealized=Decimal("-3.5"), unrealized_pct=-0.1))
    assert ink_of(losing, "-3.50") is Ink.DOWN


def test_what_is_not_known_is_a_dash() -> None:
    unknown = a_position(
        mark=None, unrealized=None, unrealized_pct=None, liquidation_pct=None, stop_price=None
    )
    assert " - " in drawn(holding(unknown), 80)[1]


def test_trouble_stands_above_the_titles_and_a_row_stays_where_one_line_is_left() -> None:
    snapshot = a_snapshot(account=an_account(trouble="ledger not writable"))
    lines = drawn(snapshot, 60)
    assert lines[0].strip() == "NO ENTRIES: ledger not writable"
    assert lines[1].lstrip().startswith("symbol")
    assert drawn(snapshot, 60, height=2)[1].startswith("▶ BTCUSDT")
    assert drawn(snapshot, 60, height=1)[0].startswith("▶ BTCUSDT")


@pytest.mark.parametrize(
    ("snapshot", "text"),
    [
        (a_snapshot(), "market data only"),
        (a_snapshot(trading_enabled=True), "no account yet"),
        (a_snapshot(account=flat()), "no positions"),
        (a_snapshot(account=flat(is_reconciled=False)), "not reconciled yet"),
    ],
)
def test_empty_pane_says_why(snapshot: Snapshot, text: str) -> None:
    assert text in "".join(drawn(snapshot, 40))


class Listening(PaneApp):
    def __init__(self, pane: Positions) -> None:
        super().__init__(pane)
        self.asked: list[tuple[str, str]] = []

    def on_close_asked(self, event: CloseAsked) -> None:
        self.asked.append(("close", event.position.symbol))

    def on_move_stop_asked(self, event: MoveStopAsked) -> None:
        self.asked.append(("stop", event.position.symbol))


async def test_keys_ask_for_the_position_under_the_cursor() -> None:
    pane = Positions(clock_ns=lambda: NOW_NS)
    app = Listening(pane)
    async with app.run_test(size=(80, 8)) as pilot:
        pane.focus()
        await pilot.press("x", "s")
        assert app.asked == [], "nothing is known yet"
        pane.show(holding(*EVERY_COVER))
        await pilot.press("j", "x", "j", "s")
        await pilot.pause()
        assert app.asked == [("close", "ETHUSDT"), ("stop", "SOLUSDT")]
        pane.show(a_snapshot(account=flat()))
        await pilot.press("x", "s")
        await pilot.pause()
        assert len(app.asked) == 2
