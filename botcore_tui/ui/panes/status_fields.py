"""Pieces of the status band: what each says, in which colour, and whether it may be left out."""

from typing import Final

from msgspec import Struct

from botcore_tui.model.risk import RiskView
from botcore_tui.model.snapshot import ReplayProgress, Snapshot
from botcore_tui.model.trading import FIGURES_OLD_NS, AccountView, Cover, MoneyView
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.account import (
    age_of,
    is_old,
    mark_age_ns,
    signed_ink,
)
from botcore_tui.ui.panes.cells import bar, printable
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.reading import (
    RECORDING,
    book_condition,
    is_data_stale,
    is_engine_silent,
    mark_lateness,
    spread,
)
from botcore_tui.ui.panes.risk_reading import (
    entry_denial,
    first_obstacle,
    left_ms,
    tier_of,
    tripped_text,
    worst_gauge,
)

_PROGRESS_CELLS: Final = 20


class Field(Struct, frozen=True):
    """One piece of the band."""

    text: str
    ink: Ink = Ink.TEXT
    is_kept: bool = False
    """Never dropped; the others go from the right when the band is narrow."""
    short: str = ""
    """What stays of a kept field in a very narrow band; empty if it cannot be said shorter."""


def recording_fields(snapshot: Snapshot) -> list[Field]:
    """Whether what is seen is being recorded; nothing if nobody asked for it."""
    feed = next((feed for feed in snapshot.feeds if feed.name == RECORDING), None)
    if feed is None:
        return []
    is_running = feed.status == "live"
    return [Field("● REC", Ink.GOOD) if is_running else Field("✗ REC", Ink.ERROR, is_kept=True)]


def money_fields(snapshot: Snapshot, now_ns: int) -> list[Field]:
    """Equity, the day's profit and what is open; older figures say how old they are."""
    account = snapshot.account
    if account is None:
        return []
    money = account.money
    fields = [Field("eq -", Ink.MUTED)] if money is None else _sums(snapshot, money, now_ns)
    fields.append(Field(f"open {len(account.positions)}"))
    if entry_denial(snapshot):
        # The whole of it stands above the positions.
        obstacle = None if account.trouble else first_obstacle(snapshot)
        code = f" {printable(obstacle.code)}" if obstacle is not None else ""
        fields.append(Field(f"NO ENTRIES{code}", Ink.WARN))
    if account.foreign_orders:
        fields.append(Field(f"foreign {account.foreign_orders}", Ink.WARN))
    return fields


def _sums(snapshot: Snapshot, money: MoneyView, now_ns: int) -> list[Field]:
    # As old as the oldest thing in it.
    mark_ns = mark_age_ns(snapshot, money.mark_age_ms, now_ns) if money.mark_age_ms else 0
    is_stale = is_old(money.as_of_ns, now_ns) or is_engine_silent(snapshot, now_ns)
    is_stale |= mark_ns > FIGURES_OLD_NS
    age = ""
    if is_stale:
        age_ns = age_of(money.as_of_ns, now_ns)
        age = " never told" if age_ns is None else f" {fmt.lapse(max(age_ns, mark_ns))} old"
    percent = f" ({fmt.signed_percent(money.day_pnl_pct)})" if money.day_pnl is not None else ""
    ink = Ink.STALE if is_stale else signed_ink(money.day_pnl)
    return [
        Field(f"eq {fmt.grouped(money.equity, 2)}{age}", Ink.STALE if is_stale else Ink.TEXT),
        Field(f"day {fmt.signed(money.day_pnl)}{percent}", ink),
    ]


def alarm_fields(snapshot: Snapshot, now_ns: int) -> list[Field]:
    """What must not be overlooked of the account; nothing if all is well."""
    account = snapshot.account
    if account is None:
        return []
    fields = [
        *_limits(account.risk, snapshot, now_ns),
        _counted("NAKED", _covered(account, Cover.NAKED), Ink.HALTED),
        _counted("CLOSING", _covered(account, Cover.CLOSING), Ink.HALTED),
        _counted("UNKNOWN", account.unknown_orders, Ink.ALARM),
    ]
    found = [field for field in fields if field is not None]
    if not account.is_ledger_writable:
        found.append(Field(" LEDGER ", Ink.ALARM, is_kept=True, short="LDG"))
    return found


def _limits(risk: RiskView | None, snapshot: Snapshot, now_ns: int) -> list[Field]:
    if risk is None:
        return []
    fields = []
    if risk.latched:
        text = f" TRIPPED {tripped_text(risk)} "
        fields.append(Field(text, Ink.HALTED, is_kept=True, short=f" TRIPPED {risk.latched[0]} "))
    elif (worst := worst_gauge(risk)) is not None:
        sign, word, ink = tier_of(worst)
        text = f"{sign} {printable(worst.code)} {word}"
        is_loud = ink is not Ink.WARN
        fields.append(Field(f" {text} " if is_loud else text, ink, is_kept=is_loud, short=text))
    if risk.overrides:
        row = min(risk.overrides, key=lambda row: row.until_ms)
        minutes = max(0, -(-left_ms(row.until_ms, snapshot, now_ns) // 60_000))
        text = f" RELAXED {len(risk.overrides)} for {minutes}m "
        fields.append(Field(text, Ink.ALARM, is_kept=True, short=f" RLX {minutes}m "))
    return fields


def _covered(account: AccountView, cover: Cover) -> int:
    return sum(position.cover is cover for position in account.positions)


def _counted(word: str, number: int, ink: Ink) -> Field | None:
    if not number:
        return None
    return Field(f" {word} {number} ", ink, is_kept=True, short=f"{word[:3]}{number}")


def market_fields(snapshot: Snapshot, now_ns: int) -> list[Field]:
    """Price, spread, mark and change of the day; the price comes first."""
    is_old = is_data_stale(snapshot, now_ns) or is_engine_silent(snapshot, now_ns)
    decimals = snapshot.price_decimals

    def field(text: str, ink: Ink = Ink.TEXT) -> Field:
        return Field(text, Ink.STALE if is_old else ink)

    last, previous = snapshot.last_price, snapshot.previous_price
    sign, ink = "", Ink.STRONG
    if last is not None and previous is not None and last != previous:
        sign, ink = (" ▲", Ink.UP) if last > previous else (" ▼", Ink.DOWN)
    fields = [field(f"{printable(snapshot.symbol)} {fmt.fixed(last, decimals)}{sign}", ink)]
    condition = book_condition(snapshot, now_ns)
    if condition.is_live:
        fields.append(field(f"spread {fmt.fixed(spread(snapshot.book), decimals)}"))
    else:
        fields.append(Field(f"book {condition.words}", Ink.WARN))
    if snapshot.mark is not None:
        late = mark_lateness(snapshot, now_ns)
        mark = f"mark {fmt.fixed(snapshot.mark.mark, decimals)}"
        fields.append(Field(f"{mark} {late}", Ink.STALE) if late else field(mark))
    if snapshot.day is not None:
        change = snapshot.day.change_pct
        ink = Ink.UP if change > 0 else Ink.DOWN if change < 0 else Ink.TEXT
        fields.append(field(f"24h {fmt.signed_percent(change)}", ink))
    return fields


def replay_fields(replay: ReplayProgress | None, *, has_room: bool) -> list[Field]:
    """Where the tape stands; nothing without one."""
    if replay is None:
        return []
    fields: list[Field] = []
    if replay.error:
        fields.append(Field(f"tape: {printable(replay.error)}", Ink.ERROR))
    if replay.is_finished:
        fields.append(Field("ENDED", Ink.ALARM, is_kept=True))
    elif replay.is_paused:
        fields.append(Field("PAUSED", Ink.ALARM, is_kept=True))
    position, total = replay.position_seconds, replay.total_seconds
    place = fmt.duration(position)
    fields.append(Field(f"{place}/{fmt.duration(total)}" if total is not None else place))
    fields.append(Field(fmt.speed(replay.speed)))
    if replay.seconds_left is not None:
        fields.append(Field(f"left {fmt.duration(replay.seconds_left)}"))
    if has_room and total is not None and total > 0:
        progress = bar(position, total, _PROGRESS_CELLS)
        fields.append(Field(f"▕{progress}▏", Ink.MUTED))
    return fields
