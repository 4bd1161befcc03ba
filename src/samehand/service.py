"""Commands that follow events as they come."""
