"""The advisor: reach, compliance, what it knows, which strategy it uses."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from sim.model.parameters.fields import ASSUMED, NOT_A_NUMBER, Clock, Duration, Parameters, StopName, key
from sim.model.parameters.incentive import IncentiveParameters
from sim.model.parameters.privacy import PrivacyParameters

PROGRAMMES = (
    "2 to 10 % of the public moved in real programmes: Melbourne (Currie 2009), Singapore, Hong Kong MTR, "
    "BART Perks; about 20 % of paid volunteers (Peer, Knockaert, Verhoef 2015)"
)


class ForecastParameters(Parameters):
    """What the advisor knows of the days before."""

    smoothing_days: int = key(3, "Days averaged into the forecast.", ASSUMED, ge=1, le=10_000)
    staleness_days: int = key(
        0, "Age of the newest day the advisor has seen, beyond yesterday.", ASSUMED, ge=0, le=10_000
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
    bias_share: float = key(0.0, "Relative error of all forecast loads.", ASSUMED, gt=-1, le=1000)
    noise_share: float = key(
        0.0,
        "Standard deviation of the relative error of each forecast load, by stop and period.",
        ASSUMED,
        ge=0,
        le=1000,
    )
    coverage_share: float = key(
        1.0,
        "Share of vehicles that count passengers; the others are taken to be as full as those of the nearest period.",
        ASSUMED,
        specialist=True,
        gt=0,
        le=1,
    )
    privacy: PrivacyParameters = key(PrivacyParameters, "Noise that hides single commuters.", ASSUMED, specialist=True)


class SameForAllParameters(Parameters):
    """What the strategy `same_for_all` tells everybody."""

    target: Literal["least_crowded", "window"] = key(
        "least_crowded",
        "least_crowded: the window with the lowest forecast load factor on the way, for each pair of stops; window: "
        "the one given here, whatever the forecast.",
        NOT_A_NUMBER,
    )
    start_s: Clock | None = key(None, "Start of the window (target window).", NOT_A_NUMBER, ge=0)
    width_s: Duration = key(900.0, "Width of the window (target window); 0 for a single instant.", ASSUMED, ge=0)

    @model_validator(mode="after")
    def _check_window(self) -> Self:
        if (self.target == "window") != (self.start_s is not None):
            raise ValueError("target window needs a start, and no other target takes one")
        return self


class FairnessParameters(Parameters):
    """What `coordinated` and `proportional` may ask of a single commuter."""

    max_regret_s: Duration | None = key(
        None,
        "No window is advised that is expected to cost a commuter more than habit by more than this, in "
        "equivalent time on board; any window where missing.",
        ASSUMED,
        ge=0,
    )
    take_turns: bool = key(
        False,
        "Commuters with a window of yesterday that was worse than habit, by what is forecast today, are not asked to "
        "do worse than by habit today.",
        ASSUMED,
    )


class AdvisorParameters(Parameters):
    """The "best time to travel" advisor."""

    strategy: str = key(
        "none",
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
        "Shift between habit and window by which the probability to follow halves (compliance_rule falling).",
        "assumed; the movers of Melbourne's scheme shifted by 42 min on average (Currie 2009/10)",
        specialist=True,
        gt=0,
    )
    placement: Literal["random", "even"] = key(
        "random",
        "When in a window complying commuters leave. random: each at a place of their own; even: spread evenly, as "
        "where the app names the minute.",
        ASSUMED,
        specialist=True,
    )
    window_s: Duration = key(900.0, "Width of the recommended departure windows.", ASSUMED, gt=0)
    first_day: int = key(
        1, "First day with advice; the days before are observed only.", ASSUMED, specialist=True, ge=1, le=10_000
    )
    target_load_factor: float = key(
        1.0,
        "Load factor up to which `coordinated` fills a period that is advised.",
        ASSUMED,
        specialist=True,
        gt=0,
        le=1,
    )
    least_saving_share: float = key(
        0.1,
        "Saving over the cost of the habit from which `earliest_relief` asks for a shift. At a tenth a journey of half "
        "an hour has to become 3 minutes cheaper, beyond what forecasts are usually wrong by.",
        ASSUMED,
        specialist=True,
        ge=0,
        lt=1,
    )
    same_for_all: SameForAllParameters = key(SameForAllParameters, "What `same_for_all` tells everybody.", NOT_A_NUMBER)
    fairness: FairnessParameters = key(FairnessParameters, "What may be asked of a single commuter.", ASSUMED)
    incentive: IncentiveParameters = key(IncentiveParameters, "What `incentive` offers.", ASSUMED)
    forecast: ForecastParameters = key(ForecastParameters, "What the advisor knows.", ASSUMED)
