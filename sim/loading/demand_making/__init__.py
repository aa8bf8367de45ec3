"""Demand for a network that has none: from a table, from counts, or from a gravity model."""
