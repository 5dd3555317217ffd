"""When the venue is asked for the whole account, and what is made of its answer.

The venue is the truth, our own books are a hint: a difference is explained row by row, adopted
with a tag, and lowers the trading state.
"""

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.money import ZERO, closing_profit
from botcore_tui.core.notes import note
from botcore_tui.core.orders import Step
from botcore_tui.core.portfolio import LISTED
from botcore_tui.model.account import (
    AccountPicture,
    AccountUpdate,
    PositionReport,
    ReconcileFailed,
    SymbolAccount,
)
from botcore_tui.model.event import Append, Effect, Reconcile, Record
from botcore_tui.model.ledger import INCOME_READ, AuditRow
from botcore_tui.model.severity import Severity

_EVERY_MS: Final = 10_000
_ALL_EVERY_MS: Final = 60_000
_LATE_MS: Final = 30_000
_DOUBT_MS: Final = 2_000
"""The stream tells positions before the fills that made them: a difference is given so long."""
_RETRY_MS: Final = 2_000
_KNOWN_MS: Final = 30_000
"""A10: for so long a reconciliation says enough of the account for new risk."""
_BLIND_MS: Final = 5_000
"""Between looks at the account while no stream tells of executions (F05)."""
_DELIVERY_MS: Final = 10_000
"""Between a picture's last listing and its being read here; its income alone may take half."""
_FRESH: Final = frozenset({"start", "reconnect"})
"""Reasons of those pictures that were asked for after the user stream came back."""


class Reckoning:
    """Schedule and reading of reconciliations.

    Args:
        state: Of the account.
    """

    def __init__(self, state: AccountState) -> None:
        self._state = state
        self._asked_ms = 0
        self._is_waiting = False
        self._all_ms = 0
        self._next_ms = state.time_ms + _BLIND_MS
        self._doubts: dict[str, tuple[int, Decimal]] = {}
        self._differed: set[str] = set()
        self._is_fresh_wanted = False

    # --- asking ---------------------------------------------------------------------------------

    def ask(self, reason: str, symbols: tuple[str, ...] = ()) -> list[Effect]:
        """Ask now."""
        now = self._state.time_ms
        self._is_waiting, self._asked_ms = True, now
        if not symbols:
            self._all_ms = now
        return [Reconcile(reason=reason, symbols=symbols)]

    def on_tick(self) -> list[Effect]:
        """Ask when it is time, when the last answer is overdue, or when there is a doubt."""
        state, now = self._state, self._state.time_ms
        if self._is_waiting:
            if now - self._asked_ms <= _LATE_MS:
                return []
            self._age()
            return self.ask("reconnect" if self._is_fresh_wanted else "overdue")
        differing = self._take_doubts()
        if differing:
            return self.ask("mismatch", differing)
        if not state.is_reconciled and now < self._next_ms:
            return []
        if not state.is_stream_up:
            is_all = now - self._all_ms >= _ALL_EVERY_MS
            return self.ask("blind", () if is_all else state.settings.symbols)
        if not state.is_reconciled:
            return self.ask("again")
        if now - self._all_ms >= _ALL_EVERY_MS:
            return self.ask("periodic")
        if now - self._asked_ms >= _EVERY_MS:
            return self.ask("periodic", state.settings.symbols)
        return []

    def doubt(self, update: AccountUpdate) -> None:
        """Compare what the stream says of positions; what still differs soon is asked about."""
        state = self._state
        differing = state.portfolio.disagrees(update)
        for report in update.positions:
            if report.symbol in differing:
                at_ms, _ = self._doubts.get(report.symbol, (state.time_ms + _DOUBT_MS, None))
                self._doubts[report.symbol] = (at_ms, report.quantity)
            else:
                self._doubts.pop(report.symbol, None)

    def _take_doubts(self) -> tuple[str, ...]:
        """Symbols whose position is still another than the stream told a while ago."""
        state = self._state
        due = {
            symbol: told for symbol, (at_ms, told) in self._doubts.items() if state.time_ms >= at_ms
        }
        for symbol in due:
            del self._doubts[symbol]
        return tuple(
            symbol for symbol, told in due.items() if state.portfolio.quantity(symbol) != told
        )

    def on_failed(self, failure: ReconcileFailed) -> list[Effect]:
        """Try again soon; what was known stays known, and ages."""
        self._age()
        self._is_waiting = self._is_fresh_wanted = False
        self._next_ms = self._state.time_ms + _RETRY_MS
        # The next regular one is due at once after the pause.
        self._asked_ms = self._state.time_ms - _EVERY_MS + _RETRY_MS
        text = f"account not reconciled ({failure.reason}), again soon: {failure.error}"
        return [Record(Severity.ERROR, "reconcile.failed", text, self._state.time_ms)]

    def _age(self) -> None:
        """No picture came: what the last one told is no longer enough for new risk one day."""
        if self._state.time_ms - self._state.reconciled_ms >= _KNOWN_MS:
            self._state.is_reconciled = False

    def begin(self, reason: str) -> list[Effect]:
        """The user stream delivers: only a picture that is asked for from here on tells all."""
        self.void()
        self._is_fresh_wanted = True
        return self.ask(reason)

    def end(self) -> None:
        """The user stream is down: what it does not tell is asked for, until it is back."""
        self.void()
        self._is_fresh_wanted = False  # again as soon as it is back
        self._next_ms = self._state.time_ms + _BLIND_MS

    def void(self) -> None:
        """Events may be missing: nothing is reconciled until the next picture."""
        self._state.is_reconciled = False
        self._is_waiting = False
        self._next_ms = 0

    # --- reading --------------------------------------------------------------------------------

    def read(self, picture: AccountPicture) -> Step:
        """Take the orders and trades of a picture; positions follow with ``settle``."""
        if picture.reason in _FRESH:
            self._is_fresh_wanted = False
        self._is_waiting = self._is_fresh_wanted
        return self._state.register.reconcile(picture, self._state.time_ms)

    def sight(self, picture: AccountPicture) -> Step:
        """Take the orders of a sighting; positions follow with ``presume``."""
        return self._state.register.reconcile(replace(picture, symbols=()), self._state.time_ms)

    def presume(self, picture: AccountPicture) -> list[Effect]:
        """Take what is held, so that it is protected; what led to it is booked when it is told.

        The venue's word has all executions up to when the position last changed, and none after:
        told later, the former move money only. What is booked already may be newer than it.
        """
        state, effects = self._state, list[Effect]()
        portfolio, worth = state.portfolio, state.portfolio.worth
        for account in picture.symbols:
            report = account.position
            until_ms = report.time_ms or picture.asked_ms  # it need not say when that was
            state.sighted.add(report.symbol)
            state.register.sight(report.symbol, until_ms)
            if report.mark is not None:
                state.tell_mark(report.symbol, report.mark)
            is_older = until_ms < worth.booked_ms(report.symbol)
            if is_older or report.quantity == portfolio.quantity(report.symbol):
                continue
            profit = self._profit(report)
            told, _ = portfolio.adopt(account, newer=ZERO, counted_ms=until_ms)
            effects += told
            worth.booked(report.symbol, report.quantity, until_ms)
            worth.presume(report.symbol, profit, until_ms)
            state.is_reconciled = False
        return effects

    def _profit(self, report: PositionReport) -> Decimal:
        """What closing a position down to that will have brought, about."""
        state, symbol = self._state, report.symbol
        holding, mark = state.portfolio.holding(symbol), state.mark(symbol)
        if holding is None or mark is None:
            return ZERO
        have, want = holding.quantity, report.quantity
        is_turned = have * want < 0
        if not is_turned and abs(want) >= abs(have):
            return ZERO
        return closing_profit(have if is_turned else have - want, holding.entry_price, mark)

    def settle(self, picture: AccountPicture) -> list[Effect]:
        """Compare positions and money with ours, after its trades were booked."""
        state = self._state
        effects = state.portfolio.update(
            AccountUpdate(
                reason=LISTED,
                balances=() if picture.balance is None else (picture.balance,),
                positions=(),
                time_ms=picture.time_ms,
            )
        )
        if picture.balance is not None and not state.portfolio.first_wallet_ms:
            state.portfolio.first_wallet_ms = max(picture.asked_ms, picture.balance.time_ms)
        vanished = self._vanished(picture)
        accounts = (*picture.symbols, *vanished)
        for account in picture.symbols:
            effects += self._listed(account, picture)
        for account in vanished:
            effects += self._position(account, counted_ms=picture.asked_ms)
        # A position that was there once, and is in neither's books any more, differs no longer.
        self._differed.intersection_update(account.position.symbol for account in accounts)
        if picture.income is not None:
            # After the positions: those that were paid for are there now.
            effects += state.portfolio.heal(picture.income, state.time_ms)
            effects.append(Append(_income_read(state.time_ms)))
        asked_ms = state.time_ms - (picture.time_ms - picture.asked_ms) - _DELIVERY_MS
        for change in picture.leverages:
            state.learn_setting(change, asked_ms)
        effects += self._mode(picture)
        state.has_picture, state.picture_ms = True, state.time_ms
        is_poor = picture.balance is None or picture.lacks_settings
        if self._differed or self._is_fresh_wanted or is_poor or not state.is_stream_up:
            state.is_reconciled = False
            if is_poor or not state.is_stream_up:
                self._next_ms = state.time_ms + _BLIND_MS
            return effects
        if not state.is_reconciled:
            text = f"account reconciled ({picture.reason}): {_summary(picture)}"
            effects.append(Record(Severity.INFO, "reconcile.done", text, state.time_ms))
        state.is_reconciled, state.reconciled_ms = True, state.time_ms
        return effects

    def _vanished(self, picture: AccountPicture) -> list[SymbolAccount]:
        """Positions that we have, and the venue does not even mention.

        Of what was opened after the question, the answer says nothing.
        """
        told = {account.position.symbol for account in picture.symbols}
        return [
            SymbolAccount(
                position=PositionReport(
                    symbol=holding.symbol,
                    quantity=Decimal(0),
                    entry_price=Decimal(0),
                    time_ms=picture.time_ms,
                ),
                # Of those after it, which nobody told of, the time says whether they are counted.
                last_trade_id=self._state.register.newest_trade(holding.symbol),
                fills=(),
            )
            for holding in self._state.portfolio.holdings()
            if holding.symbol not in told and holding.opened_ms <= picture.asked_ms
        ]

    def _listed(self, account: SymbolAccount, picture: AccountPicture) -> list[Effect]:
        """Take a position; where the venue refuses its trades, by the time of the question."""
        untold, symbol, why = self._state.untold, account.position.symbol, account.untold
        if not why:
            untold.pop(symbol, None)
            return self._position(account)
        effects: list[Effect] = []
        if symbol not in untold:
            text = f"the venue does not tell the trades of {symbol}: no new risk in it: {why}"
            effects = note(
                Severity.WARNING,
                "account.untold",
                text,
                time_ms=self._state.time_ms,
                symbol=symbol,
            )
        untold[symbol] = why
        # Those that the stream told since the last list are in the position, or not: who counts
        # them after it holds what nobody has.
        newest = self._state.register.newest_trade(symbol)
        account = replace(account, last_trade_id=max(account.last_trade_id, newest))
        # What was closed is still nobody's word, but where the wallet, asked for later, has it.
        is_proven = picture.balance is not None
        return effects + self._position(account, counted_ms=picture.asked_ms, is_proven=is_proven)

    def _position(
        self, account: SymbolAccount, *, counted_ms: int = 0, is_proven: bool = True
    ) -> list[Effect]:
        state, report = self._state, account.position
        symbol = report.symbol
        if report.mark is not None:
            state.tell_mark(symbol, report.mark)
        newer = state.register.fills_after(symbol, account.last_trade_id)
        ours = state.portfolio.quantity(symbol) - newer
        is_first = not state.is_told(symbol)
        # What is held is taken at the first word; that a position is gone, only where there were
        # trades since: a venue under maintenance may list none.
        is_taken = is_first and (report.quantity or state.register.fills_after(symbol, 0))
        if ours != report.quantity and not is_taken and symbol not in self._differed:
            # Once may be a picture taken between two servers of the venue; twice is a fact.
            self._differed.add(symbol)
            return []
        effects, differed = state.portfolio.adopt(account, newer=newer, counted_ms=counted_ms)
        if is_proven:
            state.portfolio.worth.prove(symbol)
        self._differed.discard(symbol)
        if differed and not state.portfolio.quantity(symbol):
            state.protection.doubt_flat(symbol)
        if differed and not is_first:
            why = f"position of {symbol} differs from the venue's and was adopted"
            effects += state.standing.reduce("reconciliation", why, state.time_ms)
        return effects

    def _mode(self, picture: AccountPicture) -> list[Effect]:
        state, was_one_way = self._state, self._state.is_one_way
        state.is_single_asset = picture.is_single_asset
        state.is_one_way = picture.is_one_way
        if picture.is_one_way or not was_one_way:
            return []
        text = "the account is in hedge mode; only one-way mode is traded: switch it at the venue"
        row = AuditRow(
            code="account.hedge_mode",
            severity=Severity.CRITICAL,
            text=text,
            time_ms=state.time_ms,
        )
        record = Record(Severity.CRITICAL, row.code, text, state.time_ms)
        return [record, Append(row)]


def _income_read(time_ms: int) -> AuditRow:
    """After what was found in it: a start asks for all since the last of these."""
    return AuditRow(
        code=INCOME_READ,
        severity=Severity.INFO,
        text="the income history was read up to here",
        time_ms=time_ms,
    )


def _summary(picture: AccountPicture) -> str:
    assert picture.balance is not None  # without it nothing is called reconciled
    held = [account for account in picture.symbols if account.position.quantity]
    counts = (
        f"{len(held)} positions",
        f"{len(picture.orders or ())} orders",
        f"{len(picture.algo_orders or ())} conditional orders",
        f"wallet {picture.balance.wallet:f} {picture.balance.asset}",
    )
    return ", ".join(counts)
