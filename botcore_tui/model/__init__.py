"""Frozen values that cross boundaries; no behaviour beyond their own arithmetic."""
