"""``botcore setup``: the first start step by step, asked or told by flags (R55, R71, R73, R74)."""

import logging
import os
import sys
from collections.abc import Callable, Iterable

from botcore_tui.cli.doctor_terms import Finding, Grade, exit_code, finding_lines
from botcore_tui.cli.output import say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import places
from botcore_tui.cli.secrecy import without_secrets
from botcore_tui.cli.settings import config_path, loaded
from botcore_tui.cli.setup_steps import (
    acknowledged,
    config_written,
    key_source,
    keys_checked,
    limits_text,
    standing_config,
    tested_alert,
)
from botcore_tui.config import KEYS, Environment, credential_variables

_NEXT = """\
next   botcore doctor --environment {environment}   looks whether all is ready
       botcore run --environment {environment} --enable-trading   lets orders out
       botcore runbook   says what each code means"""


def run_setup(arguments: Arguments) -> int:
    """Do the steps that are asked for; exit code.

    Raises:
        ConfigError: The configuration that is there is wrong.
        UnavailableError: The state directory cannot be written.
    """
    # What the clients would log is in the findings.
    logging.getLogger("botcore_tui").addHandler(logging.NullHandler())
    return _Wizard(arguments).run()


class _Wizard:
    def __init__(self, arguments: Arguments) -> None:
        self._arguments = arguments
        self._flags = {
            "write_config": arguments.write_config,
            "check_keys": arguments.check_keys,
            "limits": arguments.limits or arguments.accept,
            "accept": arguments.accept,
            "test_alert": arguments.test_alert,
        }
        self._is_told = any(self._flags.values())
        self._is_asking = not self._is_told and sys.stdin.isatty()
        self._findings: list[Finding] = []

    def run(self) -> int:
        """All steps in their order."""
        where = places(self._arguments.state_dir)
        self._configure()
        self._choose_environment()
        configuration, _ = loaded(self._arguments)
        config = configuration.config
        environment = config.environment
        key = key_source(environment, os.environ)
        if not self._is_told:
            self._say([key])
        question = f"ask {environment} now whether clock and key are good?"
        has_key = key.grade is Grade.GOOD and credential_variables(environment) is not None
        if self._wants("check_keys", question, is_offered=has_key):
            self._say(keys_checked(config, environment))
        if self._shows("limits"):
            say(limits_text(config, where, environment))
        if self._wants("accept", "have you read these limits, and shall that be stored?"):
            self._say([acknowledged(where, environment, is_new=True)])
        elif self._shows("limits"):
            self._say([acknowledged(where, environment, is_new=False)])
        if self._wants(
            "test_alert", "send one test alert now?", is_offered=bool(config.alerts.command)
        ):
            self._say([tested_alert(config, environment, is_sent=True)])
        elif self._shows("test_alert"):
            self._say([tested_alert(config, environment, is_sent=False)])
        if not self._is_told:
            say(_NEXT.format(environment=environment))
        return 1 if exit_code(self._findings) == 1 else 0

    def _configure(self) -> None:
        path = self._arguments.config
        path = path or places(self._arguments.state_dir).config_file
        if not self._shows("write_config"):
            return
        question = f"write {path}: testnet, trading off, breakers on?"
        if self._wants("write_config", question, is_offered=not path.exists()):
            self._say([config_written(path)])
        else:
            self._say([standing_config(path)])

    def _choose_environment(self) -> None:
        """Whoever has configured nothing begins on the testnet."""
        arguments = self._arguments
        path = config_path(arguments, places(arguments.state_dir))
        if path is not None and not path.exists():
            arguments.config = path = None  # named, and not written
        is_configured = path is not None or KEYS["environment"].variable in os.environ
        if arguments.environment is None and not is_configured:
            arguments.environment = str(Environment.TESTNET)

    def _shows(self, step: str) -> bool:
        """Whether a step is gone through at all."""
        return not self._is_told or self._flags[step]

    def _wants(self, step: str, question: str, *, is_offered: bool = True) -> bool:
        """Whether a step is to be done, by its flag or by a yes."""
        if self._is_told:
            return self._flags[step]
        return self._is_asking and is_offered and _yes(question)

    def _say(self, findings: Iterable[Finding]) -> None:
        found = list(findings)
        self._findings += found
        say(without_secrets("\n".join(line for each in found for line in finding_lines(each))))


def _yes(question: str, ask: Callable[[str], str] | None = None) -> bool:
    try:
        answer = (ask or input)(f"{question} [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in {"y", "yes"}
