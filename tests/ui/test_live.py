"""The cockpit without a key: pictures, ages, log, alerts, looks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from builders import a_halt, a_log_line, a_snapshot
from cockpit import Cockpit, a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from msgspec.structs import replace

from botcore_tui.model.event import Severity, TradingState
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.bars import ALERT_NS
from botcore_tui.ui.panes.base import ViewChange
from botcore_tui.ui.settings import CockpitSettings
from botcore_tui.ui.state import UiState, load_state, save_state


def count_pictures(app: Cockpit, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    counts = dict.fromkeys(app.desk.panes, 0)

    def counted(name: str, show: Callable[[Snapshot], None]) -> Callable[[Snapshot], None]:
        def count(snapshot: Snapshot) -> None:
            counts[name] += 1
            show(snapshot)

        return count

    for name, pane in app.desk.panes.items():
        monkeypatch.setattr(pane, "show", counted(name, pane.show))
    return counts


@pytest.mark.slow
async def test_cockpit_waits_calmly_for_the_first_picture() -> None:
    engine = FakeEngine()
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await turn(pilot, seconds=3.2)
        assert "waiting for the engine (3." in screen_text(app)
        await pilot.press("f9", "s", "p", "full_stop", "f7", "escape", "space", "space")
        assert engine.resumes == []
        assert engine.commands == []
        engine.snapshot = a_snapshot()
        await turn(pilot)
        assert "waiting for" not in screen_text(app)
        assert "BTCUSDT" in screen_text(app)


@pytest.mark.requirement("F17")
async def test_ages_grow_while_the_engine_publishes_nothing_new() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot, seconds=0.5)
        assert "data 512ms" in screen_text(app)
        await turn(pilot, seconds=60)
        assert "data 1m00s" in screen_text(app)
        assert "ENGINE SILENT" in screen_text(app)


async def test_each_pane_takes_pictures_at_its_own_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(160, 48)) as pilot:
        await turn(pilot)
        counts = count_pictures(app, monkeypatch)
        for _ in range(40):
            app.time.advance(0.1)
            app.frame()
        assert (counts["book"], counts["trades"]) == (40, 40)
        for name in ("chart", "market", "feeds"):
            assert counts[name] == pytest.approx(
                4 / app.desk.panes[name].show_period_seconds, abs=1
            ), name


async def test_last_price_is_the_same_everywhere_in_every_frame() -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    async with app.run_test(size=(160, 48)) as pilot:
        await turn(pilot)
        for price in (61_651.5, 61_652.5, 61_653.5):
            engine.snapshot = a_snapshot(last_price=price)
            await turn(pilot, seconds=0.1)
            lines = screen_text(app).splitlines()
            assert f"BTCUSDT {price} ▼" in lines[0]
            assert sum(f"▼{price}" in line for line in lines) == 1
            assert sum(f"last      {price} ▼" in line for line in lines) == 1


async def test_hidden_pane_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        counts = count_pictures(app, monkeypatch)
        await turn(pilot)
        assert {name for name, count in counts.items() if count} == {"book", "chart"}


async def test_thin_line_gets_fewer_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    app.settings = replace(app.settings, low_bandwidth=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        counts = count_pictures(app, monkeypatch)
        for _ in range(80):
            app.time.advance(0.1)
            app.frame()
        assert counts["book"] == 40
        assert counts["chart"] == 2 / app.desk.panes["chart"].show_period_seconds


async def test_new_interval_is_drawn_without_waiting_for_the_turn_of_the_chart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        counts = count_pictures(app, monkeypatch)
        engine.snapshot = a_snapshot(interval_ms=5_000)
        await turn(pilot, seconds=0.1)
        assert counts["chart"] == 1


async def test_wish_of_a_pane_reaches_the_engine_with_the_next_look() -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        pane = app.desk.panes["chart"]
        pane.post_message(ViewChange(lambda view: replace(view, interval_ms=5_000)))
        await turn(pilot)
        await turn(pilot)
        assert engine.views[-1].interval_ms == 5_000
        assert engine.views[-1].bars == app.view.bars


@pytest.mark.slow
@pytest.mark.parametrize("size", [(160, 48), (80, 24)], ids=str)
async def test_log_lines_arrive_once_and_in_order(size: tuple[int, int]) -> None:
    engine = FakeEngine(a_snapshot(), [a_log_line(1, text="first")])
    app = a_cockpit(engine)
    async with app.run_test(size=size) as pilot:
        await turn(pilot)
        engine.lines.append(a_log_line(2, text="second"))
        await turn(pilot)
        await turn(pilot)
        text = screen_text(app)
        assert text.count("second") == 1
        assert ("first" in text) == (size == (160, 48))


@pytest.mark.slow
@pytest.mark.requirement("K4")
async def test_band_says_halted_only_when_the_engine_does() -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await turn(pilot)
        await pilot.press("f12")
        await pilot.pause()
        assert app.main.has_class("-halted")
        assert "HALTING…" in screen_text(app)
        assert "HALTED" not in screen_text(app)
        engine.snapshot = a_snapshot(state=TradingState.HALTED, halt=a_halt("tester"))
        await turn(pilot, seconds=0.1)
        assert "HALTED by tester" in screen_text(app)
        assert "HALTING" not in screen_text(app)
        engine.snapshot = a_snapshot(state=TradingState.REDUCING)
        await turn(pilot, seconds=0.1)
        assert not app.main.has_class("-halted")


async def test_halt_that_nobody_confirms_is_reported_again() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press("f12")
        await turn(pilot, seconds=2.5)
        assert "halt asked 2.5s ago, not confirmed yet" in screen_text(app)
        await turn(pilot, seconds=2.5)
        assert "halt asked 5.0s" not in screen_text(app)
        await turn(pilot, seconds=2.5)
        assert "halt asked 7.5s ago" in screen_text(app)


async def test_production_looks_different() -> None:
    app = a_cockpit(FakeEngine(a_snapshot(environment="production")))
    async with app.run_test(size=(120, 40)) as pilot:
        await turn(pilot)
        assert app.main.has_class("-production")
        assert "╔═" in screen_text(app)


@pytest.mark.slow
async def test_alert_is_a_line_where_there_is_no_height_and_a_toast_where_there_is() -> None:
    for size, is_line in (((80, 24), True), ((160, 35), True), ((160, 48), False)):
        app = a_cockpit(FakeEngine(a_snapshot()))
        async with app.run_test(size=size, notifications=True) as pilot:
            await turn(pilot)
            app.alert("[b]something[/b] happened", Severity.WARNING)
            await pilot.pause()
            assert bool(app.query("Toast")) != is_line
            assert "[b]something[/b] happened" in screen_text(app)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 12), (20, 5)], ids=str)
async def test_alert_on_a_flat_screen_takes_the_place_of_the_keys_for_a_while(
    size: tuple[int, int],
) -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=size, notifications=True) as pilot:
        await turn(pilot)
        before = screen_text(app).splitlines()
        app.alert("something")
        await pilot.pause()
        assert not app.query("Toast")
        lines = screen_text(app).splitlines()
        assert lines[-1].strip() == "something"
        assert lines[1:-1] == before[1:-1]
        await turn(pilot, seconds=ALERT_NS / 1e9)
        assert screen_text(app).splitlines()[-1] == before[-1]


@pytest.mark.slow
async def test_looks_are_remembered_from_one_start_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "state.toml"
    app = a_cockpit(FakeEngine(a_snapshot()), state_path=path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8", "z", "t")
        app.view = replace(app.view, interval_ms=5_000)
        await turn(pilot)
        theme = app.theme
    assert load_state(path) == UiState(theme=theme, pane="trades", zoomed=True, interval_ms=5_000)
    again = a_cockpit(FakeEngine(a_snapshot()), state_path=path)
    async with again.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert [pane.pane_id for pane in again.desk.seen()] == ["trades"]
        assert (again.theme, again.view.interval_ms) == (theme, 5_000)


@pytest.mark.slow
async def test_last_change_before_the_end_is_remembered_too(tmp_path: Path) -> None:
    path = tmp_path / "state.toml"
    app = a_cockpit(FakeEngine(a_snapshot()), state_path=path)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press("6")
    assert load_state(path).pane == "feeds"


@pytest.mark.slow
async def test_unusable_state_is_reported_and_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "state.toml"
    path.write_text("[[[")
    app = a_cockpit(FakeEngine(a_snapshot()), state_path=path)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert "state.toml" in screen_text(app)
        await pilot.press("6")
    assert load_state(path).pane == "feeds"


@pytest.mark.slow
async def test_state_with_a_pane_that_is_no_more_starts_at_the_chart(tmp_path: Path) -> None:
    save_state(tmp_path / "state.toml", UiState(pane="positions", theme="gone"))
    app = a_cockpit(FakeEngine(a_snapshot()), state_path=tmp_path / "state.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert app.desk.chosen == "chart"


async def test_disk_that_cannot_be_written_is_reported_and_nothing_else(tmp_path: Path) -> None:
    app = a_cockpit(FakeEngine(a_snapshot()), state_path=tmp_path / "file" / "state.toml")
    (tmp_path / "file").write_text("in the way")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await turn(pilot)
        await app.workers.wait_for_complete([])
        await pilot.pause()
        assert app.is_running


def test_settings_have_safe_defaults() -> None:
    settings = CockpitSettings(actor="tester")
    assert settings.arm_seconds >= 1
    assert settings.environments == ()
    assert settings.state_path is None
