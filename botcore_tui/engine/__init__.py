"""The imperative shell: one thread, one loop, one writer of the trading state."""
