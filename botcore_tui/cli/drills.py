"""The drills: what is done to an engine, and what must be so afterwards."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import msgspec

from botcore_tui.cli.drill_looks import (
    DAILY,
    armed,
    blocked,
    codes_latched,
    entries,
    flat,
    halt_confirmed,
    is_taken,
    known,
    limit_amount,
    protected,
    protecting,
    refused,
    remembered,
    tripped,
    unblocked,
    words,
)
from botcore_tui.cli.drill_stage import Stage
from botcore_tui.cli.drill_terms import Seen
from botcore_tui.engine.control import Refusal
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import ResetBreaker, Resume
from botcore_tui.model.event import Answer, TradingState
from botcore_tui.model.trading import AccountView

Drill = Callable[[Stage], Awaitable[tuple[str, ...]]]
"""Carries one out; how it differs from the real thing."""

_ENTRIES: Final = 2
_SETTLED_MS: Final = 10_000.0
_LATCHED_MS: Final = 1_000.0
_PROGRAM_MS: Final = 4_000.0
"""The same where a program has to start for it."""
_CLEARED_MS: Final = 5_000.0
_RECOVERED_MS: Final = 5_000.0
_STALE_MS: Final = 20_000.0
_RECONCILED_MS: Final = 30_000.0
_TRIES: Final = 50
_PAUSE_SECONDS: Final = 0.2
_MOST_TRADES: Final = 120
_WORTH: Final = 8
"""Of one losing trade, as a multiple of the account."""
_SPARE_MS: Final = 2_000


async def prepare(stage: Stage) -> None:
    """A position with a stop, and entries that rest.

    Raises:
        UnavailableError: The engine does not take them; why.
    """
    await _accepted(stage)
    name = "position with its stop"
    await stage.expect(name, lambda: protected(stage), within_ms=_SETTLED_MS)
    stage.position = await stage.exchange.position()
    for number in range(_ENTRIES):
        # Within the collar, almost as far from the market as that allows.
        await _accepted(stage, _half_collar(stage) * (18 - number) / 10)
    await stage.expect("entries rest", lambda: entries(stage, _ENTRIES), within_ms=_SETTLED_MS)


async def halt(stage: Stage) -> tuple[str, ...]:
    """SIGUSR1: latched, entries gone, stop kept; one step back is REDUCING."""
    began_ns = stage.signal(signal.SIGUSR1)
    await _is_stopped(stage, began_ns)
    await _is_held(stage)
    await _entry_refused(stage, {"P01"})
    name = "halt is confirmed"
    await stage.expect(
        name, lambda: halt_confirmed(stage), within_ms=_SETTLED_MS, since_ns=began_ns
    )
    reply = await stage.tell(Resume("drill", "drill", 0, "drill-resume"))
    status = await stage.status()
    state = None if status is None else status.state
    seen = Seen(state is TradingState.REDUCING, f"{state}: {words(reply)}")
    stage.note("resumes to REDUCING", seen)
    return ()


async def flatten(stage: Stage) -> tuple[str, ...]:
    """The same by another program that closes everything."""
    began_ns = stage.now_ns()
    (code, said), _ = await asyncio.gather(
        stage.run("halt", "--flatten", "--all", "--json", "--reason", "drill"),
        _is_stopped(stage, began_ns, within_ms=_PROGRAM_MS),
    )
    await stage.expect("flat", lambda: flat(stage), within_ms=_SETTLED_MS, since_ns=began_ns)
    confirmed = msgspec.json.decode(said) if code == 0 else {}
    words = "its numbers are confirmed" if confirmed.get("is_confirmed") else f"exit code {code}"
    stage.note("botcore halt confirms", Seen(bool(confirmed.get("is_confirmed")), words))
    await _entry_refused(stage, {"P01"})
    return ()


async def breaker(stage: Stage) -> tuple[str, ...]:
    """Losses until the daily loss trips: latched, entries gone, nothing loosens it."""
    has_lost = await _lose(stage, lambda account: bool(codes_latched(account)))
    began_ns = stage.now_ns()
    stage.note("a limit is lost", has_lost)
    await stage.expect(
        "breaker trips", lambda: tripped(stage), within_ms=_LATCHED_MS, since_ns=began_ns
    )
    await _is_stopped(stage, began_ns)
    is_closing = stage.config.breaker.on_trip == "flatten"
    if is_closing:
        await stage.expect("flat", lambda: flat(stage), within_ms=_SETTLED_MS, since_ns=began_ns)
    await _lose(stage, lambda account: DAILY in codes_latched(account))
    name = f"{DAILY} trips"
    await stage.expect(name, lambda: tripped(stage, DAILY), within_ms=_LATCHED_MS)
    if not is_closing:
        await _is_held(stage)
    await _entry_refused(stage, {"P01"})
    reset = ResetBreaker(
        command_id="drill-reset", actor="drill", code=DAILY, reason="drill", time_ms=0
    )
    stage.note("reset is refused", refused(await stage.tell(reset)))
    reply = await stage.tell(Resume("drill", "drill", 0, "drill-resume"))
    stage.note("resume is refused", refused(reply))
    return ("money is lost by buying and selling at market, by hand, beside the engine",)


async def dead_man(stage: Stage) -> tuple[str, ...]:
    """kill -9: the venue cancels the entries by itself, and nothing else."""
    await stage.expect("countdown is armed", lambda: armed(stage), within_ms=_SETTLED_MS)
    await stage.kill()
    stage.note("entries still rest", await entries(stage, _ENTRIES))
    countdown_ms = round(stage.config.dead_man.countdown_seconds * 1_000)
    await stage.exchange.advance(countdown_ms + _SPARE_MS)
    await stage.expect("no entry open", lambda: entries(stage, 0), within_ms=_SPARE_MS)
    await _is_held(stage)
    seconds = (countdown_ms + _SPARE_MS) / 1_000
    return (f"the exchange's clock was moved on by {seconds:g} s instead of waiting for them",)


async def disconnect(stage: Stage) -> tuple[str, ...]:
    """All streams cut: no entry is taken; streams back: reconciled, and one is taken."""
    began_ns = stage.now_ns()
    await stage.exchange.arm("ws-refused", count="unlimited")
    await stage.exchange.arm("disconnect")
    await stage.expect(
        "loss is noticed", lambda: blocked(stage), within_ms=_STALE_MS, since_ns=began_ns
    )
    await _entry_refused(stage, {"P08", "P09", "P10"})
    await _is_held(stage)
    began_ns = stage.now_ns()
    await stage.exchange.disarm()
    await stage.expect(
        "reconciled", lambda: unblocked(stage), within_ms=_RECONCILED_MS, since_ns=began_ns
    )
    await _is_held(stage)
    answer = await _asked_often(stage, _half_collar(stage))
    stage.note("entry is taken", Seen(is_taken(answer), words(answer)))
    return ()


async def crash(stage: Stage) -> tuple[str, ...]:
    """kill -9 and a new start: the same position, protected, within seconds."""
    began_ns = await stage.kill()
    await stage.start()
    await stage.expect(
        "position and stop are known",
        lambda: known(stage),
        within_ms=_RECOVERED_MS,
        since_ns=began_ns,
    )
    await _is_held(stage)
    await stage.expect("entries are known", lambda: remembered(stage), within_ms=_RECOVERED_MS)
    return ()


DRILLS: Final[Mapping[str, Drill]] = MappingProxyType(
    {
        "halt": halt,
        "breaker": breaker,
        "dead-man": dead_man,
        "disconnect": disconnect,
        "crash": crash,
    }
)


# --- what is asked for --------------------------------------------------------------------------


def _half_collar(stage: Stage) -> Decimal:
    return Decimal(repr(stage.config.risk.collar_pct)) / 2


async def _accepted(stage: Stage, away_pct: Decimal | None = None) -> None:
    answer = await _asked_often(stage, away_pct)
    if not is_taken(answer):
        raise UnavailableError(f"the rehearsal's entry is refused: {words(answer)}")


async def _asked_often(stage: Stage, away_pct: Decimal | None) -> Answer | Refusal:
    # Rates, and a book that is only just there, pass by themselves.
    answer = await stage.enter(away_pct)
    for _ in range(_TRIES):
        if is_taken(answer):
            break
        await asyncio.sleep(_PAUSE_SECONDS)  # as often as there are tries
        answer = await stage.enter(away_pct)
    return answer


async def _lose(stage: Stage, is_enough: Callable[[AccountView | None], bool]) -> Seen:
    """Waste money until it is enough, or twice what the daily loss allows is gone."""
    account = await stage.account()
    daily = limit_amount(account)
    before = wallet = await stage.exchange.wallet()
    price, rules = await stage.exchange.price(), await stage.exchange.rules()
    worth = before * _WORTH
    await stage.exchange.lever()
    for _ in range(_MOST_TRADES):
        worth = await stage.exchange.waste(price, worth, rules)
        wallet = await stage.exchange.wallet()
        if is_enough(await stage.account()):
            return Seen(is_so=True, text=f"{before - wallet:.2f} USDT lost of {before:.2f}")
        if daily is not None and before - wallet > 2 * daily:
            break
    return Seen(is_so=False, text=f"{before - wallet:.2f} USDT lost of {before:.2f}, and no trip")


# --- what must be so ----------------------------------------------------------------------------


async def _is_stopped(stage: Stage, began_ns: int, within_ms: float = _LATCHED_MS) -> None:
    async def latched() -> Seen:
        is_so = stage.is_latched()
        return Seen(is_so, "the halt file is there" if is_so else "there is no halt file")

    await stage.expect("latched", latched, within_ms=within_ms, since_ns=began_ns)
    await stage.expect(
        "no entry open", lambda: entries(stage, 0), within_ms=_CLEARED_MS, since_ns=began_ns
    )


async def _is_held(stage: Stage) -> None:
    held, stops = await stage.exchange.position(), await protecting(stage)
    text = f"position {held:f}, {stops} stops"
    stage.note("position and stop kept", Seen(held == stage.position and bool(stops), text))


async def _entry_refused(stage: Stage, codes: set[str]) -> None:
    answer = await stage.enter(_half_collar(stage))
    is_refused = isinstance(answer, Answer) and not answer.is_accepted and answer.code in codes
    stage.note("entry is refused", Seen(is_refused, words(answer)))
