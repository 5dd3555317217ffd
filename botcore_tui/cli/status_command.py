"""``botcore status``: by the engine that runs, or by the halt file and the venue itself."""

import asyncio
import os
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct, structs

from botcore_tui.cli.account_name import account_here
from botcore_tui.cli.kill_command import is_nobody_there, left_lines, other_engines, settled
from botcore_tui.cli.kill_venue import account_to_kill, unreached, venue_to_kill
from botcore_tui.cli.listing import gauge_lines, order_lines, position_lines, told_seconds
from botcore_tui.cli.output import announce, complain
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places, latch_path, socket_path
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.engine.control import Question, ask, reply_of
from botcore_tui.engine.kill_terms import Left, is_protected
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.port import Status
from botcore_tui.errors import BotcoreError, UnavailableError
from botcore_tui.exchange.base import VenueAccount
from botcore_tui.model.snapshot import HaltInfo
from botcore_tui.model.trading import AccountView, Cover

if TYPE_CHECKING:  # it brings a database, which a status of a running engine needs not
    from botcore_tui.cli.left_state import Beginning

_ENGINE_SECONDS: Final = 2.0
_VENUE_SECONDS: Final = 15.0
_UNHEARD_SECONDS: Final = 30.0
"""Three times as long as the engine takes between two looks at the account."""
_NAKED: Final = 3
"""Exit code where a position is without a stop, whatever else there is: a watchdog calls by it."""
_GONE: Final = "not running"
_SILENT: Final = "does not answer"
_STANDS_STILL: Final = (
    "the engine does not answer: it may stand still, and watch over nothing;"
    " botcore halt cancels entries without it"
)


class Open(Struct, frozen=True):
    """What the venue itself lists."""

    orders: tuple[str, ...]
    """Client ids of orders of the book."""
    conditional: tuple[str, ...]
    positions: tuple[Left, ...]


class StatusReport(Struct, frozen=True, kw_only=True):
    """How trading stands, by whoever could tell."""

    environment: str
    engine: str
    """``running``, ``not running``, ``does not answer``."""
    state: str | None
    """ACTIVE, REDUCING, HALTED. Without an engine HALTED where a halt file is there; else what
    the next session begins in by the ledger, HALTED or REDUCING, with real money always HALTED;
    else None."""
    halt: HaltInfo | None
    account: AccountView | None
    """As the engine sees it."""
    told_seconds: dict[str, float | None]
    """By contract: how long ago the venue last confirmed that position to the engine; null: never.
    What others did since then may not be in it."""
    venue: Open | None
    """Asked only where no engine answered."""
    trouble: tuple[str, ...]
    begins_because: str = ""
    """Without an engine and a halt file: why the next session begins so; empty if it is ACTIVE."""
    review: str = ""
    """That the daily review is due; empty if it is not."""

    def naked(self) -> list[str]:
        """Contracts of positions that no stop is known to protect now."""
        by_engine = () if self.account is None else self.account.positions
        by_venue = () if self.venue is None else self.venue.positions
        return [
            *(each.symbol for each in by_engine if each.cover is not Cover.VERIFIED),
            *(each.symbol for each in by_venue if not each.is_protected),
        ]

    def unheard(self) -> list[str]:
        """Positions of which the venue has told the engine nothing for long, and the account.

        A stop that was verified then says little of now, nor that there was no other position.
        """
        whole = [] if self.account is None else _whole(self.account)
        return whole + [
            f"the venue has confirmed nothing of {symbol} "
            + ("yet" if seconds is None else f"for {seconds:.0f} s")
            for symbol, seconds in self.told_seconds.items()
            if seconds is None or seconds > _UNHEARD_SECONDS
        ]


def run_status(arguments: Arguments) -> int:
    """Tell how trading stands; exit code.

    Raises:
        ConfigError: The environment is not known.
        UnavailableError: It has no account.
    """
    config, where, environment, doubt = settled(arguments)
    report = _by_engine(where, environment)
    if not isinstance(report, StatusReport):
        report = _without_engine(config, where, environment, engine=report)
    others = other_engines(arguments, where, environment)
    trouble = [*doubt, *_unused(arguments), *report.trouble, *others, *report.unheard()]
    naked = report.naked()
    if naked:
        trouble.append(f"positions WITHOUT A STOP: {', '.join(naked)}")
    report = structs.replace(report, review=_review(config, where, environment))
    if arguments.json:
        unsaid = announce(msgspec.json.encode(report).decode())
    else:
        unsaid = announce("\n".join(_lines(report)))
    if trouble:
        complain("\n".join(trouble))
    if naked:
        return _NAKED
    return 1 if trouble or unsaid else 0


def _unused(arguments: Arguments) -> list[str]:
    """That a directory was named in which there is nothing to know: a slip of the pen, mostly."""
    named = arguments.state_dir
    if named is None or os.path.exists(named):  # noqa: PTH110 - a name that is too long is not there
        return []
    return [f"there is no state directory {named}: an engine may well run with another"]


def _by_engine(where: Places, environment: Environment) -> StatusReport | str:
    # What it tells; else the word for why it tells nothing.
    path = socket_path(where.state_dir, environment)
    try:
        reply = reply_of(ask(path, Question("status"), _ENGINE_SECONDS))
    except UnavailableError as error:
        return _GONE if is_nobody_there(error) else _SILENT
    except msgspec.MsgspecError:
        return _SILENT
    if not isinstance(reply, Status):
        return _SILENT
    return StatusReport(
        environment=reply.environment,
        engine="running",
        state=str(reply.state),
        halt=reply.halt,
        account=reply.account,
        told_seconds=_told(reply.account),
        venue=None,
        trouble=(),
    )


def _without_engine(
    config: Config, where: Places, environment: Environment, *, engine: str
) -> StatusReport:
    path, account = latch_path(where.state_dir, environment), account_here(environment)
    halt = HaltLatch(path, str(environment), account=account).read()
    found: Open | None = None
    trouble: tuple[str, ...] = ()
    left: Beginning | None = None
    try:
        address = account_to_kill(config, where, environment)
        if address is not None:
            left, trouble = _left(config, where, environment, address.account)
            if engine == _GONE:
                trouble += unreached(address, where, environment)

            async def look() -> Open:
                async with (
                    asyncio.timeout(_VENUE_SECONDS),
                    venue_to_kill(address) as venue,
                ):
                    return await _open(venue)

            found = asyncio.run(look())
    except BotcoreError as error:
        trouble += (f"the venue did not tell what is open: {error}",)
    except TimeoutError:
        trouble += (f"the venue did not tell what is open within {_VENUE_SECONDS:g} s",)
    if engine == _SILENT:
        trouble += (_STANDS_STILL,)
    begins = None if left is None else str(left.state)
    because = "" if left is None else left.why
    if environment.is_real_money:  # whatever it was left in
        begins = "HALTED"
        because = because or "as always with real money"
    return StatusReport(
        environment=str(environment),
        engine=engine,
        state=begins if halt is None else "HALTED",
        halt=halt,
        account=None,
        told_seconds={},
        venue=found,
        trouble=trouble,
        begins_because=because,
    )


def _left(
    config: Config, where: Places, environment: Environment, account: str
) -> "tuple[Beginning | None, tuple[str, ...]]":
    from botcore_tui.cli.left_state import left_as  # noqa: PLC0415 - a database

    try:
        return left_as(config, where.state_dir, environment, account), ()
    except UnavailableError as error:
        return None, (f"in which state the next session begins cannot be read: {error}",)


def _whole(account: AccountView) -> list[str]:
    if not account.reconciled_ns:
        return ["the venue has not told the whole account yet: what is held is not known"]
    seconds = (SystemClock().monotonic_ns() - account.reconciled_ns) / 1e9
    if seconds <= _UNHEARD_SECONDS:
        return []
    return [f"the venue has not told the whole account for {seconds:.0f} s"]


def _told(account: AccountView | None) -> dict[str, float | None]:
    now_ns = SystemClock().monotonic_ns()
    positions = () if account is None else account.positions
    return {each.symbol: told_seconds(each, now_ns) for each in positions}


def _review(config: Config, where: Places, environment: Environment) -> str:
    """That the daily review is due, of the account that the key opens (R75)."""
    account = account_here(environment)
    if not account:
        return ""
    from botcore_tui.cli.checks_report import Checkroom  # noqa: PLC0415 - a database

    room = Checkroom(config, where.state_dir, environment, lambda: account, SystemClock())
    try:
        return room.reminder()
    except UnavailableError as error:
        return f"whether the daily review is due cannot be read: {error}"


async def _open(venue: VenueAccount) -> Open:
    orders, algo_orders, positions = await asyncio.gather(
        venue.open_orders(""), venue.open_algo_orders(""), venue.positions()
    )
    return Open(
        orders=tuple(order.client_order_id for order in orders),
        conditional=tuple(order.client_order_id for order in algo_orders),
        positions=tuple(
            Left(each.symbol, each.quantity, is_protected(each, algo_orders)) for each in positions
        ),
    )


def _lines(report: StatusReport) -> list[str]:
    # What could not be read may be a breaker that is latched.
    unknown = "no halt file" if report.trouble else "not halted"
    lines = [f"{report.environment}: engine {report.engine}, {report.state or unknown}"]
    if report.halt is not None:
        lines.append(f"halted by {report.halt.actor}: {report.halt.reason}")
    elif report.begins_because:
        lines.append(f"the next session begins so: {report.begins_because}")
    if report.account is not None:
        lines += [
            *position_lines(
                report.account.positions,
                SystemClock().monotonic_ns(),
                is_told=report.account.reconciled_ns > 0,
            ),
            *order_lines(report.account.orders),
        ]
        if report.account.strategy:
            lines.append(f"strategy {report.account.strategy}")
        if report.account.trouble:
            lines.append(f"trouble: {report.account.trouble}")
        if report.account.risk is not None:
            lines += gauge_lines(report.account.risk)
    if report.review:
        lines.append(report.review)
    if report.venue is not None:
        lines.append(
            f"the venue lists {len(report.venue.orders)} orders,"
            f" {len(report.venue.conditional)} conditional ones"
        )
        lines += left_lines(report.venue.positions)
    return lines
