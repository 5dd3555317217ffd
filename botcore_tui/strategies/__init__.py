"""Strategies that ship, one file each, and the way to any other."""
