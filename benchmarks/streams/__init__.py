"""What watching a stream costs and finds."""
