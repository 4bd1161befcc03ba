"""The exam of detection: logs without fleets, simulated fleets, held-out worlds, real logs."""
