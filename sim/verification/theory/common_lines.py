"""Waiting for several lines at once, and the best strategy in a network of four lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations


def wait_for_even_lines(first_min: float, second_min: float) -> float:
    """Return the mean wait for two lines at even headways with independent random phases, in minutes.

    The wait is the smaller of two uniform numbers: H1/2 - H1^2 / (6 H2) for H1 <= H2.

    Parameters
    ----------
    first_min, second_min : float
        Headways in minutes.
    """
    short, long = sorted((first_min, second_min))
    return short / 2.0 - short**2 / (6.0 * long)


def wait_for_random_lines(headways_min: Sequence[float]) -> float:
    """Return the mean wait for the first vehicle of several Poisson lines, in minutes."""
    return 1.0 / sum(1.0 / headway for headway in headways_min)


def four_lines(headways_min: Sequence[float]) -> dict[str, float]:
    """Return the least expected time to B from A, X and Y in the network of four lines, in minutes.

    The example of Spiess and Florian 1989: line 1 runs from A to B in 25 min; line 2 from A
    to X in 7 and on to Y in 6; line 3 from X to Y in 4 and on to B in 4; line 4 from Y to B
    in 10. All sets of lines are tried at each stop.

    Parameters
    ----------
    headways_min : sequence of float
        Mean headways of the four lines, vehicles at random.
    """
    one, two, three, four = (1.0 / headway for headway in headways_min)
    from_y = _least([(three, 4.0), (four, 10.0)])
    from_x = _least([(two, 6.0 + from_y), (three, min(8.0, 4.0 + from_y))])
    from_a = _least([(one, 25.0), (two, min(13.0 + from_y, 7.0 + from_x))])
    return {"A": from_a, "X": from_x, "Y": from_y}


def _least(lines: Sequence[tuple[float, float]]) -> float:
    """Return the least of (1 + sum f t) / sum f over all sets of lines (frequency, time from boarding on)."""
    sets = (chosen for size in range(1, len(lines) + 1) for chosen in combinations(lines, size))
    return min((1.0 + sum(f * t for f, t in chosen)) / sum(f for f, _ in chosen) for chosen in sets)
