"""Which events were driven: the measurement of ``driven.py``."""
