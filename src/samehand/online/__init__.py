"""Events as they come: state bounded by windows, leads as soon as the evidence suffices."""
