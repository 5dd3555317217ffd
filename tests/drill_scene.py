"""A rehearsal whose engine and exchange say what a test wants; no process runs."""

from pathlib import Path

from fake_account import FakeAccount
from fake_exchange import ready_facts

from botcore_tui.cli.drill_exchange import DrillExchange
from botcore_tui.cli.drill_stage import Stage
from botcore_tui.config import Config
from botcore_tui.model.trading import AccountView

BTC = "BTCUSDT"


class Scene(Stage):
    """The stage of a drill.

    Attributes:
        venue: The account at the exchange.
        view: What the engine says of it.
    """

    def __init__(self, directory: Path, view: AccountView | None = None) -> None:
        super().__init__(Config(), directory)
        self.venue = FakeAccount()
        self.view = view
        self.exchange = DrillExchange(ready_facts(), self.venue)

    async def account(self) -> AccountView | None:
        return self.view
