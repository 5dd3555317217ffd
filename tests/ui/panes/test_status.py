"""The status band: what must be seen is seen at every width."""

import pytest
from account_builders import an_account
from builders import NOW_NS, SECOND, a_book_view, a_feed, a_halt, a_replay, a_snapshot
from msgspec.structs import replace
from pane_app import PaneApp, row_texts
from risk_views import HALTED_BY_BREAKER

from botcore_tui.model.event import TradingState
from botcore_tui.model.market import BookState
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.base import Row
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.reading import RECORDING
from botcore_tui.ui.panes.status import StatusBand


def a_band(now_ns: int = NOW_NS) -> StatusBand:
    return StatusBand(clock_ns=lambda: now_ns)


def drawn(snapshot: Snapshot, width: int, *, height: int = 1, now_ns: int = NOW_NS) -> list[str]:
    rows = a_band(now_ns).draw(snapshot, width, height)
    return [line.rstrip() for line in row_texts(rows)]


def ink_of(snapshot: Snapshot, text: str, *, now_ns: int = NOW_NS) -> Ink:
    rows = a_band(now_ns).draw(snapshot, 200, 1)
    return next(ink for part, ink in rows[0] if text in part)


def halted(reason: str = "by hand") -> Snapshot:
    return a_snapshot(state=TradingState.HALTED, halt=a_halt(reason=reason))


def test_wide_band_shows_everything() -> None:
    (line,) = drawn(a_snapshot(), 160)
    assert line == (
        " DEMO  SYNTHETIC  ● ACTIVE  trading off  BTCUSDT 61659.7 ▲  spread 0.1  mark 61658.9"
        "  24h +0.42%  data 12ms  engine 100ms  22:13:20Z"
    )


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("width", [160, 120, 80, 60, 40])
def test_environment_label_state_and_data_age_are_never_dropped(width: int) -> None:
    line = drawn(a_snapshot(), width)[0]
    assert line.startswith(" DEMO  SYNTHETIC  ● ACTIVE")
    assert "data 12ms" in line


def test_very_narrow_band_says_the_same_shorter() -> None:
    assert drawn(a_snapshot(), 24) == [" DEMO  SYN  ● ACT  12ms"]


def test_two_rows_divide_ourselves_and_the_market() -> None:
    assert drawn(a_snapshot(), 80, height=2) == [
        " DEMO  SYNTHETIC  ● ACTIVE  trading off  data 12ms  engine 100ms  22:13:20Z",
        "BTCUSDT 61659.7 ▲  spread 0.1  mark 61658.9  24h +0.42%",
    ]


@pytest.mark.requirement("R18")
def test_every_environment_has_its_own_colour_and_an_unknown_one_alarms() -> None:
    environments = ("demo", "replay", "paper", "testnet", "production")
    inks = [ink_of(a_snapshot(environment=name), name.upper()) for name in environments]
    assert len(set(inks)) == 5
    assert ink_of(a_snapshot(environment="mars"), "MARS") is Ink.ALARM


@pytest.mark.parametrize("width", [160, 80, 40, 20])
def test_halt_fills_the_line_but_leaves_the_environment_word(width: int) -> None:
    (row,) = a_band().draw(halted(), width, 1)
    assert row[0] == (" DEMO ", Ink.ENV_DEMO)
    band = next(text for text, ink in row if ink is Ink.HALTED)
    assert band.startswith(" HALTED")
    if width >= 40:
        assert row[-1][0].endswith("12ms")


def test_halt_names_who_why_when_and_what_next_as_far_as_they_fit() -> None:
    snapshot = halted("the daily loss limit was reached")
    full = "HALTED by F12 (the daily loss limit was reached) 22:13:20Z — F9 resumes"
    assert full in drawn(snapshot, 120)[0]
    assert "HALTED by F12 (the daily los…) 22:13:20Z — F9 resumes" in drawn(snapshot, 80)[0]
    assert "HALTED by F12 22:13:20Z" in drawn(snapshot, 60)[0]
    assert "HALTED — F9 resumes" in drawn(a_snapshot(state=TradingState.HALTED), 80)[0]


@pytest.mark.requirement("K4")
@pytest.mark.parametrize("width", [160, 120])
def test_halt_leaves_price_and_place_of_the_tape_in_sight_where_there_is_room(width: int) -> None:
    snapshot = replace(
        halted(), environment="replay", label="REPLAY", replay=a_replay(is_finished=True)
    )
    (row,) = a_band().draw(snapshot, width, 1)
    line = "".join(text for text, _ in row)
    assert "F9 resumes  BTCUSDT 61659.7 ▲  ENDED  12:30/1:00:00  x10" in line
    assert ("ENDED", Ink.ALARM) in row
    assert dict(row)["BTCUSDT 61659.7 ▲"] is Ink.HALTED
    assert line.endswith("data 12ms")
    assert ("spread" in line) == (width == 160)


@pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.REDUCING])
def test_equity_stays_in_sight_at_120_cells(state: TradingState) -> None:
    money = replace(a_snapshot(account=an_account()), state=state)
    snapshot = replace(money, halt=halted("flatten, typed in the cockpit by one of us").halt)
    line = drawn(snapshot, 120)[0]
    assert "F9 resumes" in line
    assert "eq 10,241.22" in line
    assert ("day " in line) == (state is TradingState.REDUCING)


def test_price_gives_way_to_the_end_of_the_reason_but_not_to_all_of_it() -> None:
    snapshot = halted("the daily loss limit was reached by a trade of another program")
    line = drawn(snapshot, 120)[0]
    assert "(the daily loss limit was reached b…) 22:13:20Z — F9 resumes  BTCUSDT 61659.7 ▲" in line
    assert "HALTED by F12 (the daily los…) 22:13:20Z — F9 resumes" in drawn(snapshot, 80)[0]


def test_stale_price_stays_dim_in_a_halted_band() -> None:
    later = NOW_NS + 5 * SECOND
    (row,) = a_band(later).draw(halted(), 160, 1)
    assert dict(row)["BTCUSDT 61659.7 ▲"] is Ink.STALE


def test_recording_is_in_the_band_and_a_failed_one_at_every_width() -> None:
    running = a_snapshot(feeds=(a_feed(RECORDING),))
    assert "trading off  ● REC  BTCUSDT" in drawn(running, 160)[0]
    assert "REC" not in drawn(running, 40)[0]
    failed = a_snapshot(feeds=(a_feed(RECORDING, "down"),))
    assert "✗ REC" in drawn(failed, 60)[0]
    assert ink_of(failed, "REC") is Ink.ERROR


def test_halt_of_a_hostile_actor_cannot_steer_the_terminal() -> None:
    snapshot = a_snapshot(state=TradingState.HALTED, halt=a_halt("\x1b[2J", reason="\r\n"))
    assert r"HALTED by \x1b[2J (\r\n)" in drawn(snapshot, 120)[0]


async def test_halting_shows_at_once_and_ends_with_the_halt() -> None:
    band = a_band()
    app = PaneApp(band)
    async with app.run_test(size=(80, 1)):
        band.halting = True
        assert app.lines()[0].startswith("HALTING…  starting…")
        band.show(a_snapshot())
        assert "HALTING…" in app.lines()[0]
        band.show(halted())
        assert "HALTED by F12" in app.lines()[0]
        assert not band.halting


async def test_paused_display_is_written_in_the_band() -> None:
    band = a_band()
    app = PaneApp(band)
    async with app.run_test(size=(80, 1)):
        band.show(a_snapshot())
        band.display_paused = True
        assert "PAUSED DISPLAY" in app.lines()[0]
        band.show(halted())
        assert "PAUSED DISPLAY" in app.lines()[0]
        assert band.display_paused


def test_silent_engine_is_reported_and_its_prices_fade() -> None:
    later = NOW_NS + 3 * SECOND
    assert "ENGINE SILENT 3.1s" in drawn(a_snapshot(), 60, now_ns=later)[0]
    assert ink_of(a_snapshot(), "ENGINE SILENT", now_ns=later) is Ink.ERROR
    assert ink_of(a_snapshot(), "BTCUSDT", now_ns=later) is Ink.STALE
    assert "spread" not in drawn(a_snapshot(), 200, now_ns=later)[0]


def test_data_that_stopped_shows_its_age_as_stale() -> None:
    later = NOW_NS + 4 * SECOND
    snapshot = a_snapshot(heartbeat_ns=later)
    assert "data 4.0s" in drawn(snapshot, 80, now_ns=later)[0]
    assert ink_of(snapshot, "data", now_ns=later) is Ink.STALE


@pytest.mark.requirement("F07")
def test_late_book_and_late_prices_are_not_those_of_now() -> None:
    book = replace(a_book_view(BookState.STALE), late_ms=20_000)
    assert "book stale 20s" in drawn(a_snapshot(book=book), 200)[0]
    late = a_snapshot(late_ms=8_000)
    assert "data 8.0s" in drawn(late, 200)[0]
    assert ink_of(late, "BTCUSDT") is Ink.STALE
    assert "data -" in drawn(a_snapshot(last_data_ns=0), 80)[0]


def test_missing_values_are_dashes_or_left_out_but_never_zero() -> None:
    snapshot = a_snapshot(
        last_price=None, previous_price=None, day=None, mark=None, book=a_book_view(asks=())
    )
    line = drawn(snapshot, 160)[0]
    assert "BTCUSDT -  spread -  data" in line


def test_direction_and_trading_are_words_and_signs_beside_colours() -> None:
    falling = a_snapshot(previous_price=61660.0, trading_enabled=True)
    assert "BTCUSDT 61659.7 ▼" in drawn(falling, 160)[0]
    assert "TRADING ON" in drawn(falling, 160)[0]
    assert "▼ REDUCING" in drawn(a_snapshot(state=TradingState.REDUCING), 160)[0]


def test_book_that_is_not_live_takes_the_place_of_the_spread() -> None:
    line = drawn(a_snapshot(book=a_book_view(BookState.CROSSED)), 160)[0]
    assert "book crossed" in line
    assert "spread" not in line


def replaying(**overrides: object) -> Snapshot:
    return a_snapshot(environment="replay", label="REPLAY", **overrides)


def test_replay_shows_place_speed_and_what_is_left() -> None:
    line = drawn(replaying(replay=a_replay()), 160)[0]
    assert line.startswith(" REPLAY  ● ACTIVE")
    assert "12:30/1:00:00  x10  left 04:45  ▕████▏               ▏" in line
    endless = drawn(replaying(replay=a_replay(total_seconds=None, speed=None)), 160)[0]
    assert "12:30  max" in endless


def test_paused_and_ended_tapes_say_so_at_every_width() -> None:
    assert "PAUSED" in drawn(replaying(replay=a_replay(is_paused=True)), 40)[0]
    assert "ENDED" in drawn(replaying(replay=a_replay(is_finished=True)), 40)[0]


def test_damaged_tape_is_reported() -> None:
    line = drawn(replaying(replay=a_replay(error="line 7: cut short")), 160)[0]
    assert "tape: line 7: cut short" in line


# --- states that take the whole line -------------------------------------------------------------

REVERSED = {Ink.HALTED, Ink.ALARM, *(ink for ink in Ink if ink.startswith("env-"))}


def whole(snapshot: Snapshot, width: int, height: int = 2) -> Row:
    return a_band().draw(snapshot, width, height)[0]


@pytest.mark.requirement("P01")
@pytest.mark.parametrize("width", [160, 120, 80, 60])
def test_reducing_takes_the_line_with_words(width: int) -> None:
    row = whole(a_snapshot(state=TradingState.REDUCING), width)
    line = "".join(text for text, _ in row)
    assert "▼ REDUCING" in line
    cells = sum(len(text) for text, ink in row if ink in REVERSED)
    assert cells > width / 2
    assert ("only orders that lower a position — F9 resumes" in line) == (width >= 120)


def test_reducing_leaves_the_market_in_sight_where_there_is_one_row() -> None:
    line = drawn(a_snapshot(state=TradingState.REDUCING), 160)[0]
    assert "F9 resumes  BTCUSDT 61659.7 ▲" in line


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("width", [160, 120, 80, 60])
@pytest.mark.parametrize("height", [1, 2])
def test_real_money_reverses_the_whole_line(width: int, height: int) -> None:
    snapshot = a_snapshot(environment="production", label="", trading_enabled=True)
    row = whole(snapshot, width, height)
    line = "".join(text for text, _ in row)
    assert line.startswith(" PRODUCTION  REAL MONEY  ● ACTIVE")
    assert {ink for _, ink in row} == {Ink.ENV_PRODUCTION}
    assert len(line) == width


@pytest.mark.requirement("R18")
def test_warning_keeps_its_own_colours_in_the_line_of_real_money() -> None:
    later = NOW_NS + 5 * SECOND
    snapshot = a_snapshot(environment="production", label="", heartbeat_ns=later)
    (row,) = a_band(later).draw(snapshot, 160, 1)
    assert dict(row)["data 5.0s"] is Ink.STALE


@pytest.mark.parametrize("width", [160, 120, 80, 60, 40])
def test_halt_and_real_money_are_both_said(width: int) -> None:
    snapshot = replace(halted(), environment="production", label="")
    line = "".join(text for text, _ in whole(snapshot, width))
    assert line.startswith(" PRODUCTION ")
    assert "HALTED" in line


def test_latched_breaker_points_to_the_reset_and_not_to_resume() -> None:
    line = drawn(HALTED_BY_BREAKER, 160)[0]
    assert "— b resets" in line
    assert "F9" not in line
