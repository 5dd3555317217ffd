"""The two lines under the panes: the latest news, and what the keys do."""

from collections.abc import Callable, Sequence

from textual import events

from botcore_tui.model.event import Severity
from botcore_tui.model.snapshot import LogLine
from botcore_tui.ui import format as fmt
from botcore_tui.ui.actions import Action, footer_actions
from botcore_tui.ui.panes.base import LinePane, Row, filled
from botcore_tui.ui.panes.cells import cut, printable, width_of
from botcore_tui.ui.panes.ink import Ink

ALERT_NS = 8_000_000_000
"""How long an alert stands before the log line comes back."""

_INK = {
    Severity.DEBUG: Ink.MUTED,
    Severity.INFO: Ink.MUTED,
    Severity.WARNING: Ink.WARN,
    Severity.ERROR: Ink.ERROR,
    Severity.CRITICAL: Ink.ALARM,
}


_WEIGHTS = list(Severity)
_GRAVE = frozenset({Severity.ERROR, Severity.CRITICAL})


def _lighter(line: LogLine, other: LogLine) -> bool:
    return _WEIGHTS.index(line.severity) < _WEIGHTS.index(other.severity)


def _is_close(line: LogLine, other: LogLine) -> bool:
    """Whether they belong together: a cockpit that opens is told of hours at once."""
    return line.time_ms - other.time_ms < ALERT_NS // 1_000_000


class AlertRow(LinePane, can_focus=False):
    """One line: an alert while it is new, else the latest line of the log."""

    def __init__(self, *, clock_ns: Callable[[], int] | None = None, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(clock_ns=clock_ns, id=id)
        self._alert = ("", Severity.INFO)
        self._until_ns = 0
        self._line: LogLine | None = None
        self._grave_until_ns = 0
        """Until then a line of less weight does not take the place of the present one."""

    @property
    def is_news(self) -> bool:
        """Whether an alert still stands."""
        return self.clock_ns() < self._until_ns

    def alert(self, text: str, severity: Severity) -> None:
        """Show a text for a while; a newer one takes its place."""
        self._alert = (text, severity)
        self._until_ns = self.clock_ns() + ALERT_NS
        self.redraw()

    def show_lines(self, lines: Sequence[LogLine]) -> None:
        """Take new lines of the log: the latest, but an error stands for a while before it goes."""
        now_ns = self.clock_ns()
        for line in lines:
            present = self._line
            is_lighter = (
                present is not None and _lighter(line, present) and _is_close(line, present)
            )
            if is_lighter and now_ns < self._grave_until_ns:
                continue
            self._line = line
            self._grave_until_ns = now_ns + ALERT_NS if line.severity in _GRAVE else 0
        self.redraw()

    def redraw(self) -> None:
        """Format again; also lets an old alert go."""
        width = self.size.width
        self.set_rows([filled(self._row(width), width)])

    def _row(self, width: int) -> Row:
        if self.is_news:
            text, severity = self._alert
            return ((cut(f" {printable(' '.join(text.split()))}", width), _INK[severity]),)
        if self._line is None:
            return ()
        line = self._line
        text = f" {line.severity} {fmt.clock(line.time_ms)} {line.source} {line.text}"
        return ((cut(printable(text), width), _INK[line.severity]),)


class ActionFooter(LinePane, can_focus=False):
    """Keys and what they do; a click does the same. The help stays when room runs out."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._spans: list[tuple[range, Action]] = []

    def redraw(self) -> None:
        """Lay the actions out for the present width."""
        width = self.size.width
        row: list[tuple[str, Ink]] = []
        self._spans = []
        position = 0
        for action in _fitting(footer_actions(), width):
            texts = _texts(action)
            row += [
                (texts[0], Ink.HALTED if action.danger == 3 else Ink.STRONG),
                (texts[1], Ink.TEXT),
            ]
            cells = _cells(action)
            self._spans.append((range(position, position + cells), action))
            position += cells
        self.set_rows([filled(tuple(row), width)])

    def action_at(self, x: int) -> Action | None:
        """What stands in a column."""
        return next((action for span, action in self._spans if x in span), None)

    async def on_click(self, event: events.Click) -> None:
        """Do what was clicked."""
        action = self.action_at(event.x)
        if action is not None:
            await self.app.run_action(action.id)


def _texts(action: Action) -> tuple[str, str]:
    # Two keys for one thing: the footer has room for the first.
    first = action.shown_keys.partition(" ")[0]
    return f" {first} ", f"{action.label} "


def _cells(action: Action) -> int:
    return sum(width_of(text) for text in _texts(action))


def _fitting(actions: Sequence[Action], width: int) -> list[Action]:
    *others, last = actions
    room = width - _cells(last)
    chosen: list[Action] = []
    for action in others:
        room -= _cells(action)
        if room < 0:
            break
        chosen.append(action)
    return [*chosen, last]
