"""Where the work is done: one interface, one file an engine. The only place, with events, that knows a vendor."""
