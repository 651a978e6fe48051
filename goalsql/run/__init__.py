"""When: sources, ticks, state."""
