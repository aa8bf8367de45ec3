"""The advisor: reach, compliance, what it knows, which strategy it uses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.model.no_advice import NO_ADVICE
from sim.model.parameters.booking import BookingParameters
from sim.model.parameters.fields import ASSUMED, NOT_A_NUMBER, Clock, Duration, Parameters, StopName, key
from sim.model.parameters.incentive import IncentiveParameters
from sim.model.parameters.privacy import PrivacyParameters

PROGRAMMES = (
    "2 to 10 % of the public moved in real programmes: Melbourne (Currie 2009), Singapore, Hong Kong MTR, "
    "BART Perks; about 20 % of paid volunteers (Peer, Knockaert, Verhoef 2015)"
)


class CountParameters(Parameters):
    """What was counted on real days."""

    files: tuple[str, ...] = key(
        (),
        "Counts that the advisor sees beside the simulated days: tables (.csv) and archives of GTFS-Realtime (.pb, "
        ".zip or a folder of .pb), see docs/observed-days.md. Paths count from the scenario file.",
        NOT_A_NUMBER,
    )
    share: float = key(
        0.5,
        "Weight of the counted days together in what the advisor sees; simulated days have the rest. Vehicles that "
        "nobody counted are as simulated on counted days too.",
        ASSUMED,
        gt=0,
        le=1,
    )


class ForecastParameters(Parameters):
    """What the advisor knows of the days before."""

    smoothing_days: int = key(3, "Days averaged into the forecast.", ASSUMED, ge=1, le=10_000)
    staleness_days: int = key(
        0,
        "Age of the newest day the advisor has seen, beyond yesterday. Day 0 it has always seen. Where people learn it "
        "plans and rehearses for people who leave as they did on that day, and advice may cost more than none.",
        ASSUMED,
        specialist=True,
        ge=0,
        le=10_000,
    )
    spread_days: int = key(
        0,
        "Days whose journey times are looked at one by one: a window is then judged by the mean cost over arrivals "
        "early and late as they occurred, not by the cost of the mean arrival. 0 looks at means only.",
        ASSUMED,
        specialist=True,
        ge=0,
        le=10_000,
    )
    bias_share: float = key(0.0, "Relative error of all forecast loads.", ASSUMED, specialist=True, gt=-1, le=1000)
    noise_share: float = key(
        0.0,
        "Standard deviation of the relative error of each forecast load, by stop and period.",
        ASSUMED,
        ge=0,
        le=1000,
    )
    coverage_share: float = key(
        1.0,
        "Share of vehicles that count passengers; the others are taken to be as full as those of the nearest period. "
        "Plans are rehearsed all the same, with the app's users as they are and others drawn anew from the demand.",
        ASSUMED,
        specialist=True,
        gt=0,
        le=1,
    )
    counts: CountParameters = key(CountParameters, "Counts of real days that the advisor sees as well.", ASSUMED)
    privacy: PrivacyParameters = key(PrivacyParameters, "Noise that hides single commuters.", ASSUMED, specialist=True)


class SameForAllParameters(Parameters):
    """What the strategy `same_for_all` tells everybody."""

    start_s: Clock | None = key(
        None,
        "Start of the one window that is told, whatever the forecast and however far people can move; where missing it "
        "is the one with the lowest forecast load factor on the way, for each pair of stops among windows within "
        "flexibility in which no more people than need be miss the last vehicle.",
        NOT_A_NUMBER,
        ge=0,
    )
    width_s: Duration = key(900.0, "Width of that window (with start); 0 for a single instant.", ASSUMED, ge=0)


class FairnessParameters(Parameters):
    """What `coordinated` and `proportional` may ask of a single commuter."""

    max_regret_s: Duration | None = key(
        None,
        "No window is advised that is expected to cost a commuter more than leaving as usual by "
        "more than this, in equivalent time on board, nor one that costs something where the mean of the days so far "
        "would pass it; any window where missing. While `coordinated` makes its plan, what users would have lost "
        "beyond it after the day to come counts twice, whether they are moved or not.",
        ASSUMED,
        ge=0,
    )
    take_turns: bool = key(
        False,
        "Commuters with a window of yesterday that was worse than leaving as usual, by what is forecast "
        "today, are not asked to do worse than that today.",
        ASSUMED,
    )


class RehearsalParameters(Parameters):
    """How plans are tried by simulation before anybody gets them; see docs/design-notes.md."""

    draws: int | None = key(
        None,
        "Draws of running times, dispatch and compliance on which plans are made; none of them is a day that is "
        "evaluated. 0 rehearses nothing: windows are then dealt out by the forecast alone. Where missing 4 to 8, the "
        "fewer the more people there are, up to 24 where most follow windows below 5 minutes; four times as many, up "
        "to 128, as long as plans keep less than 80 % of the saving that they promise on as many other draws and no "
        "more than 400,000 people are simulated on all of them together; 4 to 16 where those are rehearsed who move "
        "for a free exit.",
        ASSUMED,
        specialist=True,
        ge=0,
        le=1000,
    )
    rounds: int | None = key(
        None,
        "Rounds of improvement at most; by the number of people and windows where missing, from 12 to 45.",
        ASSUMED,
        specialist=True,
        ge=0,
        le=10_000,
    )
    mixtures: int = key(
        3,
        "How often the plan of `coordinated` is mixed at most with what people choose at prices of room in vehicles, "
        "where vehicles leave people behind again and again, or leave 1 in 100 behind and most people follow. Never "
        "with `advisor.placement: even`, where people know real times, or where vehicles break down or stops or links "
        "are closed: prices are not known there. 0 leaves it out: plans then take less time, and often save no more "
        "than half as much where queues last.",
        ASSUMED,
        specialist=True,
        ge=0,
        le=100,
    )
    compliance_range_share: float = key(
        0.5,
        "How far the true share of those who follow may be from `compliance`, as a share of it: rehearsals are spread "
        "evenly over that range, so that a plan is good for all of it.",
        "assumed; published shares of the same kind of programme differ by more",
        specialist=True,
        ge=0,
        le=1,
    )


class AdvisorParameters(Parameters):
    """The "best time to travel" advisor."""

    strategy: str = key(
        NO_ADVICE,
        "How windows are chosen, by the name of a strategy; docs/strategies.md lists all of them with what they do.",
        NOT_A_NUMBER,
    )
    penetration_share: float = key(0.5, "Share of commuters who receive advice.", ASSUMED, ge=0, le=1)
    only_destinations: tuple[StopName, ...] = key(
        (), "Reach only commuters to these stops, as a programme of employers does; all where empty.", NOT_A_NUMBER
    )
    compliance_share: float = key(
        0.2,
        "Share of advised commuters who follow. With the default penetration 10 % of all follow.",
        PROGRAMMES,
        ge=0,
        le=1,
    )
    expected_compliance_share: float | None = key(
        None,
        "Share of the advised whom the advisor expects to follow before it has seen any, where it does not know "
        "`compliance`: it counts as 20 people who were seen, and from then on people who were asked to leave in "
        "another window count, on as many of the last days with such people as are averaged into the forecast "
        "(forecast.smoothing_days). Where missing the advisor knows `compliance`, and learns only how many go back "
        "to their habit (lapsing). Plans of `booked` are made for the share of booking.kept in its place. The first "
        "plans are made for this share: where many more follow, they may cost more than none.",
        NOT_A_NUMBER,
        specialist=True,
        ge=0,
        le=1,
    )
    compliance_rule: Literal["fixed_share", "independent", "falling"] = key(
        "fixed_share",
        "fixed_share: exactly that share of the advised, drawn evenly over pairs of stops and habitual windows; "
        "independent: a coin for each advised commuter and day; falling: each advised commuter follows with a "
        "probability that starts at that share and halves with every compliance_halving of shift asked, the same "
        "people every day.",
        ASSUMED,
        specialist=True,
    )
    compliance_halving_s: Duration = key(
        1800.0,
        "Shift, from habit to the nearer end of the window, by which the probability to follow halves (compliance_rule "
        "falling).",
        "assumed; the movers of Melbourne's scheme shifted by 42 min on average (Currie 2009/10)",
        specialist=True,
        gt=0,
    )
    placement: Literal["random", "even"] = key(
        "random",
        "When in a window complying commuters leave. random: each at a place of their own; even: spread evenly, as "
        "where the app names the minute; people advised to leave as they do get the place next to their moment, "
        "or keep it where that lies after the last vehicle that takes them there.",
        ASSUMED,
        specialist=True,
    )
    window_width: Annotated[Duration, Field(gt=0)] | Literal["auto"] = key(
        900.0,
        "Width of the recommended departure windows, which begin at multiples of it after midnight. auto: the widest "
        "of 1, 2, 3, 5, 10 and 15 min that costs next to nothing more than the best of them on days that did not serve "
        "to choose, as vehicles came on rehearsed days; the run says which and why.",
        ASSUMED,
        alias="window",
    )
    first_day: int = key(
        1, "First day with advice; the days before are observed only.", ASSUMED, specialist=True, ge=1, le=10_000
    )
    last_day: int | None = key(
        None,
        "Last day with advice, as of a trial that ends: on the days after it nobody is told anything and no fare is "
        "lower; people leave by habit, or as they have learned while others followed. The last day of all where "
        "missing.",
        ASSUMED,
        specialist=True,
        ge=1,
        le=10_000,
    )
    lapsing_share: float = key(
        0.0,
        "Share of commuters who would follow that go back to their habit in the course of time, and stay there.",
        "assumed; 35 to 40 % of the first who moved for the early bird discount of Hong Kong's MTR went back (Ma, "
        "Koutsopoulos, Liu and Basu 2020)",
        specialist=True,
        ge=0,
        le=1,
    )
    lapsing_days: float = key(
        20.0,
        "Days of advice after which half of those who go back (lapsing) have done so.",
        ASSUMED,
        specialist=True,
        gt=0,
        le=10_000,
    )
    target_load_factor: float = key(
        1.0,
        "Load factor up to which `coordinated` fills a period that is advised.",
        ASSUMED,
        specialist=True,
        gt=0,
        le=1,
    )
    rehearsal: RehearsalParameters = key(RehearsalParameters, "How `coordinated` tries its plans.", ASSUMED)
    same_for_all: SameForAllParameters = key(SameForAllParameters, "What `same_for_all` tells everybody.", NOT_A_NUMBER)
    fairness: FairnessParameters = key(FairnessParameters, "What may be asked of a single commuter.", ASSUMED)
    booking: BookingParameters = key(
        BookingParameters, "What is expected of those who book a departure window.", ASSUMED, specialist=True
    )
    incentive: IncentiveParameters = key(IncentiveParameters, "What `incentive` offers.", ASSUMED)
    forecast: ForecastParameters = key(ForecastParameters, "What the advisor knows.", ASSUMED)

    @property
    def window_s(self) -> float:
        """Width of windows in seconds, once it is known.

        Raises
        ------
        ValueError
            While it is left to the advisor, see `sim.advisor.window_width`.
        """
        if isinstance(self.window_width, str):
            raise ValueError("the width of windows is left to the advisor, and nobody has asked it yet")
        return self.window_width

    @property
    def learns_compliance(self) -> bool:
        """Whether the advisor has to see how many follow, since it is not told, or since fewer do in time."""
        return self.expected_compliance_share is not None or self.lapsing_share > 0.0

    @property
    def chooses_width(self) -> bool:
        """Whether the width of windows is left to the advisor."""
        return isinstance(self.window_width, str)

    def gives_advice(self, day: int) -> bool:
        """Say whether there is advice on a day.

        Parameters
        ----------
        day : int
        """
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)
