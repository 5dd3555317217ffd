"""The two lines under the panes."""

import pytest
from builders import a_log_line
from textual.app import App, ComposeResult

from botcore_tui.clock import ManualClock
from botcore_tui.model.event import Severity
from botcore_tui.ui.bars import ALERT_NS, ActionFooter, AlertRow


class Bars(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.time = ManualClock()
        self.alerts = AlertRow(clock_ns=self.time.monotonic_ns, id="alert")
        self.footer = ActionFooter(id="footer")

    def compose(self) -> ComposeResult:
        yield self.alerts
        yield self.footer

    CSS = "AlertRow, ActionFooter { height: 1; width: 100%; }"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        names = ("bid", "ask", "up", "down", "muted", "stale", "halted", "warn", "grid")
        environments = ("demo", "replay", "paper", "testnet", "production")
        return dict.fromkeys((*names, *(f"env-{name}" for name in environments)), "red")


@pytest.mark.parametrize("width", [1, 8, 16, 20, 40, 60, 80, 160])
async def test_footer_always_offers_help_and_what_else_fits(width: int) -> None:
    app = Bars()
    async with app.run_test(size=(width, 5)):
        text = app.footer.render_line(0).text
        assert len(text) == width
        if width >= 8:
            assert "? Help" in text
        if width >= 20:
            assert text.startswith(" F12 HALT")
        shown = [app.footer.action_at(x) for x in range(width)]
        assert shown[0] is not None


async def test_click_beside_the_keys_does_nothing() -> None:
    app = Bars()
    async with app.run_test(size=(160, 5)) as pilot:
        assert app.footer.action_at(150) is None
        await pilot.click("#footer", offset=(150, 0))


async def test_alert_gives_way_to_the_log_line_after_a_while() -> None:
    app = Bars()
    async with app.run_test(size=(60, 5)):
        app.alerts.show_lines([a_log_line(text="all is well")])
        assert "INFO 22:13:20 stream all is well" in app.alerts.render_line(0).text
        app.alerts.alert("theme mono\nis bad", Severity.WARNING)
        assert app.alerts.render_line(0).text.startswith(" theme mono is bad ")
        app.alerts.show_lines([a_log_line(text="still well")])
        assert "theme mono" in app.alerts.render_line(0).text
        app.time.advance(ALERT_NS / 1e9)
        app.alerts.redraw()
        assert "still well" in app.alerts.render_line(0).text


async def test_terminal_codes_of_a_log_line_are_written_out() -> None:
    app = Bars()
    async with app.run_test(size=(30, 5)):
        app.alerts.show_lines([a_log_line(text="a\x1b[2J\r\nb" + "界" * 40)])
        text = app.alerts.render_line(0)
        assert text.cell_length == 30
        assert text.text.isprintable()


async def test_error_is_not_overwritten_by_what_matters_less_before_it_could_be_read() -> None:
    app = Bars()
    async with app.run_test(size=(60, 5)):
        bad = a_log_line(text="the exchange died", severity=Severity.CRITICAL)
        app.alerts.show_lines([bad, a_log_line(text="book is live")])
        assert "the exchange died" in app.alerts.render_line(0).text
        app.alerts.show_lines([a_log_line(text="worse", severity=Severity.CRITICAL)])
        assert "worse" in app.alerts.render_line(0).text
        app.time.advance(ALERT_NS / 1e9)
        app.alerts.show_lines([a_log_line(text="book is live")])
        assert "book is live" in app.alerts.render_line(0).text


async def test_newer_error_is_not_hidden_by_a_graver_one_of_long_ago_in_the_same_piece() -> None:
    """As in a cockpit that opens again where an environment could not be changed."""
    app = Bars()
    async with app.run_test(size=(60, 5)):
        halt = a_log_line(text="HALT confirmed", severity=Severity.CRITICAL)
        late = halt.time_ms + ALERT_NS // 1_000_000
        app.alerts.show_lines(
            [halt, a_log_line(text="not changed", severity=Severity.ERROR, time_ms=late)]
        )
        assert "not changed" in app.alerts.render_line(0).text
