"""What commuters like and how they decide when nobody advises them."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, Self

from pydantic import model_validator

from sim.model.crowding import CURVES, CrowdingCurve, curve_texts
from sim.model.parameters.fields import ASSUMED, NOT_A_NUMBER, Duration, Length, Parameters, Speed, key

SMALL = "Small 1982, AER 72:467-479, ratio to travel time (to be confirmed)"
ABRANTES = "Abrantes and Wardman 2011 (to be confirmed)"


class CrowdingParameters(Parameters):
    """Multiplier on time on board by the load factor at departure from each stop.

    The load with which a vehicle leaves a stop counts from its arrival there to its arrival at the next one, the time
    at the stop included; whoever gets out has the multiplier of the way before until they are out.
    """

    kind: Literal["none", "linear", "table", "seated_standing"] = key(
        "table",
        "none: 1; linear: 1 + slope x load factor; table: linear between points, "
        "before the first as there, and beyond the last on along the last line; seated_standing: one multiplier for "
        "those who sit and one for those who stand. Seats go to those who boarded first.",
        ASSUMED,
    )
    curve: Literal["hoercher_2017", "whelan_crockett_2009", "wardman_whelan_2011"] = key(
        "hoercher_2017",
        "Published multipliers of kind seated_standing, as lines between points, before the first as there, and beyond "
        f"the last on along the last line: {curve_texts()}. Load over seats of a vehicle without seats is as at the "
        "last point.",
        "Hoercher, Graham and Anderson 2017, TR-B 95:105-125; the two others are to be confirmed",
        specialist=True,
    )
    points: tuple[tuple[float, float, float], ...] | None = key(
        None,
        "Points (measure of the curve, multiplier seated, multiplier standing) in place of the published ones.",
        NOT_A_NUMBER,
        specialist=True,
        min_length=2,
    )
    slope: float = key(
        0.0, "Growth of the multiplier per unit of load factor (kind linear).", ASSUMED, specialist=True, ge=0, le=1000
    )
    table: tuple[tuple[float, float], ...] = key(
        ((0.0, 1.0), (0.33, 1.0), (1.0, 1.4)),
        "Points (load factor, multiplier) of kind table. Default: 1 while all sit, 1.4 at full load. With "
        "seated_standing what is expected before seats are known; then the default is the mean over riders.",
        "upper end: Yap, Cats, van Arem, 1.40 at 4 standing per m2; that full load is 4 per m2 and that a third of "
        "the capacity sits is assumed",
        specialist=True,
        min_length=2,
    )

    def seated_standing(self) -> CrowdingCurve:
        """Return the multipliers of those who sit and those who stand."""
        published = CURVES[self.curve]
        return published if self.points is None else CrowdingCurve(published.measure, self.points)

    @model_validator(mode="after")
    def _check_table(self) -> Self:
        factors = [point[0] for point in self.table]
        if any(after <= before for before, after in pairwise(factors)):
            raise ValueError("load factors of the table must increase")
        if any(point[1] < 1 for point in self.table) and self.kind != "seated_standing":
            raise ValueError("multipliers of the table must be at least 1")
        (before, at_before), (last, at_last) = self.table[-2:]
        when_full = at_last + (at_last - at_before) / (last - before) * max(1.0 - last, 0.0)
        if when_full < 1 and self.kind != "seated_standing":
            raise ValueError(
                f"the last line of the table goes on and makes the multiplier {when_full:g} at full load; it must be "
                "at least 1 there"
            )
        if self.points is not None:
            if any(after[0] <= before[0] for before, after in pairwise(self.points)):
                raise ValueError("the measure must increase from point to point")
            if any(min(point[1:]) <= 0 for point in self.points):
                raise ValueError("multipliers of the points must be more than 0")
        return self


class PreferenceParameters(Parameters):
    """Weights of the generalized cost, in equivalent minutes of uncrowded time on board.

    A journey costs in_vehicle_weight x time on board x crowding + walk_weight x walk + wait_weight x wait +
    transfer_penalty x transfers + the fare (fares.value_of_time). Whoever arrives pays early_penalty x minutes early,
    or late_penalty x minutes late + late_fixed_penalty, times the factors of their classes; whoever does not arrive
    pays unserved_penalty. Times are those of table journeys.
    """

    in_vehicle_weight: float = key(
        1.0, "Weight of time on board before crowding: the numeraire.", "definition", ge=0, le=1000
    )
    walk_weight: float = key(1.65, "Weight of walking time.", ABRANTES, ge=0, le=1000)
    wait_weight: float = key(1.70, "Weight of waiting time.", ABRANTES, ge=0, le=1000)
    transfer_penalty_s: Duration = key(
        300.0, "Equivalent time on board of one transfer.", "5 min in the UTRP benchmark, Mumford 2013", ge=0
    )
    early_penalty: float = key(0.61, "Cost per minute of arriving before the preferred time.", SMALL, ge=0, le=1000)
    late_penalty: float = key(2.4, "Cost per minute of arriving after the preferred time.", SMALL, ge=0, le=1000)
    late_fixed_penalty_s: Duration = key(0.0, "Cost of being late at all.", ASSUMED, specialist=True, ge=0)
    unserved_penalty_s: Duration = key(
        7200.0,
        "Cost of a journey that does not arrive, on top of what it had cost so far. Where arriving can cost more, it "
        "would be best to leave people behind, and the least total cost (gap_to_optimum_share) does.",
        ASSUMED,
        specialist=True,
        ge=0,
    )
    crowding: CrowdingParameters = key(CrowdingParameters, "Discomfort by load.", ASSUMED)


class JourneyParameters(Parameters):
    """Which journeys are considered and how one is chosen."""

    routing: Literal["frequency", "strategy", "timetable"] = key(
        "frequency",
        "frequency: at each stop the attractive lines of the hour, up to max_transfers; strategy: the same without "
        "limit to transfers (Spiess and Florian 1989); timetable: as frequency, for people who know the timetable. "
        "Where service is the same all day, frequency names the stops of a journey and strategy decides the next leg "
        "where a passenger gets out.",
        ASSUMED,
    )
    information: Literal["frequencies", "timetable", "real_time"] | None = key(
        None,
        "What people know of vehicles when they choose which to board. frequencies: how often each line comes at which "
        "hours, when its first and last vehicle comes, and where it comes more seldom than known_headway when each "
        "vehicle does; timetable: when each vehicle comes; real_time: at each stop, when each vehicle will really "
        "leave, and elsewhere the timetable. With real_time a vehicle is expected as late as it came to the last stop "
        "that it has reached, on time where its trip has not begun, and never where it is cancelled or has broken down "
        "for good; when one comes, people at the stop board it where that costs no more, by what they know then, than "
        "waiting for any other one there. Forecasts, advice and people who learn look back at each known day by the "
        "vehicles that would have been boarded on it. A wait for a vehicle whose time is known weighs no more than "
        "time on board when they choose. Where missing: timetable with routing: timetable, else frequencies.",
        ASSUMED,
    )
    known_headway_s: Duration = key(
        1800.0,
        "Time between two vehicles of a stop pattern above which people look up when they come (with information: "
        "frequencies).",
        ASSUMED,
        specialist=True,
        ge=0,
    )
    departure_period_s: Duration = key(
        900.0,
        "Options that differ by time of day are found anew for each period of habitual departure, for leaving in its "
        "middle.",
        ASSUMED,
        specialist=True,
        ge=60,
    )
    max_transfers: int = key(2, "Most transfers of a journey.", ASSUMED, ge=0, le=10)
    headway_wait_share: float = key(
        0.5,
        "Expected wait as a share of the joint headway, for choosing lines: 0.5 for even headways and random "
        "arrivals, 1 for vehicles at random.",
        "Osuna and Newell 1972",
        specialist=True,
        gt=0,
        le=1,
    )
    choice: Literal["deterministic", "logit", "path_size_logit"] = key(
        "deterministic",
        "Take the cheapest journey option, or draw by logit, or by logit with a size for each option that shrinks "
        "with what it shares with others (path-size logit, Ben-Akiva and Bierlaire 1999).",
        ASSUMED,
    )
    logit_scale: float = key(
        0.2, "Scale per equivalent minute of the logit choice.", ASSUMED, specialist=True, gt=0, le=1000
    )
    options: int | None = key(
        None,
        "Most journey options of a pair of stops, the cheapest ones over different lines, no two rides in a row with a "
        "line in common (not with routing: strategy). Lines between the same two stops are one ride, for which people "
        "board whichever attractive one comes first: no choice is drawn between them. "
        "Where missing: the cheapest for each number of transfers, as long as more transfers cost less.",
        ASSUMED,
        specialist=True,
        ge=1,
        le=10,
    )
    longest_detour: float = key(
        1.5,
        "Options that cost more than this multiple of the cheapest one are not considered (with options).",
        ASSUMED,
        specialist=True,
        ge=1,
        le=1000,
    )
    transfer_walk_s: Duration = key(0.0, "Walk between two vehicles at the same stop.", ASSUMED, ge=0)
    longest_walk_m: Length = key(
        0.0,
        "Longest walk from the origin to a stop, between two stops, or from a stop to the destination; along walk "
        "links of the network, else over straight lines where positions are surveyed. 0 for no walks.",
        ASSUMED,
        ge=0,
    )
    walk_all_the_way: bool = key(
        True,
        "Whether walking all the way is among the options, where it is no longer than longest_walk; without walks "
        "nothing is. Ties go to riding.",
        ASSUMED,
    )
    walk_detour: float = key(1.3, "Length of a walk over its straight line.", ASSUMED, specialist=True, ge=1, le=100)
    walk_speed_m_per_s: Speed = key(
        1.2, "Speed of walking.", "4.0 ft/s, Highway Capacity Manual 2010 (to be confirmed)", gt=0
    )

    @property
    def known_above_s(self) -> float:
        """Time in seconds between two vehicles above which people know when they come; 0 where they always do."""
        known = self.information or ("timetable" if self.routing == "timetable" else "frequencies")
        return self.known_headway_s if known == "frequencies" else 0.0

    @property
    def real_time(self) -> bool:
        """Whether people at a stop know when vehicles will really leave."""
        return self.information == "real_time"

    @model_validator(mode="after")
    def _check_options(self) -> Self:
        if self.real_time and self.options is not None:
            raise ValueError("options cannot be counted with information: real_time; leave options out")
        return self


class StopRuleParameters(Parameters):
    """When people have settled, so that no more days need to be simulated before those that are kept."""

    least_change_s: Duration | None = key(
        None,
        "People have settled once the mean change of departure from one day to the next is at most this, over all "
        "commuters; the days left before the evaluation days are then skipped. Never where missing.",
        ASSUMED,
        ge=0,
    )
    least_gap_share: float | None = key(
        None,
        "The same once those who decide for themselves could save at most this share of what they pay by other "
        "departure windows (relative gap). Both must hold where both are given.",
        ASSUMED,
        ge=0,
        le=1000,
    )
    days_in_row: int = key(
        3,
        "Days in a row that must be that calm. Days up to the first with advice (advisor.first_day) do not count, also "
        "where nobody is advised.",
        ASSUMED,
        ge=1,
        le=10_000,
    )


class BehaviourParameters(Parameters):
    """When people leave by themselves, and patience.

    People who follow advice look at each day as all others do, so that they know when they would leave without it.
    """

    departure_choice: Literal["habitual", "logit", "msa", "best_reply", "re_equilibrating"] = key(
        "habitual",
        "habitual: leave as always; logit: every day a share reconsiders and draws a departure window by logit "
        "over the costs experienced so far; msa: on day d people change as if a share 1/(d+1) of them did (method of "
        "successive averages), those with more at stake more likely, to the window that was cheapest on every other "
        "day and cheaper than their own on the days between; where they could go on saving much, by the day before "
        "and the trend, with days counted anew from there; best_reply: a share takes the cheapest window of the "
        "day before, which is known to cycle; re_equilibrating: people move to cheaper windows in proportion to what "
        "they gain (Smith 1984), until nobody gains any more. A window is worth what it would have cost to leave in it "
        "at one's own moment: at the habit in the window of habit, as now in the one in which people leave now, and in "
        "others at the place in them that each has of their own, drawn once. Nobody changes to a window from which "
        "everybody waits for the vehicle that everybody in the next one takes too, unless they would miss it there; by "
        "msa they do where that vehicle leaves people behind.",
        ASSUMED,
    )
    reconsider_share: float | Literal["msa"] = key(
        0.1,
        "Share of learners who reconsider on a day (logit, best_reply); msa: 1/(d+1) on day d, and logit learners "
        "change as those of departure_choice msa do, up to their logit_scale.",
        ASSUMED,
    )
    logit_scale: float = key(
        0.2,
        "Scale per equivalent minute of the departure choice (logit). People who draw pay more than the cheapest "
        "window costs, of n windows at most ln(n) / logit_scale more on average (6.9 min of 4 and 11 min of 9 at "
        "0.2), and may so end above their habit; with a high scale they end where msa does.",
        ASSUMED,
        specialist=True,
        gt=0,
        le=1000,
    )
    memory: float | Literal["msa"] = key(
        0.5,
        "Weight of all earlier days against the last one in the experienced costs (logit whose share does not fall); "
        "msa: all days count alike.",
        ASSUMED,
        specialist=True,
    )
    stop: StopRuleParameters = key(StopRuleParameters, "When people have settled.", ASSUMED, specialist=True)
    on_denied: Literal["wait", "reconsider"] = key(
        "wait",
        "What people do after a full vehicle has left them behind. wait: wait on for the lines they had chosen; "
        "reconsider: once at each stop take the cheapest of waiting on, further lines to the same goal, another stop "
        "or the goal on foot (journeys.longest_walk), by what runs at the hour.",
        ASSUMED,
    )
    patience_s: Duration | None = key(
        None, "Give up after waiting this long at one stop; never where missing.", ASSUMED, ge=0
    )

    @model_validator(mode="after")
    def _check_memory(self) -> Self:
        if self.memory != "msa" and not 0 <= self.memory < 1:
            raise ValueError("memory must be at least 0 and less than 1, or msa")
        return self

    @model_validator(mode="after")
    def _check_reconsider(self) -> Self:
        if self.reconsider_share != "msa" and not 0 <= self.reconsider_share <= 1:
            raise ValueError("reconsider must be from 0 to 1, or msa")
        return self

    @property
    def averages(self) -> bool:
        """Whether people learn by successive averages."""
        return self.departure_choice == "msa" or (self.departure_choice == "logit" and self.reconsider_share == "msa")
