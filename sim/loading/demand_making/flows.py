"""Demand that was made, and its place in a network folder."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.errors import InputError, Problem
from sim.loading.demand_making.profiles import Profile
from sim.loading.demand_making.service_hours import ServedProfiles, cut_to_service
from sim.loading.feeds.writing import table_bytes
from sim.loading.network_files import is_network
from sim.loading.network_folder import load_network
from sim.loading.source_notes import SOURCE
from sim.model.network import Network
from sim.model.service import Service
from sim.units import format_clock

OD: Final = "demand/od.csv"
PROFILE: Final = "demand/profile.csv"
_MADE: Final = "made by `peakshift demand"


@dataclass(frozen=True)
class MadeDemand:
    """Flows by stop, with what a user should know of them.

    Attributes
    ----------
    origin, destination : ndarray of int, shape (flows,)
        Rows of stops.
    commuters : ndarray of float, shape (flows,)
    start_s, end_s : ndarray of float or None, shape (flows,)
        Period of departure; None where a profile says when.
    profile : Profile or None
    how : str
        How it was made, for ``SOURCE.md``.
    kind : str
        What kind of figures these are, the word synthetic among them.
    facts : dict of str to str
        What to tell the user.
    extra : dict of str to bytes
        More files of the network folder.
    served : ServedProfiles or None
        The profile cut to the hours with service; None where it is not.
    """

    origin: IntArray
    destination: IntArray
    commuters: FloatArray
    start_s: FloatArray | None
    end_s: FloatArray | None
    profile: Profile | None
    how: str
    kind: str
    facts: dict[str, str] = field(default_factory=dict)
    extra: dict[str, bytes] = field(default_factory=dict)
    served: ServedProfiles | None = None

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """Profiles that flows may have; none where they have periods."""
        if self.served is not None:
            return self.served.profiles
        return () if self.profile is None else (self.profile,)


def within_service(made: MadeDemand, network: Network, service: Service, rides: int) -> MadeDemand:
    """Cut the profile of flows to the hours in which there is service, and say whom that moves.

    Parameters
    ----------
    made : MadeDemand
    network, service
    rides : int
        Most vehicles of a journey.
    """
    if made.profile is None or not len(made.commuters):
        return made
    flows = (made.origin, made.destination, made.commuters)
    served = cut_to_service(made.profile, network, service, *flows, rides)
    share = served.moved / max(float(made.commuters.sum()), 1e-9)
    told = f"{served.how}; {100 * share:.1f} % of the commuters travel in other hours for that"
    return replace(made, served=served, facts={**made.facts, "hours": told})


def check_folder(folder: Path, *, replace: bool) -> None:
    """Make sure that demand may be written into a folder.

    Raises
    ------
    InputError
        When it is no network folder, or has demand that this program did not make.
    """
    if not (folder.is_dir() and is_network(folder)):
        message = "demand is kept in a network folder; make one with: peakshift network import"
        raise InputError([Problem(str(folder), 0, 0, "", message)])
    source = folder / SOURCE
    text = source.read_text(encoding="utf-8", errors="replace") if source.is_file() else ""
    if (folder / OD).exists() and _MADE not in text and not replace:
        message = "the network has demand of its own; --replace puts the new one in its place"
        raise InputError([Problem(str(folder / OD), 0, 0, "", message)])


def write_demand(folder: Path, stops: tuple[str, ...], made: MadeDemand) -> None:
    """Write ``demand/*.csv`` and a row of ``SOURCE.md``, and see that the network can be read.

    Raises
    ------
    InputError
        When the network with the new demand is not sound; the old demand then stays.
    """
    names = (OD, PROFILE, *made.extra, SOURCE)
    before = {name: (folder / name).read_bytes() if (folder / name).is_file() else None for name in names}
    files = {OD: _od_bytes(stops, made), PROFILE: _profile_bytes(made.profiles), **made.extra}
    text = (before[SOURCE] or b"").decode("utf-8", errors="replace")
    files[SOURCE] = with_row(text, made).encode("utf-8")
    try:
        _put(folder, files)
        load_network(folder)
    except BaseException:
        _put(folder, before)
        raise


def with_row(text: str, made: MadeDemand) -> str:
    """Return ``SOURCE.md`` with the row of the demand, in the place of an older one."""
    kind = f"**synthetic**: {made.kind}"
    row = f"| `{OD}` | {made.how}; {_MADE}` | {kind} |"
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(f"| `{OD}`")]
    lines = [line for line in lines if not line.startswith("The network has no demand yet.")]
    heads = [number for number, line in enumerate(lines) if _is_head(line)]
    if not heads:
        lines += ["", "| file here | made from | kind |", "|---|---|---|", row]
    else:
        end = heads[0]
        while end < len(lines) and lines[end].lstrip().startswith("|"):
            end += 1
        lines.insert(end, row)
    return "\n".join(lines).strip("\n") + "\n"


def _is_head(line: str) -> bool:
    cells = [cell.strip().lower() for cell in line.strip().strip("|").split("|")]
    return line.lstrip().startswith("|") and cells[-1] == "kind"


def _od_bytes(stops: tuple[str, ...], made: MadeDemand) -> bytes:
    # Digits that count are kept, not decimals: a large table between zones has nothing but small parts of a person.
    header = ["origin_stop_id", "destination_stop_id", "commuters"]
    rows = []
    several = made.served is not None and len(made.profiles) > 1
    for flow in np.flatnonzero(made.commuters > 0).tolist():
        row = [
            stops[made.origin[flow]],
            stops[made.destination[flow]],
            f"{made.commuters[flow]:.9g}",
        ]
        if made.start_s is not None and made.end_s is not None:
            row += [format_clock(made.start_s[flow]), format_clock(made.end_s[flow])]
        if several and made.served is not None:
            row.append(made.profiles[made.served.of_flow[flow]].name)
        rows.append(row)
    if several:
        header.append("profile")
    if made.start_s is not None:
        header += ["period_start", "period_end"]
    return table_bytes(header, rows)


def _profile_bytes(profiles: tuple[Profile, ...]) -> bytes | None:
    if not profiles:
        return None
    several = len(profiles) > 1
    rows = [
        (format_clock(start), format_clock(end), repr(float(share)), *([profile.name] if several else []))
        for profile in profiles
        for start, end, share in zip(profile.start_s, profile.end_s, profile.share, strict=True)
    ]
    return table_bytes(("period_start", "period_end", "share", *(["profile"] if several else [])), rows)


def _put(folder: Path, files: dict[str, bytes | None]) -> None:
    for name, content in files.items():
        file = folder / name
        if content is None:
            file.unlink(missing_ok=True)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
