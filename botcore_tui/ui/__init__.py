"""The cockpit: draws snapshots, sends commands, computes nothing."""
