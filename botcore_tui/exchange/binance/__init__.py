"""Binance USD-M futures: wire codec, REST and streams."""
