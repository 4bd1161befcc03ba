"""One file a step; v0001 is the first."""
