"""Faults of the venue itself: orders that go another way, and what others do to the account."""

from typing import Final

from botcore_tui.exchange.sim.fault_kinds import SIDE, FaultKind, Parameter, delay

_NOTIONAL: Final = Parameter("notional", 500, "size, USDT", least=1, most=10_000_000)

VENUE_FAULTS: Final = (
    FaultKind(
        "fill-after-cancel",
        "F03",
        "half of the order fills just before the cancel; the fill is told after it",
        "hummingbot/hummingbot#4738",
        (delay(500, "how much later than the cancel"),),
    ),
    FaultKind(
        "cancel-race",
        "F04",
        "the rest fills just before the cancel, which answers -2011",
        "hummingbot/hummingbot#5076",
    ),
    FaultKind(
        "partial-fill",
        "F04",
        "the next resting limit order fills by half at once",
        "freqtrade/freqtrade#12322",
    ),
    FaultKind(
        "stop-refused",
        "F08",
        "a conditional order is refused",
        "freqtrade/freqtrade#12610",
        (
            Parameter(
                "code", -2021, "the venue's number", (-2021, -4120, -1111, -4014, -4045, -2019)
            ),
        ),
    ),
    FaultKind(
        "countdown-takes-stops",
        "F08",
        "a countdown that runs out cancels conditional orders as well",
        "ctubio/Krypto-trading-bot#863",
    ),
    FaultKind(
        "stop-vanishes",
        "F08",
        "a conditional order is gone after a while, and nobody is told",
        "binance/binance-futures-connector-python#260",
        (Parameter("life_ms", 53_000, "how long it rests", least=1),),
    ),
)
"""Happen to what a client does."""

ACTS: Final = (
    FaultKind(
        "liquidation",
        "F09",
        "the venue closes the position (client id autoclose-...)",
        "freqtrade/freqtrade#7107",
        is_act=True,
    ),
    FaultKind(
        "adl",
        "F09",
        "automatic deleveraging takes a part of the position (adl_autoclose)",
        "freqtrade/freqtrade#11570",
        (Parameter("percent", 50, "how much of it", least=1, most=100),),
        is_act=True,
    ),
    FaultKind(
        "manual-close",
        "F09",
        "the owner closes the position in the venue's app",
        "freqtrade/freqtrade#11783",
        is_act=True,
    ),
    FaultKind(
        "foreign-order",
        "F10",
        "the owner places a limit order in the venue's app",
        "nautechsystems/nautilus_trader#4346",
        (SIDE, _NOTIONAL, Parameter("away_bps", 100, "distance from the best price", most=10_000)),
        is_act=True,
    ),
    FaultKind(
        "foreign-position",
        "F10",
        "the owner opens a position in the venue's app",
        "nautechsystems/nautilus_trader#3104",
        (SIDE, _NOTIONAL),
        is_act=True,
    ),
    FaultKind(
        "leverage-changed",
        "F10",
        "the owner changes the leverage in the venue's app",
        "freqtrade/freqtrade#12351",
        (Parameter("leverage", 50, "the new one", least=1, most=125),),
        is_act=True,
    ),
    FaultKind(
        "margin-type-changed",
        "F10",
        "the owner changes the margin type in the venue's app",
        "Hephyrius/binance_futures_bot#26",
        (Parameter("type", "ISOLATED", "the new one", ("ISOLATED", "CROSSED")),),
        is_act=True,
    ),
    FaultKind(
        "transfer",
        "F15",
        "money moves out of the account or into it",
        "hummingbot/hummingbot#1145",
        (Parameter("amount", "-500", "USDT; negative: out"),),
        has_symbol=False,
        is_act=True,
    ),
    FaultKind(
        "filters-changed",
        "F19",
        "tick, step and smallest notional of a contract change",
        "JKorf/Binance.Net#716",
        (
            Parameter("tick", 10, "the new tick in old ones", least=1, most=1000),
            Parameter("step", 10, "the new step in old ones", least=1, most=1000),
            Parameter("min_notional", 0, "the new one, USDT; 0: as it was", most=1_000_000),
        ),
        is_act=True,
    ),
    FaultKind(
        "symbol-settling",
        "F19",
        "a contract is delisted: it takes no more orders",
        "xLydianSoftware/Qubx#320",
        (
            Parameter(
                "status",
                "SETTLING",
                "its new status",
                ("SETTLING", "PRE_SETTLE", "CLOSE", "TRADING"),
            ),
        ),
        is_act=True,
    ),
    FaultKind(
        "second-instance",
        "F20",
        "another instance with the client's own id prefix places an order",
        "ctubio/Krypto-trading-bot#325",
        (SIDE, _NOTIONAL, Parameter("away_bps", 100, "distance from the best price", most=10_000)),
        is_act=True,
    ),
)
"""Happen by themselves, each at its time."""
