"""Who may command an engine: tokens, the keys that they are proved by, and what was revoked."""
