"""The phase of an account and what stands between it and the next one, read from the ledgers."""

from contextlib import suppress
from decimal import Decimal
from pathlib import Path

from msgspec import Struct

from botcore_tui.cli.desk_settings import configured_caps
from botcore_tui.cli.ledger_place import ledger_url, reading
from botcore_tui.config import Config, Environment
from botcore_tui.core.phase import (
    Caps,
    Phase,
    PhaseRules,
    in_force,
    next_phase,
    rules_of,
    starting_rules,
)
from botcore_tui.core.promotion import Evidence, evidence_of
from botcore_tui.core.tenure import Tenure
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.checkup import Checkup
from botcore_tui.ledger.evidence import (
    newest_drill_ms,
    standing_of,
    track_record,
    with_drill,
)
from botcore_tui.ledger.reader import newest_account
from botcore_tui.ledger.risk_memory import risk_memory
from botcore_tui.model.instrument import SETTLEMENT_ASSET
from botcore_tui.model.ledger import RiskMemory
from botcore_tui.model.risk import PhaseView


class PhaseReport(Struct, frozen=True, kw_only=True):
    """Everything that is known of an account's phase."""

    environment: Environment
    account: str
    """Empty: there was none yet."""
    view: PhaseView
    rules: PhaseRules
    caps: Caps
    """In force: the tighter of the phase and the configuration."""
    equity: Decimal | None
    """Newest, quote units; what the limits' money is of."""
    target: Phase | None
    """The next one; None after the last."""
    evidence: tuple[Evidence, ...]
    evidence_account: str
    """Whose record was looked at; empty: there is none."""
    evidence_url: str


def phase_report(
    config: Config, state_dir: Path, environment: Environment, account: str, now_ms: int
) -> PhaseReport:
    """Read it; a ledger that is not there yet shows nothing.

    Args:
        config: Checked.
        state_dir: Ledgers are there where no other is configured.
        environment: Whose account.
        account: Empty for that of the newest run there.
        now_ms: UTC.

    Raises:
        UnavailableError: A ledger cannot be read.
    """
    is_real = environment.is_real_money
    url = ledger_url(config, state_dir, environment)
    memory, since, equity = RiskMemory(), 0, None
    with reading(url) as connection:
        if connection is not None:
            account = account or newest_account(connection, environment)
            memory = risk_memory(connection, account, now_ms, SETTLEMENT_ASSET)
            since = standing_of(connection, account).since
            newest = Checkup(connection, account).newest_equity()
            equity = None if newest is None else newest.equity
    start = starting_rules(is_real_money=is_real, is_play_money=environment is Environment.DEMO)
    tenure = Tenure(start, memory, is_real_money=is_real)
    view, rules, phase = tenure.view(), tenure.rules, tenure.phase
    assert view is not None and rules is not None and phase is not None  # noqa: PT018 - it began
    shown_by, shown_url = account, url
    if is_real and phase is Phase.TESTNET:
        # What real money begins with was shown on the testnet.
        shown_by, since = "", 0
        shown_url = ledger_url(config, state_dir, Environment.TESTNET)
    with reading(shown_url) as connection:
        evidence: tuple[Evidence, ...] = ()
        if connection is not None:
            shown_by = shown_by or newest_account(connection, Environment.TESTNET)
            record = track_record(
                connection, shown_by, asset=SETTLEMENT_ASSET, now_ms=now_ms, since=since
            )
            record = with_drill(record, drill_ms(config, state_dir))
            evidence = evidence_of(record, rules_of(phase), now_ms)
    return PhaseReport(
        environment=environment,
        account=account,
        view=view,
        rules=rules,
        caps=in_force(configured_caps(config), rules),
        equity=equity,
        target=next_phase(phase),
        evidence=evidence,
        evidence_account=shown_by,
        evidence_url=shown_url,
    )


def drill_ms(config: Config, state_dir: Path) -> int | None:
    """When a breaker drill was last passed, in any ledger of this installation: it needs no venue.

    None: never.
    """
    urls = {ledger_url(config, state_dir, environment) for environment in Environment}
    found: list[int] = []
    for url in sorted(urls):
        # One that cannot be read proves nothing.
        with suppress(UnavailableError), reading(url) as connection:
            when = None if connection is None else newest_drill_ms(connection)
            found += [] if when is None else [when]
    return max(found, default=None)
