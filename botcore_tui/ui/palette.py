"""The command palette: the action table, and every theme by its name."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from botcore_tui.ui.actions import ACTIONS


class CockpitCommands(Provider):
    """All actions under their label and what they do; the keys stand beside, to be learnt."""

    async def discover(self) -> Hits:
        """Every command, before anything is typed."""
        for text, run, detail in self._commands():
            yield DiscoveryHit(text, run, help=detail)

    async def search(self, query: str) -> Hits:
        """The commands that match, best first."""
        matcher = self.matcher(query)
        for text, run, detail in self._commands():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), run, help=detail)

    def _commands(self) -> Iterator[tuple[str, Callable[[], Awaitable[bool] | None], str]]:
        for action in ACTIONS:
            # The palette does not offer itself, nor what makes no sense at this moment.
            if action.id != "command_palette" and self._is_enabled(action.id):
                text = f"{action.label}: {action.tooltip}"
                yield text, partial(self.app.run_action, action.id), action.shown_keys
        for name in sorted(self.app.available_themes):
            yield f"Theme: {name}", partial(setattr, self.app, "theme", name), ""

    def _is_enabled(self, action: str) -> bool:
        return self.app.check_action(action.partition("(")[0], ()) is not False
