"""Venues: the port (`base`) and what stands behind it."""
