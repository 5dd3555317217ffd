"""The order ticket: side, type, size, prices; notional, fees and risk before anything is sent."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from textual import on
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.screens.dialog import ARM_SECONDS
from botcore_tui.ui.screens.form import Field, FormDialog
from botcore_tui.ui.ticket import Basis, Draft, Wanted, basis_of, cautions, read

_FIELDS = (
    Field("size", "base units"),
    Field("price", "only for LIMIT"),
    Field("stop", "where the loss ends"),
    Field("target", "take profit at, or empty"),
    Field("trail", "percent, or empty"),
)
_HELP = {
    OrderType.MARKET: "type    MARKET  (press for LIMIT)",
    OrderType.LIMIT: "type    LIMIT   (press for MARKET)",
}


class OrderTicket(FormDialog[Wanted]):
    """Gives back the order that is wanted, or None.

    The contract and the side are those it was opened for, whatever is shown behind it.

    Args:
        side: To buy or to sell.
        snapshot: The picture it was asked upon.
        taker_pct: Fee, for the figures.
        arm_seconds: How long nothing can be confirmed.
    """

    def __init__(
        self,
        side: Side,
        snapshot: Snapshot,
        *,
        taker_pct: Decimal,
        arm_seconds: float = ARM_SECONDS,
    ) -> None:
        environment = printable(snapshot.environment).upper()
        word = "Buy" if side is Side.BUY else "Sell"
        super().__init__(
            f"{word} {printable(snapshot.symbol)} · {environment}",
            _FIELDS,
            label=f"Send {side}",
            arm_seconds=arm_seconds,
        )
        self.symbol = snapshot.symbol
        self.side = side
        self._type = OrderType.MARKET
        self._taker_pct = taker_pct
        self._shown: Wanted | None = None
        self._basis: Basis | None = None
        self._cautions: tuple[str, ...] = ()
        self.take(snapshot)

    def compose_head(self) -> Sequence[Widget]:
        """Cautions, and the type as something to press."""
        return (
            Static("", markup=False, id="cautions"),
            Button(_HELP[self._type], id="type", compact=True),
        )

    def on_mount(self) -> None:
        """Begin at the size of a MARKET order."""
        self.query_one("#price", Input).disabled = True

    def take(self, snapshot: Snapshot) -> None:
        """Keep the prices and the money of a picture of this contract."""
        is_same = snapshot.symbol == self.symbol
        self._basis = basis_of(snapshot, self.side, self._taker_pct) if is_same else None
        self._cautions = cautions(snapshot, self.side)

    def read(self) -> tuple[Wanted | None, Mapping[str, str], Sequence[str]]:
        """What is typed, by the newest prices."""
        if self._basis is None:
            return None, {"size": "another contract is shown: cancel and ask again"}, ()
        draft = Draft(side=self.side, type=self._type, texts=self._wished())
        reading = read(draft, self._basis)
        return reading.wanted, reading.problems, reading.figures

    def update_form(self) -> None:
        """Also the cautions."""
        self.query_one("#cautions", Static).update("\n".join(map(printable, self._cautions)))
        self.query_one("#cautions").display = bool(self._cautions)
        super().update_form()

    def _wished(self) -> dict[str, str]:
        texts = self.texts
        if self._type is OrderType.MARKET:
            # A price typed before the type was changed is not meant any more.
            texts["price"] = ""
        return texts

    @on(Button.Pressed, "#type")
    def _change_type(self) -> None:
        is_market = self._type is OrderType.MARKET
        self._type = OrderType.LIMIT if is_market else OrderType.MARKET
        self.query_one("#type", Button).label = _HELP[self._type]
        self.query_one("#price", Input).disabled = not is_market
        self.update_form()
