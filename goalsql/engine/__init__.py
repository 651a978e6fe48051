"""Where it runs: takes SQL text, knows no model."""
