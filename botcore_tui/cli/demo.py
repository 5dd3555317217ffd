"""The demo market as it is configured: what it is called, and what stands against it."""

from collections.abc import Iterator

from botcore_tui.config import Config
from botcore_tui.errors import BotcoreError, ConfigError


def demo_label(config: Config) -> str:
    """What kind of market it is, for the screen."""
    label = "SYNTHETIC" if config.demo.tape is None else "TAPE"
    return label if config.demo.speed == 1 else f"{label} {config.demo.speed:g}x"


def demo_symbols(config: Config) -> tuple[str, ...]:
    """Contracts that its exchange is asked for; empty for those of its tape."""
    return config.symbols if config.demo.tape is None else ()


def traded_symbols(config: Config) -> tuple[str, ...]:
    """Contracts that can be traded: those of its tape, where that decides."""
    if config.demo.tape is None:
        return config.symbols
    from botcore_tui.cli.sim_market import markets_of  # noqa: PLC0415 - reads the tape

    markets = markets_of(f"tape:{config.demo.tape}", None, config.demo.seed)
    return tuple(contract.symbol for contract, _ in markets)


def demo_problems(config: Config) -> Iterator[tuple[str, str]]:
    """What its exchange would refuse: the key at fault, and a line about it."""
    from botcore_tui.cli.sim_market import markets_of  # noqa: PLC0415 - not for `config show`
    from botcore_tui.exchange.sim.contracts import contract  # noqa: PLC0415 - the same
    from botcore_tui.exchange.sim.fault_specs import parse_spec  # noqa: PLC0415 - the same

    for symbol in demo_symbols(config):
        try:
            contract(symbol)
        except ValueError as error:
            yield "symbols", f"symbols: {error}"
    if config.demo.tape is not None:
        try:
            markets_of(f"tape:{config.demo.tape}", None, config.demo.seed)
        except BotcoreError as error:
            yield "demo.market", f"demo.market: {error}"
    if config.demo.speed != 1 and config.trading.enabled:
        # Its orders would be dated by a clock that has left ours behind.
        yield (
            "demo.speed",
            f"demo.speed: at {config.demo.speed:g}x it can be watched only; use 1 to trade",
        )
    for fault in config.demo.faults:
        try:
            parse_spec(fault)
        except ConfigError as error:
            yield from (("demo.faults", f"demo.faults: {problem}") for problem in error.problems)
