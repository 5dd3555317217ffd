"""A terminal driver that can neither stop the program nor miss the halt key.

Textual's own driver freezes its loop when the terminal stops reading, spins when the terminal
goes away, ends the app on malformed input and starts new threads on each SIGCONT. This one speaks
the same protocol to the terminal, with a writer, a reader and a start of its own.

The only file that touches private names of Textual 8.2.8 (helpers of ``LinuxDriver``,
``XTermParser``, ``App._exception``); the tests in a pseudo-terminal guard an upgrade.
"""

import logging
import os
import re
import selectors
import signal
import sys
import termios
import threading
import tty
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from functools import partial
from io import StringIO
from typing import ClassVar, Protocol, TypeVar, runtime_checkable

from rich.console import Console
from textual import constants
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import (
    KITTY_DISAMBIGUATE_ESCAPE_CODES,
    KITTY_REPORT_ALL_KEYS,
    KITTY_REPORT_ASSOCIATED_TEXT,
    LinuxDriver,
)
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.worker import WorkerFailed

from botcore_tui.errors import UnavailableError
from botcore_tui.ui.strips import keep_strips_free_of_cycles
from botcore_tui.ui.terminal import HaltMatcher, TerminalWriter

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

_SYNC_END = "\x1b[?2026l"
_RESTORE = (
    _SYNC_END
    + "\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    # The kitty flags are those of the alternate screen, so they go before it is left
    # (kitty keyboard protocol, "progressive enhancement").
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
_PASTE_END = "\x1b[201~"
_BEFORE_ESCAPE = re.compile("(?=\x1b)")


@runtime_checkable
class HaltSource(Protocol):
    """What the driver needs of its app; called in the driver's threads, so it must not block."""

    def halt_from_key(self, key: str) -> None:
        """Halt now: ``key`` ("F12", "ctrl+k") was seen in the raw input."""

    def tty_lost(self) -> None:
        """Leave: the terminal is gone; called at most once by each driver."""


def prepare(app: App[Result]) -> None:
    """Make an app fit to be supervised: its failures go to the log, not onto the terminal.

    Textual would print the traceback with the value of every local in it.

    Raises:
        UnavailableError: The app would not run on ``SafeDriver``.
    """
    if not issubclass(app.driver_class, SafeDriver):
        raise UnavailableError(
            f"the cockpit is shown by SafeDriver only, not by {app.driver_class.__name__}"
        )
    app.error_console = Console(file=StringIO())
    keep_strips_free_of_cycles()


def failure_of(app: App[Result]) -> BaseException | None:
    """What ended the app, if an exception did; the one inside where a worker failed."""
    error = app._exception  # noqa: SLF001 - Textual offers no public way to the exception
    return error.error if isinstance(error, WorkerFailed) else error


def restore_terminal() -> None:
    """Give the terminal back at once if a driver still holds it; from any thread.

    For a program that is forced out or whose app died without cleaning up; the app that held the
    terminal draws no more. Can block if the terminal is stalled in a way that cannot be flushed.
    """
    if SafeDriver.in_use is not None:
        SafeDriver.in_use.seize()


class SafeDriver(LinuxDriver):
    """Driver of a cockpit: ``App(driver_class=SafeDriver)``, the app being a ``HaltSource``.

    It draws on standard output, so standard error may go to a file.

    Raises:
        TypeError: The app is no ``HaltSource``.
    """

    in_use: ClassVar["SafeDriver | None"] = None
    """The driver that holds the terminal."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        if not isinstance(app, HaltSource):
            raise TypeError(f"{type(app).__name__} must be a HaltSource to use this driver")
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert sys.__stdout__ is not None
        self._halt_source: HaltSource = app
        self._output = sys.__stdout__.fileno()
        self._encoding = sys.__stdout__.encoding
        self._writer = TerminalWriter(
            self._output, on_drained=self._repaint, on_lost=self._tell_lost
        )
        self._told = threading.Lock()  # taken once, by whoever tells first
        self._parser = XTermParser(debug)

    @property
    def can_suspend(self) -> bool:
        """No: the engine would stop with us."""
        return False

    def _sigtstp_application(self, *_: object) -> None:
        pass  # A stopped process guards no position.

    def _sigcont_application(self, *_: object) -> None:
        pass  # Nothing was suspended; the kernel sends it with every hang-up.

    def write(self, data: str) -> None:
        """Queue text for the terminal; never blocks."""
        self._writer.write(data.encode(self._encoding, "replace"))

    def start_application_mode(self) -> None:
        """Take the terminal: what LinuxDriver does, but for its job control."""
        self._writer.start()
        SafeDriver.in_use = self
        signal.signal(signal.SIGWINCH, self._on_window_change)
        self._send_size()
        self.write("\x1b[?1049h")
        self._enable_mouse_support()
        self._enter_raw_mode()
        self.write("\x1b[?25l\x1b[?1004h")
        if not constants.DISABLE_KITTY_KEY:
            flags = (
                KITTY_DISAMBIGUATE_ESCAPE_CODES
                | KITTY_REPORT_ALL_KEYS
                | KITTY_REPORT_ASSOCIATED_TEXT
            )
            self.write(f"\x1b[>{flags}u")
        self._key_thread = threading.Thread(target=self._run_input_thread, name="cockpit-input")
        self._key_thread.start()
        self._request_terminal_sync_mode_support()
        self._query_in_band_window_resize()
        self._enable_bracketed_paste()
        self._disable_line_wrap()
        # Source: LinuxDriver; iTerm 3.5.0 takes the mouse modes only the second time.
        self._enable_mouse_support()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        self.disable_input()
        # Not by ``write``: a frame may be dropped, this may not. Raw mode ends after it, or the
        # shell would read the last mouse reports as typed.
        self._writer.stop(_RESTORE.encode())
        self._leave_raw_mode()
        if SafeDriver.in_use is self:
            SafeDriver.in_use = None

    def close(self) -> None:
        """Clean up, also after a start that failed half-way."""
        if SafeDriver.in_use is self:
            self.stop_application_mode()

    def seize(self) -> None:
        """Give the terminal back past an app that may be stuck; see ``restore_terminal``."""
        SafeDriver.in_use = None
        self._writer.cut()
        self._leave_raw_mode()
        try:
            os.write(self._output, _RESTORE.encode())
        except OSError as error:
            logger.warning("terminal cannot be restored: %s", error)

    def run_input_thread(self) -> None:
        """Read until told to stop or until the terminal is gone; halt keys come first."""
        matcher = HaltMatcher()
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    if not (data := self._read()):
                        self._tell_lost()
                        return
                    keys = matcher.feed(data)
                    for key in keys:
                        self._halt_source.halt_from_key(key)
                    self._feed(decode(data))
                    if keys:
                        # An unfinished bracketed paste swallows every key; who halts, wants them.
                        self._feed(_PASTE_END)
                self._deliver(self._parser.tick)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError as error:
            logger.warning("terminal gives no input any more: %s", error)
            return b""

    def _feed(self, text: str) -> None:
        # Piece by piece, so that a malformed sequence does not take the next one with it.
        for piece in _BEFORE_ESCAPE.split(text):
            if piece:  # The parser takes an empty text for the end of input.
                self._deliver(partial(self._parser.feed, piece))

    def _deliver(self, parse: Callable[[], Iterable[Message]]) -> None:
        messages: list[Message] = []
        try:
            messages.extend(parse())
        except (ArithmeticError, LookupError, ParseError, RuntimeError, TypeError, ValueError) as e:
            # Whatever bytes arrive, the keyboard goes on: ESC[104:72;2;72u is a ValueError.
            logger.warning("terminal sent what cannot be parsed: %r", e)
            self._replace_parser()
        for message in messages:
            self.process_message(message)

    def _replace_parser(self) -> None:
        old, self._parser = self._parser, XTermParser(self._debug)
        self._parser.mouse_pixels = old.mouse_pixels
        self._parser.terminal_size = old.terminal_size
        self._parser.terminal_pixel_size = old.terminal_pixel_size

    def _tell_lost(self) -> None:
        if self._told.acquire(blocking=False):
            self._halt_source.tty_lost()

    def _repaint(self) -> None:
        # The end of a synchronized update may be among what was dropped.
        self.write(_SYNC_END)
        self._app.call_later(self._app.refresh)

    def _on_window_change(self, *_: object) -> None:
        if not self._in_band_window_resize:
            self._send_size()

    def _send_size(self) -> None:
        size = Size(*self._get_terminal_size())
        self.send_message(Resize(size, size))

    def _enter_raw_mode(self) -> None:
        try:
            self.attrs_before = termios.tcgetattr(self.fileno)
            raw = termios.tcgetattr(self.fileno)
            raw[tty.LFLAG] = self._patch_lflag(raw[tty.LFLAG])
            raw[tty.IFLAG] = self._patch_iflag(raw[tty.IFLAG])
            raw[tty.CC][termios.VMIN] = 1  # Source: LinuxDriver; Solaris starts with 4.
            termios.tcsetattr(self.fileno, termios.TCSANOW, raw)
        except termios.error as error:
            # The reader will meet the same terminal and say that it is lost.
            logger.warning("terminal cannot be set: %s", error)

    def _leave_raw_mode(self) -> None:
        if self.attrs_before is None:
            return
        try:
            termios.tcflush(self.fileno, termios.TCIFLUSH)
            termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        except termios.error as error:
            logger.warning("terminal cannot be reset: %s", error)
