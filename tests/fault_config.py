"""The configuration of the program on whose exchange faults strike."""

from typing import Final

from sim_process import Sim

from botcore_tui.config import Config

CALM: Final = {"standstill_seconds": 8.0}
"""A machine that has too much to do is none of the faults."""

PATIENT: Final = {"depth_seconds": 10.0, "mark_seconds": 10.0}
"""For tests that send orders at a given moment: nor are the feeds of such a machine."""


def a_config(sim: Sim, **sections: object) -> Config:
    """Trading is enabled, at this exchange; other sections as given.

    As much is asked of the exchange as one wants, unless a section says how much.
    """
    hosts = {
        "rest": sim.rest,
        "ws_public": sim.ws_public,
        "ws_market": sim.ws_market,
        "ws_private": sim.ws_private,
    }
    config = Config.model_validate(
        {
            "environment": "testnet",
            "symbols": list(sim.symbols),
            "hosts": hosts,
            "trading": {"enabled": True},
            "risk": {"risk_pct": 5.0, "max_leverage": 5.0, "max_positions": 9},
            "breaker": CALM,
            "streams": {"backoff_base_seconds": 0.2, "backoff_cap_seconds": 0.5},
            # Under uvloop a connection that is cut off while it is made warns of its socket.
            "engine": {"pin_cores": False, "use_uvloop": False},
            **sections,
        }
    )
    if "limits" in sections:
        return config
    # Beyond what a user may configure: an hour's disconnections within one minute.
    limits = config.limits.model_copy(update={"weight_per_minute": 1_000_000})
    return config.model_copy(update={"limits": limits})
