"""Delay at traffic signals by formula (Webster 1958, Road Research Technical Paper 39).

Cars that come at an even rate q to a signal with cycle C, red r and saturation flow s queue in red and leave at rate s.
A vehicle that comes u seconds after the start of red waits r - u (1 - y), with y = q / s, until the queue is gone. The
mean over all u is r^2 / (2 C (1 - y)), the uniform term. Chance adds x^2 / (2 q (1 - x)), with x = q C / (s (C - r)),
the random term. Without cars every vehicle waits for what is left of red, r^2 / (2 C) on average.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.network import Network
from sim.model.parameters import TrafficParameters
from sim.units import quantize_one


@dataclass(frozen=True)
class Signal:
    """A traffic signal at the end of a link; times in seconds.

    Attributes
    ----------
    cycle_s, red_s : float
    red_start_s : float
        When a red begins, seconds after midnight.
    """

    cycle_s: float
    red_s: float
    red_start_s: float

    @classmethod
    def of(cls, cycle_s: float, green_share: float, offset_s: float) -> Signal:
        """Return the signal with a cycle, the share of it that is green, and a time at which a green begins."""
        cycle_s = quantize_one(cycle_s)
        green_s = quantize_one(cycle_s * green_share)
        return cls(cycle_s, cycle_s - green_s, quantize_one((offset_s + green_s) % cycle_s))

    def mean_delay_s(self, free_share: float = 1.0, extension_s: float = 0.0, early_s: float = 0.0) -> float:
        """Return the mean delay in seconds of vehicles that come at random times, without the random term.

        Parameters
        ----------
        free_share : float
            1 - y.
        extension_s, early_s : float
            What priority adds to green at its end, and at its start.
        """
        left_s = self.red_s - early_s
        until_s = left_s / free_share
        if until_s <= extension_s:
            return 0.0
        most_s = left_s - extension_s * free_share
        return most_s * (until_s - extension_s) / (2.0 * self.cycle_s)


def signals_of(network: Network, traffic: TrafficParameters) -> dict[int, Signal]:
    """Return the signals by link: those of the network, and those of the scenario in their place.

    Parameters
    ----------
    network : Network
    traffic : TrafficParameters
    """
    found: dict[int, Signal] = {}
    streets = network.streets
    if streets is not None:
        columns = (streets.signal_cycle_s, streets.signal_green_share, streets.signal_offset_s)
        for link in np.flatnonzero(np.isfinite(streets.signal_cycle_s)).tolist():
            found[link] = Signal.of(*(float(np.nan_to_num(column[link])) for column in columns))
    for item in traffic.signals.at:
        signal = Signal.of(item.cycle_s, item.green_share, item.offset_s)
        node = network.node_index.get(item.node or "", -1)
        links = np.flatnonzero(network.link_to == node).tolist() if item.node is not None else []
        links += [network.link_row[link] for link in item.links or () if link in network.link_row]
        found.update(dict.fromkeys(links, signal))
    return {link: signal for link, signal in found.items() if signal.red_s > 0}


def priority_s(traffic: TrafficParameters, line_id: str) -> tuple[float, float]:
    """Return by how much green is kept on, and begins earlier, for vehicles of a line, in seconds."""
    signals = traffic.signals
    if signals.lines is not None and line_id not in signals.lines:
        return 0.0, 0.0
    extends, cuts = signals.priority in ("extension", "both"), signals.priority in ("early_green", "both")
    return (PRIORITY_S if extends else 0.0), (PRIORITY_S if cuts else 0.0)


PRIORITY_S: Final = 10.0
"""Longest extension of a green, and longest cut of a red, for a vehicle with priority (assumed)."""
LARGEST_SATURATION: Final = 0.95
"""Volume over capacity from which the random delay no longer grows; Webster's formula has no value at 1 (assumed)."""


def queue_terms(signal: Signal, volume_per_s: FloatArray, saturation_per_s: float) -> tuple[FloatArray, FloatArray]:
    """Return 1 - y, and the random term in seconds, for volumes; beyond `LARGEST_SATURATION` those of that volume.

    Parameters
    ----------
    signal : Signal
    volume_per_s : ndarray of float
    saturation_per_s : float
        Of all lanes.
    """
    green_share = 1.0 - signal.red_s / signal.cycle_s
    capacity_per_s = saturation_per_s * green_share
    x = np.minimum(volume_per_s / capacity_per_s, LARGEST_SATURATION)
    free_share: FloatArray = 1.0 - x * green_share
    # x^2 / (2 q (1 - x)) with q = x times capacity, which has a value at q = 0.
    random_s: FloatArray = x / (2.0 * capacity_per_s * (1.0 - x))
    return free_share, random_s


def mean_way_delay_s(links: tuple[int, ...], signals: Mapping[int, Signal]) -> float:
    """Return the mean delay in seconds at the signals of a way, of vehicles that come at random times."""
    return sum(signals[link].mean_delay_s() for link in links if link in signals)
