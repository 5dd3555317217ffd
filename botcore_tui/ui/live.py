"""The part of the cockpit that runs by itself: pictures, log, alerts, themes, remembered looks."""

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from textual import on
from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from botcore_tui.clock import Clock, SystemClock
from botcore_tui.engine.port import EnginePort
from botcore_tui.errors import ConfigError
from botcore_tui.model.event import Severity, TradingState
from botcore_tui.model.snapshot import LogLine, Snapshot, View
from botcore_tui.ui import format as fmt
from botcore_tui.ui.bars import ActionFooter, AlertRow
from botcore_tui.ui.desk import Desk
from botcore_tui.ui.pace import Pace
from botcore_tui.ui.panes.base import ViewChange
from botcore_tui.ui.panes.status import StatusBand
from botcore_tui.ui.settings import CockpitSettings
from botcore_tui.ui.shelf import ThemeShelf
from botcore_tui.ui.state import UiState, load_state, save_state
from botcore_tui.ui.supervisor import Leave
from botcore_tui.ui.theme import DEFAULT_THEME, shipped_themes, variable_defaults

_SECOND_NS = 1_000_000_000
_LOG_NS = _SECOND_NS // 5
_FASTEST_FPS = 30.0
_UNCONFIRMED_NS = 2 * _SECOND_NS
_READING_NS = 4 * _SECOND_NS
_REMINDER_NS = 5 * _SECOND_NS
# On a thin line what is read number by number comes half as often, the rest a quarter as often.
_THIN = {"book": 2.0, "trades": 2.0, "log": 2.0}
_THIN_OTHERS = 4.0


_TOASTS: dict[Severity, SeverityLevel] = {
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
    Severity.CRITICAL: "error",
}


class LiveApp(App[Leave], inherit_bindings=False):
    """Shows what an engine publishes; without any key.

    Args:
        engine: Where pictures come from.
        settings: See there.
        clock: For ages and paces; the clock that stamps the snapshots.
        driver_class: Of the terminal; None: Textual's choice.
    """

    CSS_PATH = Path(__file__).with_name("layout.tcss")
    TITLE = "botcore"
    AUTO_FOCUS = None
    # A ClassVar annotation would contradict Textual's own of these two.
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-tiny"),
        (80, "-narrow"),
        (110, "-mid"),
        (150, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-flat"),
        (16, "-short"),
        (36, "-tall"),
    ]

    def __init__(
        self,
        engine: EnginePort,
        settings: CockpitSettings,
        *,
        clock: Clock | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.engine = engine
        self.settings = settings
        self.clock = clock or SystemClock()
        self.clock_ns = self.clock.monotonic_ns
        self.latest: Snapshot | None = None
        """The newest picture, also while the panes stand still."""
        self.is_paused = False
        """Whether the panes stand still."""
        self._problems: list[str] = []
        """Not shown yet."""
        self._remembered = self._load_state()
        self.is_zoomed = self._remembered.zoomed
        interval_ms = self._remembered.interval_ms or settings.interval_ms
        self.view = View(interval_ms=interval_ms)
        self.shelf = ThemeShelf((*settings.theme_directories, shipped_themes()))
        self._take_themes()
        self.theme = self._first_theme()
        self.status = StatusBand(clock_ns=self.clock_ns, id="status")
        self.desk = Desk(self.clock_ns, chosen=self._remembered.pane, slowness=self._slowness)
        self.alerts = AlertRow(clock_ns=self.clock_ns, id="alert")
        self._waiting = Static("", id="waiting", markup=False)
        self._started_ns = self.clock_ns()
        self._halt_asked_ns: int | None = None
        self._log_sequence = 0
        self._pace = Pace()

    def get_default_screen(self) -> Screen[None]:
        """The one screen that has panes."""
        layout = "" if self.is_zoomed else " -open"
        return Screen(id="main", classes=f"-waiting{layout}")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colours for the themes that do not know them; without these the style sheet fails."""
        return variable_defaults(dark=self.current_theme.dark)

    def compose(self) -> ComposeResult:
        """Band, panes, news, keys."""
        yield self.status
        yield self._waiting
        yield self.desk
        yield self.alerts
        yield ActionFooter(id="footer")

    def on_mount(self) -> None:
        """Begin to look at the engine."""
        self.desk.choose(self.desk.chosen)
        self.set_interval(1 / min(max(self.settings.fps, 0.5), _FASTEST_FPS), self.frame)

    def on_unmount(self) -> None:
        """Remember the looks of the last second as well."""
        path = self.settings.state_path
        if path is not None and self._looks() != self._remembered:
            with contextlib.suppress(OSError):  # nobody is left to tell
                save_state(path, self._looks())

    @property
    def main(self) -> Screen[object]:
        """The screen with the panes, whatever dialog lies over it."""
        return self.screen_stack[0]

    def alert(self, text: str, severity: Severity = Severity.INFO) -> None:
        """Say something once: in a line at the bottom, or as a toast where there is height."""
        if self.main.has_class("-flat"):
            self.main.add_class("-news")
        if self.alerts.display:
            self.alerts.alert(text, severity)
        else:
            self.notify(text, severity=_TOASTS.get(severity, "information"), markup=False)

    # --- pictures ------------------------------------------------------------------------------

    def frame(self) -> None:
        """Pull one picture and let those draw it whose turn it is.

        The same picture is drawn again and again if there is no newer one: its ages grow.
        """
        now_ns = self.clock_ns()
        snapshot = self.engine.look(self.view)
        is_news = snapshot is not None and self._take(snapshot)
        if self.latest is None:
            waited = fmt.age(now_ns - self._started_ns)
            self._waiting.update(f"waiting for the engine ({waited})")
        else:
            band_ns = self.status.show_period_seconds * _SECOND_NS
            if is_news or self._pace.is_due("status", now_ns, band_ns):
                self.status.show(self.latest)
            if not self.is_paused:
                self.desk.show(self.latest, at_once=is_news)
        if self._pace.is_due("log", now_ns, _LOG_NS):
            self._pull_log()
        if self._pace.is_due("second", now_ns, _SECOND_NS):
            self._each_second(now_ns)

    def _take(self, snapshot: Snapshot) -> bool:
        """Keep a picture; whether it differs in what must be seen without delay."""
        before, self.latest = self.latest, snapshot
        has_account = snapshot.trading_enabled or snapshot.account is not None
        self.main.set_class(has_account, "-trading")
        if before is not None and before.state is snapshot.state and before.halt == snapshot.halt:
            return False
        is_halted = snapshot.state is TradingState.HALTED
        if is_halted:
            self._halt_asked_ns = None
        self.main.remove_class("-waiting")
        self.main.set_class(is_halted or self._halt_asked_ns is not None, "-halted")
        self.main.set_class(snapshot.state is TradingState.REDUCING, "-reducing")
        self.main.set_class(self._is_real_money(snapshot.environment), "-production")
        return True

    def _is_real_money(self, environment: str) -> bool:
        choices = self.settings.environments
        named = [choice for choice in choices if choice.name == environment]
        return environment == "production" or any(choice.is_real_money for choice in named)

    @property
    def is_halting(self) -> bool:
        """Whether a halt was asked for that no picture confirms yet."""
        return self._halt_asked_ns is not None

    def show_halting(self) -> None:
        """Show at once that a halt was asked for; only a picture may say that it happened."""
        if self.latest is None or self.latest.state is not TradingState.HALTED:
            self._halt_asked_ns = self._halt_asked_ns or self.clock_ns()
            self.status.halting = True
            self.main.add_class("-halted")

    @on(ViewChange)
    def _change_view(self, event: ViewChange) -> None:
        self.view = event.change(self.view)

    def _slowness(self, pane: str) -> float:
        return _THIN.get(pane, _THIN_OTHERS) if self.settings.low_bandwidth else 1.0

    def _pull_log(self) -> None:
        # While the display is paused the lines wait in the engine's ring.
        if self.is_paused:
            return
        lines = self.engine.log_since(self._log_sequence)
        if lines:
            self._log_sequence = lines[-1].sequence
            self.desk.append_log(lines)
            self.alerts.show_lines(lines)
            self.take_lines(lines)

    def take_lines(self, lines: Sequence[LogLine]) -> None:
        """New lines of the log; for whatever lies over the panes."""

    # --- once a second -------------------------------------------------------------------------

    def _each_second(self, now_ns: int) -> None:
        self.alerts.redraw()
        if not self.alerts.is_news:
            self.main.remove_class("-news")
        self._take_themes()
        self._report_problem(now_ns)
        self._save_looks()
        asked_ns = self._halt_asked_ns
        if asked_ns is None or now_ns - asked_ns < _UNCONFIRMED_NS:
            return
        if self._pace.is_due("unconfirmed", now_ns, _REMINDER_NS):
            waited = fmt.age(now_ns - asked_ns)
            self.alert(f"halt asked {waited} ago, not confirmed yet", Severity.CRITICAL)

    def _report_problem(self, now_ns: int) -> None:
        # One after the other: the line for alerts holds one, and it must be read.
        if self._problems and self._pace.is_due("problem", now_ns, _READING_NS):
            self.alert(self._problems.pop(0), Severity.WARNING)

    def _take_themes(self) -> None:
        changes = self.shelf.look()
        self._problems += changes.problems
        for theme in changes.themes:
            self.register_theme(theme)
            if theme.name == self.theme and self.is_running:
                # The name is the same, so the assignment alone would do nothing.
                self.mutate_reactive(App.theme)

    def _first_theme(self) -> str:
        for name in (self._remembered.theme, self.settings.theme, DEFAULT_THEME):
            if name in self.available_themes:
                return name
            if name:
                self._problems.append(f"theme {name!r}: there is no such theme")
        return "textual-dark"

    def _load_state(self) -> UiState:
        path = self.settings.state_path
        try:
            return UiState() if path is None else load_state(path)
        except ConfigError as error:
            self._problems.append(f"{error}; it will be written anew")
            return UiState()

    def _looks(self) -> UiState:
        settings = self.settings
        return UiState(
            theme="" if self.theme == settings.theme else self.theme,
            pane=self.desk.chosen,
            zoomed=self.is_zoomed,
            interval_ms=0
            if self.view.interval_ms == settings.interval_ms
            else self.view.interval_ms,
        )

    def _save_looks(self) -> None:
        looks = self._looks()
        path = self.settings.state_path
        if path is None or looks == self._remembered:
            return
        self._remembered = looks
        # In a thread: a full or distant disk must not hold the screen.
        save = partial(save_state, path, looks)
        self.run_worker(save, thread=True, group="state", exit_on_error=False)

    @on(Worker.StateChanged)
    def _report_worker(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "state" and event.state is WorkerState.ERROR:
            self.alert(f"the looks could not be saved: {event.worker.error}", Severity.WARNING)
