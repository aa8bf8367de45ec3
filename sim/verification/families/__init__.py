"""Families of cases that share a scenario, one module each, every module with its tuple CASES."""
