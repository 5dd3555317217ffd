"""Who is told that does not look at the screen: alerts and heartbeat of one run of the program."""

import logging
from pathlib import Path
from typing import Final

from botcore_tui.cli.secrecy import SecrecyFilter
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config
from botcore_tui.engine.alerts import Alerts, AlertTerms
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.heartbeat import Heartbeat, HeartbeatTerms

_LAST_SECONDS: Final = 5.0
"""Longest that the end of the program waits for an alert."""


class Telling:
    """Nothing of it runs unless it is configured.

    Args:
        config: Checked.
    """

    def __init__(self, config: Config) -> None:
        terms = alert_terms(config)
        self._alerts = Alerts(terms) if terms.command else None
        beat = heartbeat_terms(config)
        self._heartbeat = Heartbeat(beat, SystemClock()) if beat.is_wanted else None

    def start(self) -> None:
        """Begin; after signals are blocked, not before."""
        if self._alerts is not None:
            self._alerts.addFilter(SecrecyFilter())
            logging.getLogger().addHandler(self._alerts)
            self._alerts.start()
        if self._heartbeat is not None:
            self._heartbeat.start()

    def follow(self, engine: Engine, environment: str) -> None:
        """Tell of this engine, which has not started."""
        if self._alerts is not None:
            self._alerts.environment = environment
        if self._heartbeat is not None:
            self._heartbeat.environment = environment
            engine.serve("heartbeat", self._heartbeat.beat)

    def finish(self) -> None:
        """Send what waits; bounded, as the command may hang."""
        if self._heartbeat is not None:
            self._heartbeat.finish()
        if self._alerts is not None:
            self._alerts.finish(_LAST_SECONDS)
            logging.getLogger().removeHandler(self._alerts)


def alert_terms(config: Config) -> AlertTerms:
    """How alerts are sent."""
    keys = config.alerts
    return AlertTerms(keys.command, keys.timeout_seconds, keys.pause_seconds)


def heartbeat_terms(config: Config) -> HeartbeatTerms:
    """How the heartbeat is shown."""
    keys = config.alerts
    return HeartbeatTerms(
        file=Path(keys.heartbeat_file).expanduser().absolute() if keys.heartbeat_file else None,
        command=keys.heartbeat_command,
        every_seconds=keys.heartbeat_seconds,
        timeout_seconds=keys.timeout_seconds,
    )
