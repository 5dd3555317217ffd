"""The one gate before an order: each control is a function that says why not, or None.

A missing, NaN or stale input denies, and so does a control that fails. Which control applies to
what is the table's rule in the design: entries meet all of them; what lowers risk meets only what
the venue would refuse anyway, so that the gate never locks anybody into a losing position.
"""

from typing import Final

from msgspec.structs import replace

from botcore_tui.core import (
    controls_flow,
    controls_order,
    controls_price,
    controls_risk,
    controls_size,
    controls_state,
)
from botcore_tui.core.controls import Control
from botcore_tui.core.controls_order import not_positive
from botcore_tui.core.controls_price import FRESH_MS
from botcore_tui.core.gate_terms import Denial, Limits, Proposal, Surroundings

__all__ = [
    "FOR_BLIND_PROTECTION",
    "FOR_ENTRIES",
    "FOR_KILLING",
    "FOR_PROTECTION",
    "FOR_REDUCING",
    "FRESH_MS",
    "Denial",
    "Limits",
    "Proposal",
    "Surroundings",
    "first_denial",
    "first_of",
    "not_positive",
]

FOR_ENTRIES: Final = (
    controls_state.P01,
    controls_state.P02,
    controls_state.P03,
    controls_order.P04,
    controls_order.P05,
    controls_size.P06,
    controls_size.P07,
    controls_price.P08,
    controls_price.P09,
    controls_state.P10,
    controls_size.P11,
    controls_size.P12,
    controls_risk.P13,
    controls_risk.P14,
    controls_risk.P15,
    controls_flow.P16,
    controls_flow.P17,
    controls_flow.P18,
    controls_state.P19,
    controls_flow.P20,
    controls_price.P21,
    controls_state.P22,
    controls_state.P23,
    controls_state.P24,
)
FOR_KILLING: Final = (controls_state.P02, controls_order.P04, controls_order.P05)
FOR_PROTECTION: Final = (*FOR_KILLING, controls_flow.P16_REDUCING)
"""A protective stop draws on the reserve of P18 as well, and may overdraw it: how often it is
sent again is bounded where it is made."""
FOR_BLIND_PROTECTION: Final = (
    controls_state.P02,
    controls_order.P04,
    controls_flow.P16_REDUCING,
)
"""Where the venue's filters are not known yet: it will say itself, a position cannot wait."""
FOR_REDUCING: Final = (*FOR_PROTECTION, controls_flow.P18_REDUCING)


def first_denial(proposal: Proposal, around: Surroundings) -> Denial | None:
    """Ask the controls in order; the first refusal, or None."""
    return first_of(FOR_ENTRIES if proposal.is_entry else FOR_REDUCING, proposal, around)


def first_of(
    controls: tuple[Control, ...], proposal: Proposal, around: Surroundings
) -> Denial | None:
    """The first refusal of some controls, or None."""
    for control in controls:
        try:
            denial = control.check(proposal, around)
        except Exception as error:  # noqa: BLE001 - whatever fails in a control must deny
            denial = Denial(
                "GATE_ERROR",
                f"control {control.code} failed: {type(error).__name__}",
                observed=type(error).__name__,
                remedy="this is a defect, nothing was sent",
            )
        if denial is not None:
            return replace(denial, actor=proposal.request.actor)
    return None
