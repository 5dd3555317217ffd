"""How a session at the desk begins: with what the ledger knows of the account."""

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.notes import note
from botcore_tui.core.orders import Step
from botcore_tui.model.event import Effect, Record
from botcore_tui.model.ledger import Recollection
from botcore_tui.model.severity import Severity


def recall(state: AccountState, recollection: Recollection) -> Step:
    """Fill the books; what they entail follows from the step."""
    state.portfolio.restore(recollection)
    state.protection.unprotected_ms = recollection.unprotected_ms_today
    state.register.since_ms = recollection.since_ms
    step = Step()
    for trade in recollection.trades:
        state.register.recall(trade)
    for order in recollection.orders:
        restored = state.register.restore(order, state.time_ms)
        step.effects += restored.effects
        step.fills += restored.fills
        for changed in restored.changed:
            step.touch(changed)
        if order.filled_quantity and not order.intent.request.purpose.is_reducing:
            state.protection.adopt_plan(order.intent)
    for position in recollection.positions:
        if position.plan is not None:
            state.protection.adopt_plan(position.plan)
    for order in recollection.orders:
        state.protection.recall_exit(order)
    return step


def opened(recollection: Recollection, time_ms: int) -> Effect:
    """Say which account it is, and what is known of it."""
    text = (
        f"account {recollection.account}, run {recollection.run_id}:"
        f" {len(recollection.orders)} orders and {len(recollection.positions)} positions"
        " remembered"
    )
    return Record(Severity.INFO, "account.open", text, time_ms)


def lost_account(before: AccountState, account: str, time_ms: int) -> list[Effect]:
    """Another account than before, in one run: its exchange has ended, and all that was on it.

    A venue loses no account, so this is an exchange of our own. Nothing of it can be closed or
    protected any more; that positions are gone must not go unseen.

    Args:
        before: What was known of the one before.
        account: The one that begins now.
        time_ms: Now.
    """
    if not before.account or before.account == account:
        return []
    held = [f"{one.quantity:f} {one.symbol}" for one in before.portfolio.holdings()]
    if not held:
        return []
    text = (
        f"account {before.account} has ended with its exchange, and with it {', '.join(held)};"
        f" {account} begins without them"
    )
    effects = note(Severity.CRITICAL, "account.lost", text, time_ms=time_ms)
    return effects + before.standing.reduce("account", text, time_ms)


def still_reduced(state: AccountState, recollection: Recollection) -> list[Effect]:
    """A crash is no step towards trading: what was reduced before it stays so."""
    reduced = recollection.risk.reduced
    if not reduced:
        return []
    return state.standing.reduce("earlier run", f"still so: {reduced}", state.time_ms)
