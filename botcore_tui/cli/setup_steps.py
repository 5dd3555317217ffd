"""The steps of ``botcore setup``; each gives back what it found or did."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Final

from botcore_tui.cli.actor import actor
from botcore_tui.cli.credentials import credentials_of
from botcore_tui.cli.doctor_terms import Finding, Grade, good
from botcore_tui.cli.first_start import Acknowledgements, terms_of
from botcore_tui.cli.places import Places
from botcore_tui.cli.telling import alert_terms
from botcore_tui.config import Config, Environment, credential_variables, first_text
from botcore_tui.config.masking import printable
from botcore_tui.core.briefing import Paragraph, briefing
from botcore_tui.engine.alerts import send_alert
from botcore_tui.errors import ConfigError
from botcore_tui.exchange.binance.keys import fingerprint

_WIDTH: Final = 90


def standing_config(path: Path) -> Finding:
    """Whether there is a configuration."""
    if path.exists():
        return good("configuration", f"{path} is there and stays as it is")
    text = f"there is none at {path}: everything has its default"
    return Finding(Grade.NOTE, "configuration", text, "botcore setup --write-config writes one")


def config_written(path: Path) -> Finding:
    """Write the first one: all keys, the testnet, trading off; never over another."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(first_text())
    except OSError as error:
        if path.exists():
            text = f"{path} is there already: nothing was written"
            return Finding(Grade.BAD, "configuration", text, "change it by hand, or name another")
        text = f"{path} cannot be written: {error.strerror}"
        return Finding(Grade.BAD, "configuration", text, "name another with --config")
    return good("configuration", f"{path} written: testnet, trading off, breakers on")


def key_source(environment: Environment, env: Mapping[str, str]) -> Finding:
    """Where the key comes from, and whether it is there and can be one; shows none of it."""
    names = credential_variables(environment)
    if names is None:
        return good("key", f"{environment} needs none")
    try:
        key = credentials_of(environment, env)
    except ConfigError as error:
        how = (
            f"set {names.api_key} and {names.api_secret}, the same names with _FILE at the end to"
            " paths of files, or the keyring's entries; never the configuration, and nothing is"
            " typed in here"
        )
        return Finding(Grade.NOTE, "key", "; ".join(error.problems), how)
    kind = "Ed25519" if key.is_ed25519 else "HMAC"
    return good("key", f"{environment}:{fingerprint(key.api_key)} is there, {kind}")


def keys_checked(config: Config, environment: Environment) -> Sequence[Finding]:
    """Ask the venue: clock, rights of the key, account; nothing is ordered."""
    if credential_variables(environment) is None:
        return [Finding(Grade.NOTE, "key", f"{environment} needs none", "nothing to check")]
    from botcore_tui.cli.addresses import Address  # noqa: PLC0415 - a client of the venue
    from botcore_tui.cli.desk_settings import limits_of  # noqa: PLC0415 - the same
    from botcore_tui.cli.doctor_place import address_of  # noqa: PLC0415 - the same
    from botcore_tui.cli.preflight import Wanted, key_findings  # noqa: PLC0415 - the same

    address = address_of(config, environment, None)
    if not isinstance(address, Address):
        text, remedy = address.text, address.remedy
        return [Finding(Grade.BAD, address.name, text, remedy)]  # whoever asks wants one
    limits = limits_of(config, environment)
    wanted = Wanted(
        margin_type=config.risk.margin_type,
        leverage=None,
        clock_offset_ms=limits.clock_offset_ms,
        clock_doubt_ms=config.risk.clock_doubt_ms,
        no_canary="nothing is ordered here",
    )
    return asyncio.run(key_findings(address, config, wanted))


def limits_text(config: Config, where: Places, environment: Environment) -> str:
    """The limits in force, as the first screen of the cockpit tells them."""
    from botcore_tui.cli.preflight_place import phase  # noqa: PLC0415 - a database

    report = None
    if where.state_dir.is_dir() and environment is not Environment.DEMO:
        _, report = phase(config, where, environment, "")
    terms = terms_of(
        config,
        environment,
        rules=None if report is None else report.rules,
        equity=None if report is None else report.equity,
    )
    return "\n".join(line for each in briefing(terms) for line in _lines(each))


def acknowledged(where: Places, environment: Environment, *, is_new: bool) -> Finding:
    """Store that the limits were read, or tell whether they were.

    Raises:
        UnavailableError: It cannot be stored.
    """
    marks = Acknowledgements(where.state_dir)
    found = marks.keep(actor(), str(environment)) if is_new else marks.last()
    if found is not None:
        return good("limits", f"acknowledged {printable(found.text)}")
    text = "not acknowledged yet: trading on testnet and production waits for that"
    return Finding(Grade.NOTE, "limits", text, "botcore setup --accept, or enter in the cockpit")


def tested_alert(config: Config, environment: Environment, *, is_sent: bool) -> Finding:
    """Send one, or tell whether any can be sent."""
    terms = alert_terms(config)
    how = "set alerts.command to a program that reads the text, such as mail"
    if not terms.command:
        text = "none is configured: halts are told on the screen and in the log only"
        grade = Grade.BAD if is_sent else Grade.NOTE
        return Finding(grade, "alert", text, how)
    program = printable(terms.command[0])
    if not is_sent:
        return good("alert", f"{program} is told of halts; botcore setup --test-alert tries it")
    begun = time.monotonic()
    line = f"TEST by {actor()}: this is only a test, nothing has happened"
    outcome = send_alert(terms, str(environment), [line])
    seconds = time.monotonic() - begun
    if outcome.trouble:
        return Finding(Grade.BAD, "alert", f"{program}: {outcome.trouble}", how)
    text = f"{program} took it, exit code 0 after {seconds:.1f} s: look whether it arrived"
    return good("alert", text)


def _lines(paragraph: Paragraph) -> Iterator[str]:
    yield f"\n{paragraph.title}"
    for text in paragraph.lines:
        yield from wrap(
            text, _WIDTH, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False
        )
