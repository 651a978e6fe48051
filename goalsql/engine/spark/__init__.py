"""Spark: where the events do not fit one machine."""
