"""Reading a log: from any source and any column names to samehand's own events, checked and counted."""
