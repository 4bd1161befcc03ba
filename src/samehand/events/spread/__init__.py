"""Reads a log on many machines with Spark: the same steps as ``events.read``, each on pieces of the log."""
