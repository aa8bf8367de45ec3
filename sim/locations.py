"""Where the scenarios and networks that come with peakshift lie.

A wheel carries them inside the package; an editable install and a clone have them beside it.
"""

from __future__ import annotations

from pathlib import Path

from sim.errors import SimError

_PACKAGE = Path(__file__).resolve().parent


def scenarios_dir() -> Path:
    """Return the folder of the scenario files that come with peakshift.

    Raises
    ------
    SimError
        If neither the installed package nor a clone around it has the folder.
    """
    return _find("scenarios")


def networks_dir() -> Path:
    """Return the folder of the network folders that come with peakshift.

    Raises
    ------
    SimError
        If neither the installed package nor a clone around it has the folder.
    """
    return _find("networks")


def _find(name: str) -> Path:
    places = (_PACKAGE / "bundled" / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    looked = " and ".join(str(place) for place in places)
    raise SimError(f"the {name} that come with peakshift are missing: looked in {looked}")
