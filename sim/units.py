"""Clock times, durations and other quantities as people write them.

Conventions: inside the program every time is a float of seconds after midnight of the
service day, and may pass 24:00; every duration is in seconds, every length in metres.
Texts with units occur in scenario files and options only and are parsed here and nowhere else.
A text without a unit is refused: ``15`` may be meant as minutes. Nothing (``0``) is the same in all units.
"""

from __future__ import annotations

import math
import re
from numbers import Real
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray

WIDE_COLON: Final = "\uff1a"
WIDE_COLON_HINT: Final = "write ':' and not the wide '\uff1a' of Chinese keyboards"

DAY_S: Final = 86_400.0
"""From one midnight to the next, in seconds."""

TICKS_PER_S = 2.0**20
"""The simulation clock ticks 2**20 times a second. Durations are rounded to a tick once, so
that sums of times are exact in double arithmetic and the order of events never hangs on
rounding errors."""

_CLOCK = re.compile(r"^(\d{1,5}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?$")
# A digit can be read in one way only, so that a long text that is no quantity is refused in one pass.
_NUMBER: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_SECONDS = re.compile(rf"^{_NUMBER} s$")
_QUANTITY = re.compile(rf"^({_NUMBER})\s*([a-zA-Z/]*)$")
_DURATION_UNITS: Final = {"s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0, "d": DAY_S}
_LENGTH_UNITS: Final = {"m": 1.0, "km": 1000.0}
_SPEED_UNITS: Final = {"m/s": 1.0, "km/h": 1.0 / 3.6}
_RATE_UNITS: Final = {"/s": 1.0, "/min": 1.0 / 60.0, "/h": 1.0 / 3600.0}


def quantize(seconds: FloatArray) -> FloatArray:
    """Round times or durations in seconds to the tick of the simulation clock."""
    rounded: FloatArray = np.round(np.asarray(seconds, dtype=np.float64) * TICKS_PER_S) / TICKS_PER_S
    return rounded


def quantize_one(seconds: float) -> float:
    """Round one time or duration in seconds to the tick of the simulation clock."""
    return round(seconds * TICKS_PER_S) / TICKS_PER_S


def parse_clock(value: Any) -> float:
    """Read a clock time such as ``7:05``, ``25:10:30`` or ``25500 s`` as seconds after midnight.

    A number, which only programs hand over, is seconds after midnight.

    Raises
    ------
    ValueError
        When the text is not a clock time.
    """
    if isinstance(value, bool):
        raise ValueError("a clock time such as 07:30 is expected, not true or false")
    if isinstance(value, Real):
        return _finite(float(value), "clock time")
    text = value.strip() if isinstance(value, str) else ""
    if _SECONDS.match(text):
        return _finite(float(text[:-2]), "clock time")
    match = _CLOCK.match(text)
    if match is None:
        hint = f"; {WIDE_COLON_HINT}" if WIDE_COLON in text else ""
        raise ValueError(f"{value!r} is not a clock time; write HH:MM or HH:MM:SS, past 24:00 where needed{hint}")
    hours, minutes, seconds = match.groups()
    return int(hours) * 3600.0 + int(minutes) * 60.0 + float(seconds or 0.0)


def format_clock(seconds: float) -> str:
    """Write seconds after midnight as ``HH:MM:SS``, hours passing 24 where needed."""
    sign = "-" if seconds < 0 else ""
    whole = round(abs(seconds))
    return f"{sign}{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def format_clock_short(seconds: float) -> str:
    """Write seconds after midnight as ``HH:MM``."""
    return format_clock(math.floor(seconds / 60.0) * 60.0)[:-3]


def parse_duration(value: Any) -> float:
    """Read a duration such as ``6 min`` in seconds; a number, which only programs hand over, is seconds.

    Raises
    ------
    ValueError
        When the text is not a duration.
    """
    return _parse_quantity(value, _DURATION_UNITS, "duration", "90 s, 6 min or 1.5 h")


def parse_length(value: Any) -> float:
    """Read a length such as ``400 m`` or ``1.2 km`` in metres; a number is metres."""
    return _parse_quantity(value, _LENGTH_UNITS, "length", "400 m or 1.2 km")


def parse_speed(value: Any) -> float:
    """Read a speed such as ``25 km/h`` in metres per second; a number is m/s."""
    return _parse_quantity(value, _SPEED_UNITS, "speed", "25 km/h or 7 m/s")


def parse_rate(value: Any) -> float:
    """Read a rate such as ``120 /h`` in events per second; a number is per second."""
    return _parse_quantity(value, _RATE_UNITS, "rate", "120 /h, 2 /min or 0.03 /s")


def _parse_quantity(value: Any, units: dict[str, float], kind: str, examples: str) -> float:
    if isinstance(value, bool):
        raise ValueError(f"a {kind} such as {examples} is expected, not true or false")
    if isinstance(value, Real):
        return _finite(float(value), kind)
    match = _QUANTITY.match(value.strip()) if isinstance(value, str) else None
    if match is not None and not match.group(2) and float(match.group(1)) == 0:
        return 0.0
    if match is None or match.group(2) not in units:
        raise ValueError(f"{value!r} is not a {kind}; write for example {examples}")
    return _finite(float(match.group(1)) * units[match.group(2)], kind)


def _finite(number: float, kind: str) -> float:
    if not math.isfinite(number):
        raise ValueError(f"a {kind} must be finite")
    return number
