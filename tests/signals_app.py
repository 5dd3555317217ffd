"""A program that takes signals; run by test_signals.py. It tells what happens on its output."""

import hashlib
import os
import signal
import sys
import threading
from pathlib import Path

from botcore_tui.engine.signals import SignalThread


def tell(line: str) -> None:
    """Write one line, past every buffer."""
    os.write(1, f"{line}\n".encode())


class Handlers:
    """Tells; a halt raises, or hangs from the second on."""

    def __init__(self) -> None:
        self._halts = 0
        self.left = threading.Event()

    def halt(self, actor: str, reason: str) -> None:
        """See SignalHandlers."""
        tell(f"halt {actor} {reason}")
        self._halts += 1
        if self._halts > 1:
            threading.Event().wait()
        raise ZeroDivisionError

    def terminate(self, signal_name: str) -> None:
        """See SignalHandlers."""
        tell(f"terminate {signal_name}")
        self.left.set()

    def disconnect(self, signal_name: str) -> None:
        """See SignalHandlers."""
        tell(f"disconnect {signal_name}")
        self.left.set()


def tell_of_reports() -> None:
    """Tell when a thread's exception has been written out: the end of the process cuts it off."""
    usual = threading.excepthook

    def report(failure: threading.ExceptHookArgs) -> None:
        usual(failure)
        tell(f"reported {failure.exc_type.__name__}")

    threading.excepthook = report


def main() -> None:
    """Run: MODE DUMP_PATH."""
    handlers = Handlers()
    if sys.argv[1] == "reports":
        tell_of_reports()
    if sys.argv[1] == "late":
        threading.Thread(target=threading.Event().wait, name="early bird", daemon=True).start()
    signals = SignalThread(
        handlers,
        dump_path=Path(sys.argv[2]),
        leave_seconds=0.5,
        restore_terminal=lambda: tell("restored"),
    )
    signals.start()
    tell("ready")
    match sys.argv[1]:
        case "c code":
            hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)
        case "quit":
            signals.expect_exit()
            signals.expect_exit()
            threading.Event().wait()
        case _:
            handlers.left.wait()


if __name__ == "__main__":
    signal.alarm(20)  # a test that fails leaves nothing behind
    main()
