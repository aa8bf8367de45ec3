"""The bottleneck: equilibrium, optimum, advice to leave at other times, and the rule of windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from sim.model.parameters import ScenarioParameters
from sim.verification.bottleneck_world import (
    BOTTLENECK,
    FEW,
    HOUR_S,
    MANY,
    MARGIN_WINDOWS,
    SOME,
    SOURCE,
    WINDOWS,
    Flow,
    Peak,
    dearest,
    first_departure,
    fitting_windows,
    last_departure,
    least_deviation,
    longest_queue,
    longest_wait,
    on_time_departure,
    queue_time,
    rate_after,
    rate_before,
    schedule_cost,
    total_cost,
)
from sim.verification.case import Case, Params, RefusedError, number
from sim.verification.theory.bottleneck import Bottleneck
from sim.verification.verdict import Tolerance

FLUID_TIME = Tolerance("fluid", 0.005, 0.002)
DAYS_OF_COORDINATION = 3
DRAWS = 4
"""Draws on which its plans are rehearsed: days differ here by nothing but where in their windows people leave."""

MOST_PEAKS = 5.0
"""Lengths of the peak after its opening up to which a window is simulated."""

USUAL_LATENESS = 2.4
"""gamma over alpha up to which vehicles have their usual places."""

V2: Final[Params] = {"N": 4000, "s": 2000.0, "alpha": 2.0, "beta": 1.0, "gamma": 4.0, "tstar": 9.0}
V1: Final[Params] = {"N": 6000, "s": 3000.0, "alpha": 1.0, "beta": 0.61, "gamma": 2.4, "tstar": 0.0}
SHARES = (0.1, 0.25, 0.5, 1.0)
ADVISED = (*({**V2, "p": share} for share in SHARES), {**V1, "p": 0.25}, {**V1, "p": 0.75})
WINDOW_SETS = (
    {**V2, "p": 0.3, "open_after_tq": 0, "width": 2.0},
    {**V2, "p": 0.3, "open_after_tq": 0, "width": 1.2},
    {**V2, "p": 0.3, "open_after_tq": 0, "width": 1.0},
    {**V2, "p": 0.3, "open_after_tq": 0.6, "width": 0.8},
    {**V1, "p": 0.1, "open_after_tq": 0, "width": 1.0},
)
INSTANT_SETS = (*({**V2, "p": share} for share in (0.2, 0.4, 0.5, 1.0)), {**V1, "p": 0.6})
SHARED = (*BOTTLENECK, number("p", "", least=0.0, most=1.0))


def equilibrium_scenario(peak: Peak) -> ScenarioParameters:
    """Return a day of the user equilibrium."""
    # A late vehicle costs gamma for its headway, which no fluid knows: where that is dear, vehicles are smaller.
    places = MANY * min(1.0, USUAL_LATENESS * peak.theory.alpha / peak.theory.gamma)
    return peak.with_places(places).scenario("verify-bottleneck-equilibrium", (Flow("b", peak.theory, 1.0),), {})


def _coordinated(peak: Peak) -> ScenarioParameters:
    """Return days of coordinated advice to those who work at b; the others have settled without them.

    Windows are laid so that the others start between two of them: in a window that they fill from its middle on,
    those who are advised would be spread over all of it, and get in their way.
    """
    theory, share = peak.theory, float(peak.params.get("p", 1.0))
    rest = replace(theory, commuters=theory.commuters * (1.0 - share))
    laid = replace(peak, windows=fitting_windows(theory, rest.opens) if share < 1.0 else WINDOWS)
    flows = (Flow("b", theory, share), Flow("c", rest, 1.0))
    changes = {
        "days": DAYS_OF_COORDINATION,
        "advisor": {
            "strategy": "coordinated",
            "penetration": 1.0,
            "compliance": 1.0,
            "only_destinations": ["b"],
            "rehearsal": {"draws": DRAWS},
        },
    }
    used = tuple(flow for flow in flows if flow.share * flow.like.commuters >= 0.5)
    return laid.scenario("verify-bottleneck-coordinated", used, changes)


def _window(name: str, after_opening: float, width: float, peak: Peak, places: float = MANY) -> ScenarioParameters:
    """Return a day by habit and one on which a share leaves evenly in a window."""
    theory = peak.theory
    laid, start = peak.with_places(places), theory.opens + after_opening
    changes = {
        "days": 2,
        "advisor": {
            "strategy": "same_for_all",
            "penetration": 1.0,
            "compliance": peak.share,
            "same_for_all": {"start": laid.clock_s(start), "width": width * HOUR_S},
        },
    }
    # Service goes on while capacity is idle before the window, and for as long as the window outlasts the peak.
    idle = (max(after_opening, 0.0) + max(after_opening + width - theory.length, 0.0)) / theory.length
    return laid.scenario(
        f"verify-bottleneck-{name}", (Flow("b", theory, 1.0),), changes, extra_windows=int(np.ceil(WINDOWS * idle)) + 10
    )


def _spread(peak: Peak) -> ScenarioParameters:
    # The fewer are left to queue, the more a wait for more than one place would weigh.
    return _window("spread", 0.0, peak.theory.length, peak, SOME if peak.share <= 0.5 else FEW)


def _in_service(params: Params) -> Peak:
    """Return the peak of parameters with a window in which vehicles run."""
    peak, opens = Peak.of(params), float(params["open_after_tq"])
    before, after = -MARGIN_WINDOWS / WINDOWS * peak.theory.length, MOST_PEAKS * peak.theory.length
    if not before <= opens <= opens + float(params["width"]) <= after:
        raise RefusedError(
            f"the window must lie between {before:.3g} and {after:.3g} h after t_q, when vehicles run: the peak is "
            f"{peak.theory.length:.3g} h long"
        )
    return peak


def _given_window(peak: Peak) -> ScenarioParameters:
    opens, width = float(peak.params["open_after_tq"]), float(peak.params["width"])
    return _window("window", opens, width, peak, MANY if peak.share <= 0.5 else SOME)


def _case(
    name: str,
    quantity: str,
    theory: Callable[[Bottleneck, Params], float],
    measure: Callable[..., float],
    formula: str,
    **parts: Any,
) -> Case[Peak]:
    """Return a case about the user equilibrium, unless its parts say another scenario."""
    made: dict[str, Any] = {
        "params": BOTTLENECK,
        "sets": (V2, V1),
        "world": Peak.of,
        "theory": lambda peak: theory(peak.theory, peak.params),
        "measure": measure,
        "scenario": equilibrium_scenario,
        "tolerance": Tolerance("fluid", 0.005),
        "source": SOURCE,
    }
    return Case(id=f"bottleneck.{name}", quantity=quantity, formula=formula, **{**made, **parts})


advised: Callable[..., Case[Peak]] = partial(_case, params=SHARED, sets=ADVISED, usual=3)

CASES: tuple[Case[Any], ...] = (
    _case("TC_e", "total cost in user equilibrium", lambda b, _: b.equilibrium, total_cost, "d N^2 / s"),
    _case(
        "queue_time",
        "hours waited by all in user equilibrium",
        lambda b, _: b.optimum / b.alpha,
        queue_time,
        "d N^2 / (2 alpha s)",
    ),
    _case(
        "sd_cost",
        "cost of being early or late in user equilibrium",
        lambda b, _: b.optimum,
        schedule_cost,
        "d N^2 / (2 s)",
    ),
    _case(
        "max_wait",
        "longest wait in hours in user equilibrium",
        lambda b, _: b.longest_wait,
        longest_wait,
        "d N / (alpha s)",
    ),
    _case(
        "max_queue",
        "longest queue in user equilibrium",
        lambda b, _: b.longest_queue,
        longest_queue,
        "d N / alpha",
    ),
    _case(
        "TC_o",
        "total cost in the system optimum",
        lambda b, _: b.optimum,
        total_cost,
        "d N^2 / (2 s)",
        scenario=_coordinated,
    ),
    _case(
        "tq",
        "first departure in hours",
        lambda b, _: b.opens,
        first_departure,
        "t* - gamma / (beta + gamma) N / s",
        tolerance=FLUID_TIME,
    ),
    _case(
        "tn",
        "departure in hours of the commuter who is on time",
        lambda b, _: b.on_time,
        on_time_departure,
        "t* - d N / (alpha s)",
        tolerance=FLUID_TIME,
    ),
    _case(
        "tq2",
        "last departure in hours",
        lambda b, _: b.closes,
        last_departure,
        "t* + beta / (beta + gamma) N / s",
        tolerance=FLUID_TIME,
    ),
    _case(
        "r1",
        "departures per hour before t_n",
        lambda b, _: b.rates[0],
        rate_before,
        "s alpha / (alpha - beta)",
    ),
    _case(
        "r2",
        "departures per hour after t_n",
        lambda b, _: b.rates[1],
        rate_after,
        "s alpha / (alpha + gamma)",
    ),
    _case(
        "least_deviation",
        "cost of the cheapest departure for one more commuter in user equilibrium",
        lambda b, _: b.delta * b.length,
        least_deviation,
        "d N / s: no departure is cheaper than what everybody pays",
    ),
    _case(
        "dearest",
        "cost of the dearest departure in user equilibrium",
        lambda b, _: b.delta * b.length,
        dearest,
        "d N / s: nobody pays more than the others",
    ),
    advised(
        "coordinated",
        "total cost with coordinated advice to a share, the others in their own equilibrium",
        lambda b, params: b.coordinated(float(params["p"])),
        total_cost,
        "d N^2 / (2 s) (1 + (1 - p)^2): those who follow fill the outer times",
        scenario=_coordinated,
    ),
    advised(
        "habitual_spread",
        "total cost when a share is spread over the peak, the others by habit",
        lambda b, params: b.spread(float(params["p"])),
        total_cost,
        "d N^2 / (2 s) (2 - p)",
        scenario=_spread,
    ),
    advised(
        "habitual_all_at_tq",
        "total cost when a share leaves at t_q at once, the others by habit",
        lambda b, params: b.equilibrium + float(params["p"]) * (b.alpha - b.delta) * b.commuters * b.length / 2.0,
        total_cost,
        "TC_e + p (alpha - d) N^2 / (2 s)",
        scenario=lambda peak: _window("opening", 0.0, 0.0, peak),
    ),
    advised(
        "habitual_window",
        "total cost when a share leaves in a window, the others by habit",
        lambda b, params: b.window(
            float(params["p"]), b.opens + float(params["open_after_tq"]), float(params["width"])
        ),
        total_cost,
        "TC_e + alpha p N (mUE - m), m the middle of the window, mUE = T / 2 (1 - d / alpha), while nothing is idle",
        params=(*SHARED, number("open_after_tq", "hours", least=-0.5), number("width", "hours", least=0.0)),
        sets=WINDOW_SETS,
        world=_in_service,
        scenario=_given_window,
    ),
    advised(
        "habitual_mid_peak",
        "total cost when a share leaves at once in the middle of the peak, the others by habit",
        lambda b, params: b.window(float(params["p"]), b.opens + b.length / 2.0, 0.0),
        total_cost,
        "TC_e + alpha p N (mUE - T / 2) while nothing is idle; beyond that the fluid queue followed in time",
        sets=INSTANT_SETS,
        usual=2,
        scenario=lambda peak: _window("middle", peak.theory.length / 2.0, 0.0, peak),
    ),
)
