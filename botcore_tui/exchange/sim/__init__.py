"""Markets made here, for use without a network."""
