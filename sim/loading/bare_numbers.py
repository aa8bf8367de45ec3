"""Numbers without a unit where a quantity is wanted: ``period: 15`` may be meant as minutes, ``6.30`` as a clock time.

Inside the program and in manifests numbers are in base units; what a person writes must say its unit.
"""

from __future__ import annotations

from typing import Any, Final

from sim.loading.scenario_keys import kind_at
from sim.loading.yaml_source import Path
from sim.units import format_clock_short

_UNITS: Final = {
    "duration": ("min", "s"),
    "length": ("km", "m"),
    "speed": ("km/h", "m/s"),
    "rate": ("/h", "/min"),
}
_HOURS: Final = 48
_MINUTES: Final = 60


def bare_number(path: Path, value: Any, text: str) -> str:
    """Say what is missing where a number stands for a quantity; empty where nothing is.

    Parameters
    ----------
    path : tuple of str and int
        Key path as in a scenario file.
    value : Any
        As YAML reads it.
    text : str
        As it is written.

    Notes
    -----
    0 passes: it is the same in all units.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or value == 0:
        return ""
    kind = kind_at(path)
    if kind == "clock time":
        return f"{text} is not a clock time; write {_as_clock(text)}"
    if kind in _UNITS:
        return f"{text} has no unit; write " + " or ".join(f"{text} {unit}" for unit in _UNITS[kind])
    return ""


def bare_numbers_in(path: Path, value: Any) -> list[tuple[Path, str]]:
    """List path and sentence of all bare numbers in a value given in Python."""
    if isinstance(value, dict):
        parts = [((*path, str(name)), item) for name, item in value.items()]
        return [found for place, item in parts for found in bare_numbers_in(place, item)]
    if isinstance(value, list | tuple):
        items: list[tuple[Path, Any]] = [((*path, position), item) for position, item in enumerate(value)]
        return [found for place, item in items for found in bare_numbers_in(place, item)]
    message = bare_number(path, value, str(value))
    return [(path, message)] if message else []


def _as_clock(text: str) -> str:
    """Guess the clock time that is meant: ``6.30`` is half past six, 27000 are seconds; 6.5 may be two things."""
    hours, _, minutes = text.partition(".")
    if hours.isdigit() and int(hours) < _HOURS and minutes.isdigit() and len(minutes) == 2 and int(minutes) < _MINUTES:
        return f"{int(hours):02d}:{minutes}"
    if text.isdigit():
        return f"{int(text):02d}:00" if int(text) < _HOURS else format_clock_short(float(text))
    return "HH:MM, past 24:00 where needed"
