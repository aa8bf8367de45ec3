"""Replications, comparisons and sweeps, in one process or many."""
