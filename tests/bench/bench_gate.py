"""Processor time that the gate takes of an order: looking around, and P01 to P24."""

import gc
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

from bench.figures import Options, Row, Target, compared, interleaved, quantile
from desk_stage import Stage, a_minute, buy
from gate_stage import AROUND, BUY, CLOCK, STRICT, proposal_of
from market_builders import SYMBOL, a_book_snapshot, a_delta
from msgspec.structs import replace

from botcore_tui.core.explain import obstacles
from botcore_tui.core.gate import first_denial
from botcore_tui.core.phase import Phase, rules_of
from botcore_tui.model.account import LeverageChange
from botcore_tui.model.market import MarkPrice

NAME = "gate"
ABOUT = "an entry that passes P01-P24, on an account with a position and orders; and explaining it"

_ORDERS = 4_000
_RESTING = 10
_P99 = Target(100.0, is_ratio=False)


def run(options: Options) -> Iterator[Row]:
    """The controls alone, with what they look at gathered first, and all explained."""
    stage = a_stage()
    state = stage.desk.state
    proposal = proposal_of(replace(BUY, client_order_id="bc-bench-1-e"))

    def whole() -> None:
        denial = first_denial(proposal, state.surroundings(proposal.request))
        assert denial is None, denial

    def controls() -> None:
        assert first_denial(proposal, AROUND) is None

    def explained() -> None:
        assert all(one.is_passed for one in obstacles(state, SYMBOL))

    works = {"P01-P24": whole, "controls alone": controls, "explain": explained}
    found = interleaved([_timed(work) for work in works.values()], runs=options.runs)
    for name, runs in zip(works, found, strict=True):
        target = _P99 if name == "P01-P24" else None
        note = f"{_ORDERS:,} orders a run, {_RESTING} resting"
        for share in (0.5, 0.99):
            yield compared(
                f"{NAME} {name} p{share * 100:g}",
                "us",
                ours=[quantile(run, share) for run in runs],
                target=target if share > 0.5 else None,
                note=note,
            )


def a_stage() -> Stage:
    """A desk in a phase with every limit on, a position, a book and some resting entries."""
    rules = replace(rules_of(Phase.FULL), has_band=False)
    limits = replace(STRICT, max_positions=5, account_rate=None, strategy_rate=None)
    stage = Stage(limits=limits, phase=rules).begin()
    levels = [(round(99.9 - number / 10, 1), 50.0) for number in range(200)]
    asks = [(round(100.1 + number / 10, 1), 50.0) for number in range(200)]
    stage.tell(
        a_delta(first=10, last=11, previous=9, time_ms=stage.time_ms),
        a_book_snapshot(last=10, bids=levels, asks=asks),
        LeverageChange(SYMBOL, 3, "CROSSED"),
        CLOCK,
        *(replace(a_minute(number), volume=10_000.0) for number in range(40)),
    )
    stage.wait(250)
    hundred, funding_ms = Decimal(100), stage.time_ms + 3_600_000
    mark = MarkPrice(SYMBOL, hundred, hundred, Decimal("0.0001"), funding_ms, stage.time_ms)
    stage.tell(mark)
    stage.tell(buy("2"))
    for number in range(_RESTING):
        price = Decimal("99.8") - Decimal(number % 10) / 10
        stage.tell(buy(f"0.1{number:02}", price=str(price)))
    newest = a_delta(first=12, last=12, previous=11, time_ms=stage.time_ms)
    stage.trader.market.of(SYMBOL).book.on_delta(newest)
    stage.desk.state.requests.clear()  # no account sends ten orders in the second before
    assert len(stage.desk.state.register.open()) == _RESTING + 1
    return stage


def _timed(work: Callable[[], None]) -> Callable[[], list[float]]:
    def microseconds() -> list[float]:
        taken = []
        gc.collect()
        gc.freeze()  # as the engine does
        for _ in range(_ORDERS):
            started = time.thread_time_ns()
            work()
            taken.append((time.thread_time_ns() - started) / 1_000)
        return taken

    return microseconds
