"""The cockpit's colours: files that change, that are broken, that are not there."""

from pathlib import Path

import pytest
from builders import a_snapshot
from cockpit import a_cockpit, screen_text, turn
from fake_engine import FakeEngine

from botcore_tui.model.event import TradingState


def write_theme(directory: Path, content: str) -> None:
    (directory / "mine.toml").write_text(f'schema = 1\nname = "mine"\n[base]\n{content}\n')


async def test_edited_theme_is_applied_while_the_cockpit_runs(tmp_path: Path) -> None:
    write_theme(tmp_path, 'primary = "#111111"\nbackground = "#222222"')
    app = a_cockpit(FakeEngine(a_snapshot()), theme_directories=(tmp_path,), theme="mine")
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert app.main.styles.background.hex == "#222222"
        write_theme(tmp_path, 'primary = "#111111"\nbackground = "#333333" # changed')
        await turn(pilot)
        await pilot.pause()
        assert app.main.styles.background.hex == "#333333"


@pytest.mark.requirement("R20")
async def test_broken_theme_is_named_once_and_the_old_colours_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_theme(tmp_path, 'primary = "#111111"\nbackground = "#222222"')
    app = a_cockpit(FakeEngine(a_snapshot()), theme_directories=(tmp_path,), theme="mine")
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        write_theme(tmp_path, 'primary = "blurple"')
        alerts: list[str] = []
        monkeypatch.setattr(app, "alert", lambda text, _severity: alerts.append(text))
        for _ in range(4):
            await turn(pilot)
        assert len(alerts) == 1
        assert "mine.toml: [base] primary = 'blurple': failed to parse" in alerts[0]
        assert app.main.styles.background.hex == "#222222"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cb-light", "textual-light", "ansi-dark"])
async def test_theme_can_be_applied(name: str) -> None:
    app = a_cockpit(FakeEngine(a_snapshot()), theme=name)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert app.theme == name
        assert "BTCUSDT" in screen_text(app)


@pytest.mark.parametrize("name", ["mono", "ansi16"])
async def test_no_color_leaves_signs_and_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = a_cockpit(FakeEngine(a_snapshot(state=TradingState.HALTED)), theme=name)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = screen_text(app)
        assert all(sign in text for sign in ("▲", "▼", "HALTED", "DEMO"))


async def test_unknown_theme_is_reported_and_replaced() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()), theme="nope")
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert app.theme == "cb-dark"
        assert "'nope'" in screen_text(app)


async def test_several_problems_are_shown_one_after_the_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text("[[[")
    app = a_cockpit(FakeEngine(a_snapshot()), theme_directories=(tmp_path,))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert "one.toml: not TOML" in screen_text(app)
        await turn(pilot, seconds=4)
        assert "two.toml: not TOML" in screen_text(app)
