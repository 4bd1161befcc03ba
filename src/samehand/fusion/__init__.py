"""What all layers say of a candidate together: bits by layer, one probability for a fleet and for each member."""
