"""What a caller may ask for besides the scenario."""

from __future__ import annotations

from sim.errors import InputError, Problem


def check_jobs(jobs: int) -> None:
    """Make sure that there is at least one process.

    Raises
    ------
    InputError
        When there is none; joblib's negative numbers are not taken.
    """
    if jobs < 1:
        raise InputError([Problem("arguments", 0, 0, "jobs", f"must be at least 1, found {jobs}")])
