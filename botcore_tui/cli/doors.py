"""Where signals go: to whatever environment is open."""

from botcore_tui.ui.supervisor import CockpitSupervisor


class Doors:
    """Signal handlers of whatever environment is open."""

    def __init__(self) -> None:
        self._supervisor: CockpitSupervisor | None = None
        self._terminated = ""

    def open(self, supervisor: CockpitSupervisor) -> None:
        """Pass signals on to this one from now on."""
        self._supervisor = supervisor
        if self._terminated:  # it came between two environments
            supervisor.terminate(self._terminated)

    def halt(self, actor: str, reason: str) -> None:
        """Halt."""
        if self._supervisor is not None:
            self._supervisor.halt(actor, reason)

    def terminate(self, signal_name: str) -> None:
        """Halt and leave."""
        self._terminated = signal_name
        if self._supervisor is not None:
            self._supervisor.terminate(signal_name)

    def disconnect(self, signal_name: str) -> None:
        """Follow the rule for a lost terminal."""
        if self._supervisor is not None:
            self._supervisor.disconnect(signal_name)

    def restore_terminal(self) -> None:
        """Give the terminal back."""
        if self._supervisor is not None:
            self._supervisor.restore_terminal()
