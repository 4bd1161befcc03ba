"""A finished run, shown: one file a format, all behind one interface."""
