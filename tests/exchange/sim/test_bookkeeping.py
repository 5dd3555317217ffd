"""Whatever moves money, in any order: it only moves."""

from collections.abc import Iterator

from builders import NOW_MS
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from ledgers import BTC, DOGE, a_fill
from property_examples import examples

from botcore_tui.exchange.sim.account import Account, House
from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.money import ATOMS, rounded
from botcore_tui.model.market import Side

BUY, SELL = Side.BUY, Side.SELL
SIDES = st.sampled_from([BUY, SELL])


class Bookkeeping(RuleBasedStateMachine):
    """Everything that moves money, in any order, against sums kept beside it."""

    @initialize()
    def open_accounts(self) -> None:
        self.house = House()
        self.accounts = [Account(name="first"), Account(name="second")]
        self.bought: dict[tuple[str, str], int] = {}
        self.paid_in = {"first": 0, "second": 0}
        for account in self.accounts:
            self.house.transfer(account, 5000 * ATOMS, NOW_MS)
            self.paid_in[account.name] += 5000 * ATOMS

    @rule(
        who=st.integers(0, 1),
        side=SIDES,
        traded=st.sampled_from([BTC, DOGE]),
        ticks=st.integers(1, 10**6),
        lots=st.integers(1, 10**4),
    )
    def trade_with_the_crowd(
        self, who: int, side: Side, traded: Contract, ticks: int, lots: int
    ) -> None:
        account = self.accounts[who]
        fee = rounded(traded.notional(ticks, lots) * 5, 10_000)
        key = account.name, traded.symbol
        self.bought[key] = self.bought.get(key, 0) + (lots if side is BUY else -lots)
        fill = a_fill(side, fee=fee, ticks=ticks, lots=lots, traded=traded)
        fill = self.house.settle(account, fill)
        self.paid_in[account.name] += fill.realized - fee

    @rule(
        buyer=st.integers(0, 1),
        seller=st.integers(0, 1),
        ticks=st.integers(1, 10**6),
        lots=st.integers(1, 10**4),
    )
    def trade_with_each_other(self, buyer: int, seller: int, ticks: int, lots: int) -> None:
        self.trade_with_the_crowd(buyer, BUY, BTC, ticks, lots)
        self.trade_with_the_crowd(seller, SELL, BTC, ticks, lots)

    @rule(
        who=st.integers(0, 1),
        mark=st.integers(1, 10**14),
        rate=st.integers(-3_000_000, 3_000_000),
    )
    def fund(self, who: int, mark: int, rate: int) -> None:
        account = self.accounts[who]
        self.paid_in[account.name] += self.house.fund(account, BTC, mark, rate, NOW_MS)

    @rule(who=st.integers(0, 1), amount=st.integers(-(10**12), 10**12), clears=st.booleans())
    def pay(self, who: int, amount: int, *, clears: bool) -> None:
        account = self.accounts[who]
        self.paid_in[account.name] += amount
        if clears:
            self.house.clear(account, "BTCUSDT", amount, NOW_MS)
        else:
            self.house.transfer(account, amount, NOW_MS)

    @rule(who=st.integers(0, 1), leverage=st.integers(1, 125))
    def set_leverage(self, who: int, leverage: int) -> None:
        self.accounts[who].position(BTC).leverage = leverage

    @rule(who=st.integers(0, 1))
    def change_margin_type(self, who: int) -> None:
        held = self.accounts[who].position(BTC)
        if not held.lots:
            held.is_isolated = not held.is_isolated

    @precondition(lambda self: any(self.isolated()))
    @rule(amount=st.integers(-(10**12), 10**12))
    def move_margin(self, amount: int) -> None:
        account = next(self.isolated())
        wallet = account.wallet
        account.move_margin("BTCUSDT", amount)
        assert account.wallet == wallet

    def isolated(self) -> Iterator[Account]:
        for account in self.accounts:
            held = account.positions.get("BTCUSDT")
            if held is not None and held.lots and held.is_isolated:
                yield account

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        assert self.house.imbalance(self.accounts) == 0

    @invariant()
    def wallets_are_what_was_paid_in(self) -> None:
        for account in self.accounts:
            assert account.wallet == self.paid_in[account.name]
            aside = sum(held.isolated_wallet for held in account.positions.values())
            assert account.cross_wallet + aside == account.wallet

    @invariant()
    def positions_are_sums_of_fills_and_sum_to_zero(self) -> None:
        for symbol in ("BTCUSDT", "DOGEUSDT"):
            held = [
                (account.name, account.positions[symbol])
                for account in (*self.accounts, self.house.crowd)
                if symbol in account.positions
            ]
            assert sum(position.lots for _, position in held) == 0
            for name, position in held:
                if name != "crowd":
                    assert position.lots == self.bought.get((name, symbol), 0)

    @invariant()
    def flat_positions_hold_nothing(self) -> None:
        for account in (*self.accounts, self.house.crowd):
            for held in account.positions.values():
                if not held.lots:
                    assert (held.cost, held.paid, held.isolated_wallet) == (0, 0, 0)
                elif not held.is_isolated:
                    assert held.isolated_wallet == 0

    @invariant()
    def incomes_sum_up_to_the_wallet_and_are_told_apart_by_kind_and_number(self) -> None:
        for account in self.accounts:
            assert sum(income.amount for income in account.incomes) == account.wallet
            keys = {(income.kind, income.tran_id) for income in account.incomes}
            assert len(keys) == len(account.incomes)


TestBookkeeping = Bookkeeping.TestCase
TestBookkeeping.settings = settings(
    max_examples=examples(50), stateful_step_count=30, deadline=None
)
