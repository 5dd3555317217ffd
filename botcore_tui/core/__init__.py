"""The deterministic core: event in, effects out; no I/O, no clock, no chance."""
