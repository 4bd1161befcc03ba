"""How good a run is where the answer is known."""
