"""The ledger: what was decided and what came back, in a database, chained by hashes."""
