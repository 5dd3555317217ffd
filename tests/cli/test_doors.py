"""Signals reach whatever environment is open, and wait for it where none is."""

from botcore_tui.cli.doors import Doors


def test_a_signal_between_two_environments_reaches_the_next_one() -> None:
    doors = Doors()
    doors.terminate("SIGTERM")
    doors.halt("signal", "SIGUSR1")
    doors.disconnect("SIGHUP")
    doors.restore_terminal()
    told: list[str] = []

    class Supervisor:
        """Tells."""

        def terminate(self, signal_name: str) -> None:
            """Tell."""
            told.append(signal_name)

    doors.open(Supervisor())  # type: ignore[arg-type]  # only this much of it is used
    assert told == ["SIGTERM"]


def test_every_signal_reaches_what_is_open() -> None:
    told: list[str] = []

    class Supervisor:
        """Tells."""

        def halt(self, actor: str, reason: str) -> None:
            """Tell."""
            told.append(f"halt {actor} {reason}")

        def terminate(self, signal_name: str) -> None:
            """Tell."""
            told.append(f"terminate {signal_name}")

        def disconnect(self, signal_name: str) -> None:
            """Tell."""
            told.append(f"disconnect {signal_name}")

        def restore_terminal(self) -> None:
            """Tell."""
            told.append("restore")

    doors = Doors()
    doors.open(Supervisor())  # type: ignore[arg-type]  # only this much of it is used
    doors.halt("signal", "SIGUSR1")
    doors.disconnect("SIGHUP")
    doors.terminate("SIGTERM")
    doors.restore_terminal()
    assert told == ["halt signal SIGUSR1", "disconnect SIGHUP", "terminate SIGTERM", "restore"]
