"""The log: filtered, searched, followed or held still."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from botcore_tui.model.snapshot import LogLine
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import LinePane, PagesAsked, Row, message_rows
from botcore_tui.ui.panes.cells import cut, printable
from botcore_tui.ui.panes.log_buffer import LEVELS, LogBuffer, line_text
from botcore_tui.ui.panes.log_rows import editor_row, line_rows
from botcore_tui.ui.runbook import codes_in

_WHEEL_LINES = 3
_LONGEST_QUERY = 200


class LogPane(LinePane):
    """The last lines of the log, newest at the bottom.

    Following shows the newest line; scrolling up or ``f`` holds the pane still, ``end`` or ``f``
    goes on. ``/`` edits a search in the lowest line: enter keeps it, escape forgets it.
    """

    pane_id = "log"
    pane_title = "log"
    hotkey = "7"
    show_period_seconds = 0.2

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "pages", "Explain", tooltip="Explain the codes in sight", show=False),
        Binding("l", "level", "Level", tooltip="Show lines of the next level and above"),
        Binding("slash", "search", "Search", tooltip="Search the log", key_display="/"),
        Binding("n", "match(1)", "Next", tooltip="Go to the next match", show=False),
        Binding("N", "match(-1)", "Previous", tooltip="Go to the match before", show=False),
        Binding("f", "follow", "Follow", tooltip="Follow the newest line, or hold still"),
        Binding("w", "wrap", "Wrap", tooltip="Fold long lines, or cut them"),
        Binding("j,down", "scroll_lines(1)", "Down", tooltip="One line down", show=False),
        Binding("k,up", "scroll_lines(-1)", "Up", tooltip="One line up and hold", show=False),
        Binding("pagedown", "scroll_pages(1)", "Page down", tooltip="One page down", show=False),
        Binding("pageup", "scroll_pages(-1)", "Page up", tooltip="One page up", show=False),
        Binding("home", "scroll_first", "Oldest", tooltip="Go to the oldest line", show=False),
        Binding("end", "scroll_last", "Newest", tooltip="Follow the newest line", show=False),
        Binding("escape", "forget", "Forget", tooltip="Forget the search", show=False),
    ]

    def __init__(
        self,
        *,
        clock_ns: Callable[[], int] | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(clock_ns=clock_ns, id=id, classes=classes)
        self._buffer = LogBuffer()
        self._held: int | None = None
        """Sequence number of the lowest line while the pane is held; None while it follows."""
        self._match: int | None = None
        """Sequence number of the match that was last gone to."""
        self._draft: str | None = None
        """The search as it is being typed; None while it is not."""
        self._origin: int | None = None
        """What was held when the search began: there it goes back without a match."""
        self._is_wrapped = False

    @property
    def is_following(self) -> bool:
        """Whether new lines move the pane."""
        return self._held is None

    @property
    def is_searching(self) -> bool:
        """Whether keys go into the search."""
        return self._draft is not None

    def append(self, lines: Sequence[LogLine]) -> None:
        """Take new lines, oldest first; lines already taken are passed over."""
        if self._buffer.append(lines):
            self.redraw()

    def clear(self) -> None:
        """Forget every line, as when another engine begins to count from one."""
        self._buffer.clear()
        self._held = self._origin = self._match = None
        self.redraw()

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """The lines in sight, whatever the picture, and the search while it is typed."""
        if self._draft is not None:
            return [*self._line_rows(width, height - 1), editor_row(self._draft, width)]
        return self._line_rows(width, height)

    def caption(self) -> str:
        """Level, whether the pane follows, how many lines, and what the search found."""
        buffer = self._buffer
        parts = [f"{buffer.minimum}+"]
        if self._held is None:
            parts.append("follow")
        else:
            below = len(buffer.visible) - 1 - buffer.place_of(self._held)
            parts.append(f"held, {fmt.count(below)} below" if below else "held")
        parts.append(fmt.plural(len(buffer.visible), "line"))
        if buffer.dropped:
            parts.append(f"{fmt.count(buffer.dropped)} dropped")
        if buffer.query:
            place = buffer.number_of(self._match) if self._match is not None else 0
            found = f"{place}/{fmt.count(len(buffer.matches))}"
            parts.append(f"/{cut(printable(buffer.query), 20)} {found}")
        return " · ".join(parts)

    def _line_rows(self, width: int, height: int) -> list[Row]:
        lines = self._buffer.visible
        if not lines or height < 1:
            text = f"no lines of {self._buffer.minimum} or above"
            return message_rows(text, "", width=width, height=height)
        place = self._place()
        rows: list[Row] = []
        for line in islice(reversed(lines), len(lines) - 1 - place, None):
            rows[:0] = self._rows_of(line, width)
            if len(rows) >= height:
                return rows[-height:]
        # The oldest line is in sight and there is room left: go on below.
        for line in islice(lines, place + 1, None):
            rows += self._rows_of(line, width)
            if len(rows) >= height:
                break
        return rows[:height]

    def _place(self) -> int:
        last = len(self._buffer.visible) - 1
        return last if self._held is None else max(0, self._buffer.place_of(self._held))

    def _rows_of(self, line: LogLine, width: int) -> list[Row]:
        return line_rows(
            line,
            width,
            spans=self._buffer.spans,
            is_wrapped=self._is_wrapped,
            is_current=line.sequence == self._match,
        )

    # --- where to look -----------------------------------------------------------------------

    def _hold_at(self, place: int) -> None:
        # Hold with this line lowest; at the newest line the pane follows again.
        lines = self._buffer.visible
        if not lines or place >= len(lines) - 1:
            self._held = None
        else:
            self._held = lines[max(place, self._lowest_place())].sequence
        self.redraw()

    def _lowest_place(self) -> int:
        # Place of the lowest line when the oldest one stands at the top.
        width, height = self.size
        rows = 0
        for place, line in enumerate(self._buffer.visible):
            rows += len(self._rows_of(line, width))
            if rows >= height:
                return place
        return len(self._buffer.visible) - 1

    def action_scroll_lines(self, lines: int) -> None:
        """So many lines further down; the newest one resumes following."""
        self._hold_at(self._place() + lines)

    def action_scroll_pages(self, pages: int) -> None:
        """So many pages further down."""
        self.action_scroll_lines(pages * max(1, self.size.height - 1))

    def action_scroll_first(self) -> None:
        """To the oldest line."""
        self._hold_at(0)

    def action_scroll_last(self) -> None:
        """To the newest line, and follow."""
        self._held = None
        self.redraw()

    def action_follow(self) -> None:
        """Hold still, or follow again."""
        lines = self._buffer.visible
        self._held = lines[-1].sequence if self._held is None and lines else None
        self.redraw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three lines down."""
        event.stop()
        self.action_scroll_lines(_WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three lines up, and hold."""
        event.stop()
        self.action_scroll_lines(-_WHEEL_LINES)

    # --- what to see -------------------------------------------------------------------------

    def action_level(self) -> None:
        """The next minimum level."""
        level = LEVELS[(LEVELS.index(self._buffer.minimum) + 1) % len(LEVELS)]
        self._buffer.set_minimum(level)
        self.redraw()

    def action_wrap(self) -> None:
        """Fold long lines, or cut them."""
        self._is_wrapped = not self._is_wrapped
        self.redraw()

    # --- what it means -----------------------------------------------------------------------

    def action_pages(self) -> None:
        """Ask for the pages of the codes in sight: of the match that was gone to, then upwards."""
        lines, place = self._buffer.visible, self._place()
        sight = list(islice(reversed(lines), len(lines) - 1 - place, None))[: self.size.height]
        sight.sort(key=lambda line: line.sequence != self._match)
        told = [(line_text(line), codes_in(f"{line.text} {line.source}")) for line in sight]
        told = [(text, codes) for text, codes in told if codes]
        codes = [code for _, found in told for code in found]
        self.post_message(PagesAsked(codes, told[0][0] if told else ""))

    # --- what to look for --------------------------------------------------------------------

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Printable keys belong to the search while it is typed."""
        if self._draft is None:
            return super().check_consume_key(key, character)
        return character is not None and character.isprintable()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave escape to others while there is no search to forget."""
        if action == "forget":
            return self._draft is not None or bool(self._buffer.query)
        if action == "pages":
            return self._draft is None
        return super().check_action(action, parameters)

    def action_search(self) -> None:
        """Type what to look for."""
        self._draft, self._origin = self._buffer.query, self._held
        self.redraw()

    def action_forget(self) -> None:
        """Look for nothing; from the middle of typing back to where it began."""
        if self._draft is not None:
            self._held = self._origin
        self._draft = self._match = None
        self._buffer.set_query("")
        self.redraw()

    def action_match(self, direction: int) -> None:
        """To the next match below (1) or above (-1), around the ends."""
        start = self._match
        if start is None:
            lines = self._buffer.visible
            start = lines[self._place()].sequence if lines else 0
        buffer = self._buffer
        found = buffer.match_after(start) if direction > 0 else buffer.match_before(start)
        self._go_to(found)

    def _go_to(self, match: int | None) -> None:
        self._match = match
        if match is not None:
            lines = self._buffer.visible
            middle = self._buffer.place_of(match) + self.size.height // 2
            place = min(len(lines) - 1, max(middle, self._lowest_place()))
            self._held = lines[place].sequence
        self.redraw()

    def _look_for(self, draft: str) -> None:
        # Take over what is typed so far, and go to its newest match in or above sight.
        self._draft, self._held = draft[:_LONGEST_QUERY], self._origin
        lines = self._buffer.visible
        lowest = lines[self._place()].sequence if lines else 0
        self._buffer.set_query(self._draft)
        self._go_to(self._buffer.match_before(lowest + 1))

    def on_key(self, event: events.Key) -> None:
        """Edit the search while it is typed."""
        if self._draft is None:
            return
        if event.key == "enter":
            self._draft = None
            self.redraw()
        elif event.key == "backspace":
            self._look_for(self._draft[:-1])
        elif event.is_printable and event.character is not None:
            self._look_for(self._draft + event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Paste the first line into the search."""
        if self._draft is not None:
            event.stop()
            self._look_for(self._draft + (event.text.splitlines() or [""])[0])
