"""Metrics of travelling: waits, rides, crowding, and arriving in time."""

from __future__ import annotations

import math

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.metric import ARRIVED, JOURNEYS, OWN, RIDES, VISITS, Metric
from sim.metrics.numbers import MINUTE_S, mean, over, share

_ARRIVED_THERE = "journeys that arrived and do not lead back"

TRAVEL_METRICS = (
    Metric(
        "mean_wait_min",
        "mean wait",
        "min",
        "lower",
        ARRIVED,
        "Mean waiting time at stops of those that arrived; 0 for those that walked all the way.",
        lambda facts: mean(facts.journeys["wait_s"][facts.arrived]) / MINUTE_S,
        headline=2,
        told=(("verdict", 3), ("consequence", 1), ("run", 2), ("sweep", 2), ("differences", 2), ("variants", 2)),
        head="wait (min)",
        formula="sum(wait_s) / n / 60",
        source="the wait of TCQSM: TCRP Report 165, chapter 4; adding over transfers is this program's",
    ),
    Metric(
        "mean_wait_per_boarding_min",
        "mean wait of a boarding",
        "min",
        "lower",
        RIDES,
        "Mean time from joining a queue to boarding, over all boardings.",
        lambda facts: mean(facts.legs["board_s"] - facts.legs["wait_from_s"]) / MINUTE_S,
        formula="sum(board_s - wait_from_s) / n / 60",
        source=OWN,
    ),
    Metric(
        "p95_wait_min",
        "wait, 95th percentile",
        "min",
        "lower",
        ARRIVED,
        "Waiting time that 95 % of those that arrived stay below.",
        lambda facts: _percentile(facts.journeys["wait_s"][facts.arrived], 95) / MINUTE_S,
        headline=3,
        formula="95th percentile of wait_s / 60, linear between order statistics (Hyndman and Fan 1996, type 7)",
        source="Hyndman and Fan 1996 for the percentile",
    ),
    Metric(
        "excess_wait_min",
        "excess wait",
        "min",
        "lower",
        "boardings at stops and days with a headway of the line and direction, both run and scheduled",
        "Mean wait by the headways that ran less mean wait by those scheduled, for passengers that come at "
        "random, weighted by boardings (actual minus scheduled waiting time of Transport for London). Headways are "
        "those of a line and direction at a stop, all its stop patterns together: between departures as they ran, "
        "of vehicles that could be boarded there, and between scheduled arrivals. Vehicles that did not come, as their "
        "trip was cancelled or had broken down before, count in neither.",
        lambda facts: facts.excess_wait_min(),
        formula=(
            "sum_g b_g (w(h_g) - w(H_g)) / sum_g b_g / 60 with w(h) = sum(h^2) / (2 sum(h)); g is a line, "
            "direction, stop and day, h_g the times between departures there of vehicles that could be boarded, "
            "H_g those between scheduled arrivals, b_g its boardings"
        ),
        source="w: Osuna and Newell 1972; AWT - SWT: Transport for London, bus quality of service indicators",
    ),
    Metric(
        "mean_in_vehicle_min",
        "mean ride",
        "min",
        "lower",
        ARRIVED,
        "Mean time on board of those that arrived.",
        lambda facts: mean(facts.journeys["in_vehicle_s"][facts.arrived]) / MINUTE_S,
        headline=4,
        formula="sum(in_vehicle_s) / n / 60",
        source=OWN,
    ),
    Metric(
        "mean_journey_min",
        "mean journey",
        "min",
        "lower",
        ARRIVED,
        "Mean time from departure to arrival of those that arrived.",
        lambda facts: mean((facts.journeys["arrival_s"] - facts.journeys["departure_s"])[facts.arrived]) / MINUTE_S,
        formula="sum(arrival_s - departure_s) / n / 60",
        source=OWN,
    ),
    Metric(
        "mean_transfers",
        "transfers",
        "",
        "lower",
        ARRIVED,
        "Mean number of transfers of those that arrived.",
        lambda facts: mean(facts.journeys["transfers"][facts.arrived]),
        formula="sum(transfers) / n",
        source=OWN,
    ),
    Metric(
        "denied_boardings",
        "denied boardings",
        "per day",
        "lower",
        JOURNEYS,
        "Times that a commuter found no place on a vehicle that stopped, whatever they boarded afterwards. Where two "
        "vehicles come at once, people count whom the first one refuses and the second one takes, though they wait no "
        "longer.",
        lambda facts: facts.per_day(float(facts.journeys["denied_boardings"].sum())),
        formula="sum(denied_boardings) / days",
        source="denied boarding: MATSim BoardingDeniedEvent",
    ),
    Metric(
        "denied_share",
        "share ever denied",
        "share",
        "lower",
        JOURNEYS,
        "Commuters that found no place at least once over all commuters.",
        lambda facts: share(facts.journeys["denied_boardings"] > 0),
        headline=8,
        phrase="the share of commuters that found no place at least once",
        told=(("consequence", 3), ("run", 4), ("sweep", 3), ("differences", 4), ("variants", 3)),
        head="ever denied (%)",
        formula="#(denied_boardings > 0) / n",
        source=OWN,
    ),
    Metric(
        "peak_load_factor",
        "peak load factor",
        "share",
        "lower",
        "stop visits",
        "Highest departing load over capacity of any stop visit.",
        lambda facts: _largest(facts.visits["departing_load"] / facts.visits["capacity"]),
        headline=5,
        formula="max(departing_load / capacity)",
        source="load factor: TCQSM, TCRP Report 165",
        told=(("variants", 4),),
    ),
    Metric(
        "mean_load_factor",
        "mean load factor",
        "share",
        "neither",
        VISITS,
        "Passenger-minutes between stops over place-minutes offered.",
        lambda facts: over(facts.riding_s, float((facts.visits["capacity"] * facts.between_s).sum())),
        formula="sum(departing_load x time to the next stop) / sum(capacity x time to the next stop)",
        source="load factor: TCQSM, TCRP Report 165; weighting by time is this program's",
    ),
    Metric(
        "standing_passenger_min",
        "standing passenger-minutes",
        "min per day",
        "lower",
        VISITS,
        "Minutes that passengers stood between stops, all seats being taken.",
        lambda facts: facts.per_day(facts.standing_s / MINUTE_S),
        headline=7,
        title="Standing",
        phrase="the time that passengers stand",
        told=(("consequence", 2), ("differences", 3)),
        formula="sum(max(departing_load - seats, 0) x time to the next stop) / 60 / days",
        source=OWN,
    ),
    Metric(
        "standing_share",
        "share of time standing",
        "share",
        "lower",
        VISITS,
        "Standing passenger-minutes over all passenger-minutes between stops.",
        lambda facts: over(facts.standing_s, facts.riding_s),
        formula=(
            "sum(max(departing_load - seats, 0) x time to the next stop) / sum(departing_load x time to the next stop)"
        ),
        source=OWN,
    ),
    Metric(
        "mean_schedule_delay_early_min",
        "mean early arrival",
        "min",
        "lower",
        _ARRIVED_THERE,
        "Mean time by which those that arrived came before their preferred arrival; 0 for the late; journeys back "
        "apart.",
        lambda facts: mean(facts.journeys["schedule_delay_early_s"][facts.arrived & facts.is_first]) / MINUTE_S,
        headline=9,
        told=(("consequence", 4), ("differences", 5)),
        formula="sum(max(0, preferred_arrival_s - arrival_s)) / n / 60",
        source="Small 1982",
    ),
    Metric(
        "mean_schedule_delay_late_min",
        "mean late arrival",
        "min",
        "lower",
        _ARRIVED_THERE,
        "Mean time by which those that arrived came after their preferred arrival; 0 for the early; journeys back "
        "apart.",
        lambda facts: mean(facts.journeys["schedule_delay_late_s"][facts.arrived & facts.is_first]) / MINUTE_S,
        headline=10,
        told=(("consequence", 5), ("differences", 6)),
        formula="sum(max(0, arrival_s - preferred_arrival_s)) / n / 60",
        source="Small 1982",
    ),
    Metric(
        "on_time_share",
        "share on time",
        "share",
        "higher",
        "journeys with a preferred arrival that do not lead back",
        "Commuters that arrived no later than they wanted over all who have a preferred arrival; journeys back apart.",
        lambda facts: facts.on_time_share(),
        headline=11,
        phrase="the share of commuters on time",
        told=(("run", 3), ("differences", 7), ("variants", 5)),
        formula="#(outcome is arrived and arrival_s <= preferred_arrival_s) / n",
        source=OWN,
    ),
    Metric(
        "arrived_share",
        "share arrived",
        "share",
        "higher",
        JOURNEYS,
        "Commuters that arrived over all commuters.",
        lambda facts: share(facts.arrived),
        formula="#(outcome is arrived) / n",
        source=OWN,
        told=(("arrived", 1),),
    ),
    Metric(
        "walked_share",
        "share on foot",
        "share",
        "neither",
        JOURNEYS,
        "Commuters that arrived without having been on board over all commuters.",
        lambda facts: share(facts.arrived & (facts.journeys["in_vehicle_s"] == 0)),
        formula="#(outcome is arrived and in_vehicle_s = 0) / n",
        source=OWN,
    ),
)


def _percentile(values: FloatArray, level: float) -> float:
    return float(np.percentile(values, level)) if len(values) else math.nan


def _largest(values: FloatArray) -> float:
    return float(values.max()) if len(values) else math.nan
