"""botcore: a terminal cockpit and trading engine for Binance USD-M futures."""

__version__ = "0.1.0"
