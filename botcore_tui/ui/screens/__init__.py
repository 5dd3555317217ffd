"""Modal screens: every one that can loosen something asks first."""
