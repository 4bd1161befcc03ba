"""One fleet handed over: a sealed bundle that a stranger can verify, a report on paper, exports."""
