"""The engine for many machines: Spark holds the events and cuts them into pieces, the local engine's kernels count."""
