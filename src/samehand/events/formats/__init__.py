"""One file for each format of a log, behind one interface: a part with columns, then a view to scan."""
