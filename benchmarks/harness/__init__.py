"""What every benchmark needs: cells that can be resumed, limits, tables, the machine's description."""
