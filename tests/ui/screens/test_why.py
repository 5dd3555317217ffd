"""Why is nothing traded: every control in its order, and how to clear what denies."""

import pytest
from builders import NOW_NS, SECOND, a_snapshot
from cockpit import a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from pane_app import row_texts
from risk_views import OBSTACLES, a_risk, an_obstacle, limited

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.screens.why import WhyPane

DENIED = limited(a_risk(obstacles=tuple(OBSTACLES)))


def drawn(snapshot: Snapshot, width: int = 100, *, now_ns: int = NOW_NS) -> list[str]:
    pane = WhyPane(clock_ns=lambda: now_ns)
    return [line.rstrip() for line in row_texts(pane.draw(snapshot, width, 40))]


@pytest.mark.requirement("R13")
def test_each_control_shows_sign_code_value_limit_age_and_how_to_clear_it() -> None:
    lines = drawn(DENIED)
    assert lines[0] == " ✗ NO ENTRIES into BTCUSDT: 2 of 4 controls deny; first P01 trading state"
    assert lines[1].split() == ["code", "control", "value", "limit", "age"]
    assert lines[2].split() == ["✗", "P01", "trading", "state", "HALTED", "ACTIVE"]
    assert lines[3] == "    → F9"
    assert lines[4].startswith("✓ P02  environment binding demo 1a2b3c4d")
    assert lines[5].split()[-3:] == ["1.5", "s", "4.2s"]
    assert lines[6] == "    → wait for the stream, or see pane 6"
    assert lines[7].startswith("✓ P23  clock")
    assert len(lines) == 8


def test_ages_grow_while_no_picture_comes() -> None:
    line = next(line for line in drawn(DENIED, now_ns=NOW_NS + SECOND) if "P09" in line)
    assert line.endswith("5.2s")


def test_all_clear_is_said() -> None:
    passed = limited(a_risk(obstacles=(an_obstacle(is_passed=True),)))
    assert drawn(passed)[0] == "✓ all 1 controls let an entry into BTCUSDT through"


def test_code_and_sign_are_the_last_to_go_and_nothing_controls_the_terminal() -> None:
    nasty = limited(a_risk(obstacles=(an_obstacle(name="a\x1b", value="b\x07", remedy="c\x9b"),)))
    assert all(line.isprintable() for line in drawn(nasty))
    assert any("✗ P09" in line for line in drawn(DENIED, width=12))


def test_absence_is_explained() -> None:
    assert "no control was evaluated yet" in "\n".join(drawn(limited()))
    assert "market data only" in "\n".join(drawn(a_snapshot()))


def test_denied_controls_stand_out_by_colour_as_well() -> None:
    pane = WhyPane(clock_ns=lambda: NOW_NS)
    rows = pane.draw(DENIED, 100, 40)
    assert rows[0][0][1] is Ink.ALARM
    assert rows[2][0][1] is Ink.ERROR


async def test_list_follows_the_pictures_and_scrolls() -> None:
    many = tuple(an_obstacle(f"P{number:02}") for number in range(1, 25))
    engine = FakeEngine(limited(a_risk(obstacles=many)))
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press("w")
        await turn(pilot)
        assert "P01" in screen_text(app)
        await pilot.press("end")
        await pilot.pause()
        assert "P24" in screen_text(app)
        engine.snapshot = limited(a_risk(obstacles=(an_obstacle(is_passed=True),)))
        await turn(pilot)
        assert "all 1 controls let an entry into BTCUSDT through" in screen_text(app)


async def test_first_denial_stands_above_the_positions_too() -> None:
    app = a_cockpit(FakeEngine(DENIED))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = screen_text(app)
        assert "NO ENTRIES: P09 reference freshness: mark 4.2 s old" in text
