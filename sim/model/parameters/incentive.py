"""Fare discounts by period and station, and those of real programmes."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import model_validator

from sim.model.parameters.fields import ASSUMED, MOST_MONEY, NOT_A_NUMBER, Clock, Duration, Parameters, StopName, key


class DiscountParameters(Parameters):
    """A stretch of time in which the fare is lower."""

    start_s: Clock = key(..., "Start of the discount.", NOT_A_NUMBER, ge=0)
    end_s: Clock = key(..., "End of the discount, not part of it.", NOT_A_NUMBER, ge=0)
    discount_share: float = key(
        ..., "Part of the fare that is let off; where several hold, the greatest.", NOT_A_NUMBER, ge=0, le=1
    )
    stops: tuple[StopName, ...] = key(
        (), "Stops where it counts: origins (applies_at entry) or destinations (exit); all where empty.", NOT_A_NUMBER
    )

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end_s <= self.start_s:
            raise ValueError("end must be after start")
        return self


PresetName = Literal[
    "none", "melbourne", "singapore", "hong_kong", "beijing", "netherlands", "netherlands_trial", "tokyo"
]


class IncentiveParameters(Parameters):
    """What the strategy `incentive` offers: travel at other times for a lower fare.

    Everybody who travels then pays less. Those reached (penetration) move to the window in which they gain most, if
    they gain more than half a minute, and the share that complies does. They leave in the part of it in which the
    discount holds, and weigh what they wait and pay from there; to be through before a discount at the exit ends they
    leave 3 min to spare. In the window in which they leave anyhow they stay as they are. People who learn by themselves
    (behaviour.departure_choice) expect the full fare.
    """

    preset: PresetName = key(
        "none",
        "Discounts of a real programme instead of those given here: their hours and shares, at all stops of the "
        "network; docs/incentive-presets.md has them beside what was measured.",
        NOT_A_NUMBER,
    )
    discounts: tuple[DiscountParameters, ...] = key((), "Discounts (preset none).", NOT_A_NUMBER)
    applies_at: Literal["entry", "exit"] = key(
        "entry", "Whether the hour counts when the journey begins or when it ends.", ASSUMED
    )
    fare: float = key(
        2.5,
        "Full fare of a journey, in the currency of value_of_time, by which people weigh a discount where the scenario "
        "has no fares of its own (fares.kind).",
        ASSUMED,
        ge=0,
        le=MOST_MONEY,
    )
    value_of_time: float = key(
        10.0,
        "Money that an hour on board is worth, by which a discount is weighed against time, where fares.value_of_time "
        "is missing.",
        ASSUMED,
        gt=0,
        le=MOST_MONEY,
    )
    stagger_groups: int = key(
        1,
        "Groups of users, drawn evenly, for which the boundary of each discount lies at different times, so that not "
        "all arrive at one moment; 1 gives all the same.",
        ASSUMED,
        ge=1,
        le=20,
    )
    stagger_s: Duration = key(900.0, "Time between the boundaries of two groups.", ASSUMED, gt=0)
    stagger_edge: Literal["start", "end"] = key(
        "end",
        "end: the discount ends earlier for each further group (before a peak); start: it starts later (after one).",
        ASSUMED,
    )

    @model_validator(mode="after")
    def _check_preset(self) -> Self:
        if self.preset != "none" and self.discounts:
            raise ValueError("give either a preset or discounts of your own")
        return self

    def offered(self) -> tuple[tuple[DiscountParameters, ...], Literal["entry", "exit"]]:
        """Return the discounts in force, and whether entry or exit counts."""
        if self.preset == "none":
            return self.discounts, self.applies_at
        programme = PRESETS[self.preset]
        return programme.discounts, programme.applies_at


class Programme(Parameters):
    """A programme as it ran, and what was measured of it.

    One measured figure serves to find the share of those who would gain that react, where one can be set against the
    simulation: of the morning, moved (`moved`); of those with a discount, moved (`users_moved`); departures that left
    the peak (`peak_hour`); of the morning, bought the pass without which there is no discount (`bought`). What else was
    measured is then predicted. The peak is from `peak_start_s` to `peak_end_s`, or the busiest hour of the morning.
    """

    city: str
    rule: str
    rule_source: str
    discounts: tuple[DiscountParameters, ...]
    applies_at: Literal["entry", "exit"]
    measured: str
    source: str
    fitted_to: Literal["moved", "users_moved", "peak_hour", "bought", "nothing"] = "nothing"
    fitted_share: float = 0.0
    predicted: str = ""
    peak_start_s: float | None = None
    peak_end_s: float | None = None


PRESETS: Final = {
    "melbourne": Programme(
        city="Melbourne",
        rule="Early Bird, from 2008: trains free for journeys that are to end before 7:00 on working days",
        rule_source="Railway Gazette and The Age, 7 March 2008",
        discounts=(DiscountParameters(start_s=0.0, end_s=7 * 3600.0, discount_share=1.0),),
        applies_at="exit",
        measured=(
            "23 % of the 8,000 to 9,000 users of the scheme moved, by 42 min on average; peak demand -1.2 to -1.5 %"
        ),
        source="Currie 2009/10",
        fitted_to="users_moved",
        fitted_share=0.23,
    ),
    "singapore": Programme(
        city="Singapore",
        rule=(
            "Free Pre-Peak Travel, 2013 to 2017: free where the exit is before 7:45 at 18 stations of the centre; "
            "up to 50 cents off until 8:00 (left out here)"
        ),
        rule_source="Land Transport Authority, news release of 9 May 2014",
        discounts=(DiscountParameters(start_s=0.0, end_s=7.75 * 3600.0, discount_share=1.0),),
        applies_at="exit",
        measured="about 7 % of commuters moved out of the morning peak, and kept to it",
        source="Land Transport Authority, news release of 9 May 2014; 6 to 7 % in other releases",
        fitted_to="moved",
        fitted_share=0.07,
    ),
    "hong_kong": Programme(
        city="Hong Kong",
        rule=(
            "MTR Early Bird, from September 2014: 25 % off where the exit is from 7:15 to 8:15 at 29 stations of the "
            "centre"
        ),
        rule_source="South China Morning Post, 29 May 2014",
        discounts=(DiscountParameters(start_s=7.25 * 3600.0, end_s=8.25 * 3600.0, discount_share=0.25),),
        applies_at="exit",
        measured="2.5 % of trips left the morning peak hour",
        source="Halvorsen et al. 2016, Transportation Research Record 2544:38-46",
        fitted_to="peak_hour",
        fitted_share=0.025,
    ),
    "beijing": Programme(
        city="Beijing",
        rule=(
            "50 % off where the entry is before 7:00 on working days at 25 stations of lines 1 (Batong), 6 and "
            "Changping (30 % at 16 of them from December 2015 on)"
        ),
        rule_source=(
            "networks/beijing_subway/fare_discounts.csv (MIT, unofficial); its first form: People's Daily online, "
            "23 December 2015"
        ),
        discounts=(DiscountParameters(start_s=0.0, end_s=7 * 3600.0, discount_share=0.5),),
        applies_at="entry",
        measured="no figure at hand that could be quoted",
        source="none",
    ),
    "netherlands": Programme(
        city="Netherlands",
        rule=(
            "Trial of NS, September to November 2017, for holders of a discount card: 40 % off the fare until 7:30 and "
            "from 8:30 on, 20 % between; that is 25 % off what the peak costs (before, the 40 % held until 6:30 and "
            "from 9:00 on, which is left out here)"
        ),
        rule_source="NU.nl and Algemeen Dagblad, reports on the trial",
        discounts=(
            DiscountParameters(start_s=0.0, end_s=7.5 * 3600.0, discount_share=0.25),
            DiscountParameters(start_s=8.5 * 3600.0, end_s=24 * 3600.0, discount_share=0.25),
        ),
        applies_at="entry",
        measured="check-ins from 7:30 to 8:30 of 22,000 people -5.5 %, about 8:00 -10 %",
        source="Algemeen Dagblad, report on the trial; the 5.5 % also NOS, September 2019",
        fitted_to="peak_hour",
        fitted_share=0.055,
        predicted="about 8:00 -10 %",
        peak_start_s=7.5 * 3600.0,
        peak_end_s=8.5 * 3600.0,
    ),
    "netherlands_trial": Programme(
        city="Netherlands, paid trial",
        rule=(
            "Trial Spitsmijden in de trein, August 2012 to May 2013: some 1,000 commuters by train were paid some 30 "
            "euros a week for about four months to avoid the peaks of morning and evening. Here the reward of a "
            "journey is a full fare, got before 6:30 and from 9:00 on (both assumed), and everybody takes part"
        ),
        rule_source="Verkeersnet.nl, report on the trial, 2013; spitsmijdenindetrein.nl, 2 October 2013",
        discounts=(
            DiscountParameters(start_s=0.0, end_s=6.5 * 3600.0, discount_share=1.0),
            DiscountParameters(start_s=9 * 3600.0, end_s=24 * 3600.0, discount_share=1.0),
        ),
        applies_at="entry",
        measured="journeys in the peak -22 % while paid (59 % to 46 % of all); -3 % directly after it, elsewhere -10 %",
        source="Verkeersnet.nl, report on the trial, 2013; the -10 % as reported, its source is not at hand (assumed)",
        fitted_to="peak_hour",
        fitted_share=0.22,
        predicted="-3 to -10 % after it",
        peak_start_s=6.5 * 3600.0,
        peak_end_s=9 * 3600.0,
    ),
    "tokyo": Programme(
        city="Tokyo",
        rule=(
            "Off-peak pass of JR East, from March 2023: 10 % cheaper, not valid at gates for 90 minutes of the morning "
            "(at Shinjuku 7:30 to 9:00), while other passes became 1.4 % dearer; that is 11.2 % off"
        ),
        rule_source="NHK, November 2022; ITmedia, 23 March 2024 (hours by station)",
        discounts=(
            DiscountParameters(start_s=0.0, end_s=7.5 * 3600.0, discount_share=0.112),
            DiscountParameters(start_s=9 * 3600.0, end_s=24 * 3600.0, discount_share=0.112),
        ),
        applies_at="entry",
        measured="7.9 % of passes bought were off-peak ones (March 2024); less than 1 % of the peak shifted",
        source="Diamond online, figures of JR East",
        fitted_to="bought",
        fitted_share=0.079,
        predicted="less than 1 % left the peak",
        peak_start_s=7.5 * 3600.0,
        peak_end_s=9 * 3600.0,
    ),
}
"""Rules are simplified to hours and shares; which stations took part is left out."""
