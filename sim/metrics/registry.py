"""Every metric by name: unit, meaning, and which way is better.

Each is a number of one replication of one strategy. Counts and totals are per day. A share is 0-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LOSS_THRESHOLD_MIN = 1.0
"""Change of a commuter's generalized cost in minutes from which it counts as lost or won; assumed."""

Better = Literal["lower", "higher", "neither"]


@dataclass(frozen=True)
class Metric:
    """One number that a run is judged by.

    Attributes
    ----------
    name : str
        Key in `summary.json`.
    label : str
        Words for tables and figures.
    unit : str
        min, share, per day, persons... as printed.
    better : str
        lower, higher or neither.
    description : str
        Definition in one sentence.
    """

    name: str
    label: str
    unit: str
    better: Better
    description: str


METRICS: tuple[Metric, ...] = (
    Metric(
        "mean_wait_min",
        "mean wait",
        "min",
        "lower",
        "Mean waiting time at stops of those who arrived; 0 for whoever walked all the way.",
    ),
    Metric(
        "mean_wait_per_boarding_min",
        "mean wait of a boarding",
        "min",
        "lower",
        "Mean time from joining a queue to boarding, over all boardings.",
    ),
    Metric(
        "p95_wait_min",
        "wait, 95th percentile",
        "min",
        "lower",
        "Waiting time that 95 % of those who arrived stay below.",
    ),
    Metric(
        "excess_wait_min",
        "excess wait",
        "min",
        "lower",
        "Mean wait by the headways that ran less mean wait by those scheduled, for passengers who come at "
        "random, weighted by boardings (actual minus scheduled waiting time of Transport for London).",
    ),
    Metric("mean_in_vehicle_min", "mean ride", "min", "lower", "Mean time on board of those who arrived."),
    Metric(
        "mean_journey_min",
        "mean journey",
        "min",
        "lower",
        "Mean time from departure to arrival of those who arrived.",
    ),
    Metric("mean_transfers", "transfers", "", "lower", "Mean number of transfers of those who arrived."),
    Metric(
        "denied_boardings",
        "denied boardings",
        "per day",
        "lower",
        "Times that a commuter found no place on a vehicle that stopped.",
    ),
    Metric(
        "denied_share",
        "share ever denied",
        "share",
        "lower",
        "Commuters who found no place at least once over all commuters.",
    ),
    Metric(
        "peak_load_factor",
        "peak load factor",
        "share",
        "lower",
        "Highest departing load over capacity of any stop visit.",
    ),
    Metric(
        "mean_load_factor",
        "mean load factor",
        "share",
        "neither",
        "Passenger-minutes between stops over place-minutes offered.",
    ),
    Metric(
        "standing_passenger_min",
        "standing passenger-minutes",
        "min per day",
        "lower",
        "Minutes that passengers stood between stops, all seats being taken.",
    ),
    Metric(
        "standing_share",
        "share of time standing",
        "share",
        "lower",
        "Standing passenger-minutes over all passenger-minutes between stops.",
    ),
    Metric(
        "mean_schedule_delay_early_min",
        "mean early arrival",
        "min",
        "lower",
        "Mean time by which those who arrived came before their preferred arrival; 0 for the late; journeys back "
        "apart.",
    ),
    Metric(
        "mean_schedule_delay_late_min",
        "mean late arrival",
        "min",
        "lower",
        "Mean time by which those who arrived came after their preferred arrival; 0 for the early; journeys back "
        "apart.",
    ),
    Metric(
        "on_time_share",
        "share on time",
        "share",
        "higher",
        "Commuters who arrived no later than they wanted over all who have a preferred arrival; journeys back apart.",
    ),
    Metric("arrived_share", "share arrived", "share", "higher", "Commuters who arrived over all commuters."),
    Metric(
        "walked_share",
        "share on foot",
        "share",
        "neither",
        "Commuters who arrived without having been on board over all commuters.",
    ),
    Metric(
        "mean_generalized_cost_min",
        "mean generalized cost",
        "min",
        "lower",
        "Mean generalized cost of all commuters, in equivalent minutes on board.",
    ),
    Metric(
        "total_generalized_cost_min",
        "total generalized cost",
        "min per day",
        "lower",
        "Sum of the generalized cost of all commuters, in equivalent minutes on board.",
    ),
    Metric(
        "fare_revenue",
        "fares paid",
        "currency per day",
        "neither",
        "Fares that all commuters paid, in the currency of the scenario; unknown where it has no fares.",
    ),
    Metric(
        "fare_cost_min",
        "fares in the cost",
        "min per day",
        "neither",
        "Fares paid as a part of the total generalized cost. They go to the operator, so what advice could save, and "
        "saves, is counted without them.",
    ),
    Metric(
        "discount_cost",
        "fares let off",
        "currency per day",
        "neither",
        "What discounts let off, those who travelled then anyway included; with fares paid it is the full fare of all.",
    ),
    Metric(
        "gap_to_optimum_share",
        "gap to optimum",
        "share",
        "lower",
        "Total generalized cost above the least that all could reach together, over the total. The least is the "
        "system optimum, or a proven lower bound: then the gap to the optimum is at most this. `optimum` in the "
        "manifest says which, and what the bound leaves out.",
    ),
    Metric(
        "peak_to_mean_ratio",
        "peak to mean",
        "",
        "lower",
        "Boardings in the busiest observation period over the mean of the periods from the first to the "
        "last with any boarding.",
    ),
    Metric(
        "mean_departure_shift_min",
        "mean departure shift",
        "min",
        "neither",
        "Mean of departure minus habitual departure of all commuters, later positive; journeys back apart.",
    ),
    Metric(
        "mean_absolute_departure_shift_min",
        "mean size of shift",
        "min",
        "neither",
        "Mean distance between departure and habitual departure of all commuters; journeys back apart.",
    ),
    Metric("advised_share", "share advised", "share", "neither", "Commuters who received a window over all."),
    Metric(
        "complied_share",
        "share complied",
        "share",
        "neither",
        "Advised commuters who left inside their window over all advised.",
    ),
    Metric(
        "winners_share",
        "winners",
        "share",
        "higher",
        f"Commuters whose generalized cost is more than {LOSS_THRESHOLD_MIN:g} min below that of the same "
        "commuter on the same day under `none`.",
    ),
    Metric(
        "losers_share",
        "losers",
        "share",
        "lower",
        f"Commuters whose generalized cost is more than {LOSS_THRESHOLD_MIN:g} min above that of the same "
        "commuter on the same day under `none`.",
    ),
    Metric(
        "direct_shift_share",
        "left at another time as advised",
        "share",
        "neither",
        "Commuters who complied and leave at another time than under `none`.",
    ),
    Metric(
        "back_fill_share",
        "left at another time by own choice",
        "share",
        "neither",
        "Commuters who leave at another time than under `none` without having complied: they come back into "
        "the room that others left.",
    ),
    Metric(
        "direct_shift_min",
        "cost change of direct shift",
        "min per day",
        "lower",
        "Change of the total generalized cost against `none` of those who complied and leave at another time; "
        "with the next two it sums to the change of the total.",
    ),
    Metric(
        "displaced_load_min",
        "cost change of displaced load",
        "min per day",
        "lower",
        "Change of the total generalized cost against `none` of those who leave as under `none` and meet others "
        "on the way.",
    ),
    Metric(
        "back_fill_min",
        "cost change of back-fill",
        "min per day",
        "lower",
        "Change of the total generalized cost against `none` of those who leave at another time without having "
        "complied.",
    ),
    Metric(
        "mean_regret_min",
        "mean regret",
        "min",
        "lower",
        "Mean change of generalized cost against `none` of those who complied; negative where following pays.",
    ),
    Metric(
        "largest_regret_min",
        "largest regret",
        "min",
        "lower",
        "Largest change of generalized cost against `none` of anybody who complied.",
    ),
    Metric(
        "largest_loss_min",
        "largest loss",
        "min",
        "lower",
        "Largest change of generalized cost against `none` of anybody.",
    ),
    Metric(
        "loss_gini_share",
        "concentration of losses",
        "share",
        "lower",
        "Gini coefficient over all commuters of the loss against `none`, gains counting as no loss: 0 where all "
        "lose alike, near 1 where few bear it all.",
    ),
    Metric(
        "cost_gini_share",
        "inequality of cost",
        "share",
        "lower",
        "Gini coefficient of the generalized cost over all commuters.",
    ),
    *(
        metric
        for name, way in (("outward", "there"), ("return", "back"))
        for metric in (
            Metric(
                f"{name}_cost_min",
                f"cost of journeys {way}",
                "min per day",
                "lower",
                f"Sum of the generalized cost of the journeys {way}, where the scenario links journeys back.",
            ),
            Metric(
                f"{name}_denied_boardings",
                f"denied boardings on the way {way}",
                "per day",
                "lower",
                f"Times that a commuter found no place on a journey {way}.",
            ),
            Metric(
                f"{name}_peak_boardings",
                f"highest peak on the way {way}",
                "per period",
                "lower",
                f"Boardings on journeys {way} in the observation period that has most.",
            ),
        )
    ),
    Metric(
        "vehicle_km", "vehicle-kilometres", "km per day", "neither", "Way that vehicles ran, by the lengths of links."
    ),
    Metric("passenger_km", "passenger-kilometres", "km per day", "neither", "Way that passengers rode."),
    Metric(
        "mean_load_per_vehicle_km",
        "mean load over the way",
        "",
        "neither",
        "Passenger-kilometres over vehicle-kilometres.",
    ),
    Metric("co2_kg", "CO2", "kg per day", "lower", "CO2 of all vehicles, by the factors of the scenario."),
    Metric(
        "co2_g_per_passenger_km",
        "CO2 per passenger-kilometre",
        "g/km",
        "lower",
        "CO2 of all vehicles over passenger-kilometres.",
    ),
    Metric("energy_kwh", "energy", "kWh per day", "lower", "Energy of all vehicles from tank or grid."),
    Metric(
        "energy_kwh_per_passenger_km",
        "energy per passenger-kilometre",
        "kWh/km",
        "lower",
        "Energy of all vehicles from tank or grid over passenger-kilometres.",
    ),
    Metric(
        "saving_taken_share",
        "saving taken",
        "share",
        "higher",
        "Fall of the total generalized cost against `none` over the fall from `none` to the least of "
        "gap_to_optimum_share: the share of the possible saving, or where that is a bound, at least this share.",
    ),
    Metric("days_simulated", "days simulated", "days", "neither", "Days not skipped because people had settled."),
    Metric(
        "departure_change_min",
        "change of departures",
        "min",
        "neither",
        "Mean change of departure from the day before to the last day: how far people have settled.",
    ),
    Metric(
        "relative_gap_share",
        "relative gap",
        "share",
        "neither",
        "What those who decide for themselves could have saved on the last day in other windows, over what they paid.",
    ),
)
