"""Why nothing is traded: every control of the gate, as the smallest entry would meet it now."""

from decimal import ROUND_CEILING, Decimal
from typing import Final

from msgspec.structs import replace

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.controls import Control, Reading
from botcore_tui.core.controls_flow import P17
from botcore_tui.core.gate import FOR_ENTRIES, Denial, Proposal, Surroundings, first_of
from botcore_tui.model.command import Scope
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderType, Purpose
from botcore_tui.model.risk import Obstacle

_HUNDRED: Final = Decimal(100)
_ALL_SCOPES: Final = tuple(Scope)
_NAME: Final = "smallest entry"


def obstacles(state: AccountState, symbol: str, *, actor: str = "") -> tuple[Obstacle, ...]:
    """The controls in their order, for the smallest MARKET order that would raise the position.

    Whose order it is decides little: with ``actor`` it is that strategy's, else it is one of a
    person who may do everything, since tokens belong to those who have them.

    Args:
        state: Of the account.
        symbol: Of the contract.
        actor: Name of a strategy.
    """
    proposal = smallest_entry(state, symbol, actor=actor)
    around = state.surroundings(proposal.request)
    found = tuple(_obstacle(control, proposal, around) for control in FOR_ENTRIES)
    return found if actor else tuple(_of_any(one, state, proposal) for one in found)


def smallest_entry(state: AccountState, symbol: str, *, actor: str = "") -> Proposal:
    """The entry that is asked about; on the side of the position, else a buy."""
    rules, mark = state.rules.get(symbol), state.mark(symbol)
    side = Side.SELL if state.portfolio.quantity(symbol) < 0 else Side.BUY
    request = OrderRequest(
        client_order_id=_NAME,
        symbol=symbol,
        side=side,
        type=OrderType.MARKET,
        purpose=Purpose.ENTRY,
        quantity=Decimal(1) if rules is None else _smallest(rules, mark),
        actor=actor or "anybody",
        created_ms=state.time_ms,
    )
    stop = None
    if mark is not None:
        stop = mark * (1 - side.sign * state.settings.protection.stop_pct / _HUNDRED)
    return Proposal(request, stop, _ALL_SCOPES, is_strategy=bool(actor))


def _of_any(found: Obstacle, state: AccountState, proposal: Proposal) -> Obstacle:
    """A person may send a LIMIT order where only a MARKET order would meet one of ours."""
    mark = state.mark(proposal.request.symbol)
    if found.is_passed or found.code != P17.code or mark is None:
        return found
    request = replace(proposal.request, type=OrderType.LIMIT, price=mark)
    resting = replace(proposal, request=request)
    if first_of((P17,), resting, state.surroundings(request)) is not None:
        return found
    value = f"only LIMIT: MARKET would meet ours at {found.value}"
    return replace(found, is_passed=True, value=value, remedy="")


def _smallest(rules: ContractRules, mark: Decimal | None) -> Decimal:
    least = max(rules.market_min_quantity, rules.market_step)
    if mark is None or not mark > 0:
        return least
    steps = (rules.min_notional / mark / rules.market_step).to_integral_value(ROUND_CEILING)
    return max(least, steps * rules.market_step)


def _obstacle(control: Control, proposal: Proposal, around: Surroundings) -> Obstacle:
    denial = first_of((control,), proposal, around)
    seen = _looked(control, proposal, around, denial)
    return Obstacle(
        code=control.code,
        name=control.name,
        is_passed=denial is None,
        value=seen.value,
        limit=seen.limit,
        age_ms=seen.age_ms,
        remedy="" if denial is None else denial.remedy or denial.what,
    )


def _looked(
    control: Control, proposal: Proposal, around: Surroundings, denial: Denial | None
) -> Reading:
    try:
        seen = control.look(proposal, around)
    except Exception as error:  # noqa: BLE001 - what cannot be shown is shown as that
        return Reading(f"{type(error).__name__}", "")
    if denial is None:
        return seen
    value, limit = denial.observed or seen.value, denial.limit or seen.limit
    return Reading(value, limit, seen.age_ms)
