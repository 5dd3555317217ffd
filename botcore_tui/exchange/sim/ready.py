"""The ready line: what an exchange says of itself once it can be asked."""

from msgspec import Struct


class Ready(Struct, frozen=True):
    """Where it is, the keys of its account, and how to repeat it."""

    rest: str
    ws_public: str
    ws_market: str
    ws_private: str
    ws_api: str
    api_key: str
    api_secret: str
    ed25519_api_key: str
    ed25519_private_key: str
    symbols: tuple[str, ...]
    seed: int
    pid: int
    instance: str
    """Of this run, unlike any other's: its account is its own."""

    def __repr__(self) -> str:
        # Play money, but a log that shows keys teaches people to share logs with keys.
        return f"Ready(rest={self.rest!r}, symbols={self.symbols!r}, pid={self.pid})"
