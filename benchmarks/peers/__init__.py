"""Four known detectors, written anew and plainly, to be measured beside samehand. START HERE: ``plan``."""
