"""Traffic signals as arrays: where on the way from stop to stop vehicles meet which one.

A vehicle that leaves at t and runs for R seconds without signals comes to the k-th one at t + share_k R plus what it
lost before. There it waits as `sim.model.signals` says.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from sim.arrays import FloatArray
from sim.engine.compile_queues import compressed
from sim.engine.engine_input import Signals
from sim.engine.running_times import background_volumes, covered_steps
from sim.model.scenario import Scenario
from sim.model.signals import Signal, priority_s, queue_terms, signals_of
from sim.units import quantize_one

_NONE = np.zeros((0, 0))


def compile_signals(scenario: Scenario, first_position: list[int]) -> Signals:
    """Compile the signals that vehicles meet.

    Parameters
    ----------
    scenario : Scenario
    first_position : list of int
        First position of each pattern, and at the end their number.
    """
    network, service, traffic = scenario.network, scenario.service, scenario.parameters.traffic
    signals = signals_of(network, traffic)
    tables = _Tables(scenario, signals)
    rows: list[tuple[int, tuple[float, ...]]] = []
    for pattern, start in zip(service.patterns, first_position[:-1], strict=True) if signals else ():
        kept_s, early_s = priority_s(traffic, service.lines[pattern.line].line_id)
        for place, links in enumerate(pattern.links):
            passed_s = np.cumsum(network.link_running_time_s[list(links)])
            for link, time_s in zip(links, passed_s.tolist(), strict=True):
                if link in signals:
                    signal = signals[link]
                    share = time_s / passed_s[-1] if passed_s[-1] > 0 else 1.0
                    cut_s = min(early_s, signal.red_s)
                    times = (signal.cycle_s, signal.red_s - cut_s, signal.red_start_s, kept_s)
                    rows.append((start + place, (share, *times, tables.row(link))))
    ptr, (share, cycle_s, red_s, red_start_s, extension_s, flow) = compressed(rows, first_position[-1], 6)
    return Signals(
        ptr=ptr,
        share=share,
        cycle_s=cycle_s,
        red_s=red_s,
        red_start_s=red_start_s,
        extension_s=extension_s,
        flow=flow.astype(np.int64),
        free_share=np.array(tables.free_share) if tables.free_share else _NONE,
        random_s=np.array(tables.random_s) if tables.random_s else _NONE,
        step_s=tables.step_s,
        steps=tables.steps if tables.free_share else 0,
    )


class _Tables:
    """What volumes make of signals by step of time, each signal and volume once."""

    def __init__(self, scenario: Scenario, signals: dict[int, Signal]) -> None:
        self.step_s = scenario.parameters.traffic.step_s
        self.steps = covered_steps(scenario, self.step_s, None) if signals else 0
        self.free_share: list[FloatArray] = []
        self.random_s: list[FloatArray] = []
        self._scenario, self._signals = scenario, signals
        starts_s = np.arange(self.steps, dtype=np.float64) * self.step_s
        traffic = scenario.parameters.traffic
        self._volumes = background_volumes(traffic, scenario.network, starts_s) if signals else {}
        self._rows: dict[int, int] = {}

    def row(self, link: int) -> int:
        """Return the row of a link; -1 where no volume is known."""
        if link not in self._volumes:
            return -1
        if link not in self._rows:
            own, streets = self._scenario.parameters.traffic.signals, self._scenario.network.streets
            lanes = 1.0 if streets is None or not np.isfinite(streets.lanes[link]) else float(streets.lanes[link])
            saturation_per_s = own.saturation_per_s * lanes
            terms = queue_terms(self._signals[link], self._volumes[link], saturation_per_s)
            self._rows[link] = len(self.free_share)
            self.free_share.append(terms[0])
            self.random_s.append(terms[1])
        return self._rows[link]


class SignalDelays:
    """What vehicles lose at signals; the compiled engine does the same.

    Parameters
    ----------
    signals : Signals
    """

    def __init__(self, signals: Signals) -> None:
        columns = (
            signals.share,
            signals.cycle_s,
            signals.red_s,
            signals.red_start_s,
            signals.extension_s,
            signals.flow,
        )
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
        ends = enumerate(pairwise(signals.ptr.tolist()))
        self.at = {position: rows[first:end] for position, (first, end) in ends if first < end}
        self.free_share: list[list[float]] = signals.free_share.tolist()
        self.random_s: list[list[float]] = signals.random_s.tolist()
        self.step_s, self.steps = signals.step_s, signals.steps

    def lost_s(self, position: int, departure_s: float, running_s: float) -> float:
        """Return the seconds that a vehicle loses at the signals on its way to the next stop.

        Parameters
        ----------
        position : int
            Of the stop that it leaves.
        departure_s : float
        running_s : float
            Running time without signals.
        """
        lost_s = 0.0
        for share, cycle_s, red_s, red_start_s, extension_s, flow in self.at.get(position, ()):
            time_s = departure_s + quantize_one(share * running_s) + lost_s
            phase_s = math.fmod(time_s - red_start_s, cycle_s)
            if phase_s < 0.0:
                phase_s += cycle_s
            free_share, random_s = 1.0, 0.0
            if flow >= 0:
                step = min(int(time_s // self.step_s), self.steps - 1)
                free_share, random_s = self.free_share[flow][step], self.random_s[flow][step]
            left_s = 0.0 if phase_s < extension_s else max(red_s - phase_s * free_share, 0.0)
            lost_s += quantize_one(left_s + random_s)
        return lost_s
