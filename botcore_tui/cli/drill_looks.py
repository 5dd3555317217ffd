"""What a drill looks at: the exchange by its own word, and the engine by its own."""

from decimal import Decimal
from typing import Final

from botcore_tui.cli.drill_stage import Stage
from botcore_tui.cli.drill_terms import Seen
from botcore_tui.core.exposure import only_lowers
from botcore_tui.engine.control import Refusal
from botcore_tui.model.event import Answer
from botcore_tui.model.order import OrderType
from botcore_tui.model.risk import KillStage
from botcore_tui.model.trading import AccountView, Cover

DAILY: Final = "A01"
"""Breaker of the daily loss."""


async def protected(stage: Stage) -> Seen:
    """A position, and a stop."""
    held, stops = await stage.exchange.position(), await protecting(stage)
    return Seen(bool(held) and bool(stops), f"position {held:f}, {stops} stops")


async def protecting(stage: Stage) -> int:
    """How many stops there are that can do nothing else."""
    stops = await stage.exchange.stops()
    return sum(stop.type == OrderType.STOP_MARKET and only_lowers(stop) for stop in stops)


async def entries(stage: Stage, count: int) -> Seen:
    """Whether so many orders rest that could raise the position."""
    found = await stage.exchange.entries()
    return Seen(len(found) == count, f"{len(found)} entries open at the exchange")


async def flat(stage: Stage) -> Seen:
    """Neither a position nor a conditional order."""
    held, stops = await stage.exchange.position(), await stage.exchange.stops()
    return Seen(not held and not stops, f"position {held:f}, {len(stops)} conditional orders")


async def tripped(stage: Stage, code: str = "") -> Seen:
    """Whether a breaker, or the one of this code, is latched."""
    latched = codes_latched(await stage.account())
    is_so = code in latched if code else bool(latched)
    return Seen(is_so, f"latched: {', '.join(latched) or 'none'}")


async def armed(stage: Stage) -> Seen:
    """Whether the venue has confirmed a countdown."""
    account = await stage.account()
    men = account.risk.dead_men if account is not None and account.risk is not None else ()
    is_so = any(each.until_ms for each in men)
    return Seen(is_so, "the exchange has confirmed it" if is_so else "not confirmed")


async def halt_confirmed(stage: Stage) -> Seen:
    """Whether the venue has confirmed the halt to the engine."""
    account = await stage.account()
    if account is None or account.risk is None:
        return Seen(is_so=False, text="the engine does not answer")
    kill = account.risk.kill
    return Seen(kill.stage is KillStage.CONFIRMED, kill.text or "no halt")


async def blocked(stage: Stage) -> Seen:
    """Whether streams and account stand in the way of an entry."""
    found = obstacles(await stage.account())
    return Seen(bool(found), found or "entries would be taken")


async def unblocked(stage: Stage) -> Seen:
    """Whether they no longer do."""
    account = await stage.account()
    if account is None:
        return Seen(is_so=False, text="the engine does not answer")
    found = obstacles(account) or account.trouble
    is_so = account.is_reconciled and account.is_stream_up and not found
    return Seen(is_so, found or "streams are back, the account is reconciled")


async def known(stage: Stage) -> Seen:
    """Whether the engine knows the position, and its stop is verified."""
    account = await stage.account()
    held = () if account is None else account.positions
    text = ", ".join(f"{each.quantity:f} {each.cover}" for each in held) or "no position"
    is_so = [each.quantity for each in held] == [stage.position]
    return Seen(is_so and held[0].cover is Cover.VERIFIED, f"the engine knows {text}")


async def remembered(stage: Stage) -> Seen:
    """Whether the engine knows the entries that rest."""
    account = await stage.account()
    names = {order.client_order_id for order in (() if account is None else account.orders)}
    open_entries = await stage.exchange.entries()
    known = sum(order.client_order_id in names for order in open_entries)
    text = f"{known} of {len(open_entries)} entries at the exchange"
    return Seen(known == len(open_entries), text)


def obstacles(account: AccountView | None) -> str:
    """What of streams and account stands in the way of an entry."""
    if account is None or account.risk is None:
        return "there is no session"
    found = [each for each in account.risk.obstacles if each.code in {"P09", "P10"}]
    return "; ".join(f"{each.code}: {each.remedy}" for each in found if not each.is_passed)


def codes_latched(account: AccountView | None) -> tuple[str, ...]:
    """Codes of breakers that wait for a reset."""
    return () if account is None or account.risk is None else account.risk.latched


def limit_amount(account: AccountView | None) -> Decimal | None:
    """What the daily loss allows, quote units; None if unknown."""
    gauges = () if account is None or account.risk is None else account.risk.gauges
    return next((each.limit_amount for each in gauges if each.code == DAILY), None)


def is_taken(answer: object) -> bool:
    """Whether a command was accepted."""
    return isinstance(answer, Answer) and answer.is_accepted


def refused(answer: object) -> Seen:
    """Whether it was not."""
    return Seen(not is_taken(answer), words(answer))


def words(answer: object) -> str:
    """An answer in one line."""
    match answer:
        case Answer():
            code = f" ({answer.code})" if answer.code else ""
            return f"{answer.text}{code}"
        case Refusal():
            return f"{answer.error} ({answer.code})"
        case _:
            return "no answer"
