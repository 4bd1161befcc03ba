"""Drop-in networks: what other research tools count, counted the same way, or with their mistakes mended."""
