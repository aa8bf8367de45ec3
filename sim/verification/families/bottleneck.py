"""The bottleneck: equilibrium, optimum, advice to leave at other times, and the rule of windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from sim.model.parameters import ScenarioParameters
from sim.verification.bottleneck_line import (
    FEW,
    HOUR_S,
    KEYS,
    MANY,
    SOME,
    WINDOWS,
    Flow,
    fitting_windows,
    peak_objection,
    peak_of,
    total_cost,
)
from sim.verification.bottleneck_quantities import (
    DEVIATION_SQL,
    JOURNEYS,
    QUEUE_SQL,
    TOTAL_SQL,
    Quantity,
    clock_sql,
    dearest,
    filled_sql,
    first_departure,
    last_departure,
    least_deviation,
    longest_queue,
    longest_wait,
    on_time_departure,
    queue_time,
    rate_after,
    rate_before,
    rate_sql,
    schedule_cost,
)
from sim.verification.case import Case, Params, number
from sim.verification.theory.bottleneck import Bottleneck
from sim.verification.verdict import Tolerance

FLUID = Tolerance("fluid", 0.005)
FLUID_TIME = Tolerance("fluid", 0.005, 0.002)
DAYS_OF_COORDINATION = 3

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
SHARE_KEYS = (*KEYS, number("p", "", least=0.0, most=1.0))
WINDOW_KEYS = (*SHARE_KEYS, number("open_after_tq", "hours", least=-0.5), number("width", "hours", least=0.0))


def equilibrium_scenario(params: Params) -> ScenarioParameters:
    """Return a day of the user equilibrium."""
    peak = peak_of(params, MANY)
    return peak.scenario("verify-bottleneck-equilibrium", (Flow("b", peak.theory, 1.0),), {})


def _coordinated(params: Params) -> ScenarioParameters:
    """Return days of coordinated advice to those who work at b; the others have settled without them.

    Windows are laid so that the others start between two of them: in a window that they fill from its middle on,
    those who are advised would be spread over all of it, and get in their way.
    """
    share = float(params.get("p", 1.0))
    whole = peak_of(params)
    theory = whole.theory
    rest = Bottleneck(
        theory.commuters * (1.0 - share), theory.capacity, theory.alpha, theory.beta, theory.gamma, theory.wished
    )
    peak = replace(whole, windows=fitting_windows(theory, rest.opens) if share < 1.0 else WINDOWS)
    flows = (Flow("b", theory, share), Flow("c", rest, 1.0))
    changes = {
        "days": DAYS_OF_COORDINATION,
        "advisor": {
            "strategy": "coordinated",
            "penetration": 1.0,
            "compliance": 1.0,
            "only_destinations": ["b"],
        },
    }
    used = tuple(flow for flow in flows if flow.share * flow.like.commuters >= 0.5)
    return peak.scenario("verify-bottleneck-coordinated", used, changes)


def _window(name: str, start: float, width: float, params: Params, places_share: float = MANY) -> ScenarioParameters:
    peak = peak_of(params, places_share)
    theory = peak.theory
    changes = {
        "days": 2,
        "advisor": {
            "strategy": "same_for_all",
            "penetration": 1.0,
            "compliance": float(params["p"]),
            "same_for_all": {"target": "window", "start": peak.clock_s(start), "width": width * HOUR_S},
        },
    }
    idle = max(start - theory.opens, 0.0) / theory.length
    flows = (Flow("b", theory, 1.0),)
    return peak.scenario(name, flows, changes, extra_windows=int(np.ceil(WINDOWS * idle)) + 10)


def _spread(params: Params) -> ScenarioParameters:
    theory = peak_of(params).theory
    # The fewer are left to queue, the more a wait for more than one place would weigh.
    places_share = SOME if float(params["p"]) <= 0.5 else FEW
    return _window("verify-bottleneck-spread", theory.opens, theory.length, params, places_share)


def _all_at_opening(params: Params) -> ScenarioParameters:
    return _window("verify-bottleneck-opening", peak_of(params).theory.opens, 0.0, params)


def _all_at_middle(params: Params) -> ScenarioParameters:
    theory = peak_of(params).theory
    return _window("verify-bottleneck-middle", theory.opens + theory.length / 2.0, 0.0, params)


def _given_window(params: Params) -> ScenarioParameters:
    start = peak_of(params).theory.opens + float(params["open_after_tq"])
    return _window("verify-bottleneck-window", start, float(params["width"]), params)


def _case(
    name: str,
    quantity: str,
    theory: Callable[[Bottleneck, Params], float],
    measure: Quantity,
    formula: str,
    recompute: str = TOTAL_SQL,
    **parts: Any,
) -> Case:
    shared: dict[str, Any] = {
        "keys": KEYS,
        "defaults": (V2, V1),
        "usual": 2,
        "objection": peak_objection,
        "scenario": equilibrium_scenario,
        "tolerance": FLUID,
        "source": "Vickrey 1969, AER 59; Arnott, de Palma and Lindsey 1990, JUE 27:111-130",
    }
    return Case(
        id=f"bottleneck.{name}",
        quantity=quantity,
        theory=lambda params: theory(peak_of(params).theory, params),
        measure=lambda tables, params: np.array([measure(tables, peak_of(params))]),
        formula=formula,
        recompute=lambda params: filled_sql(recompute, peak_of(params)),
        **{**shared, **parts},
    )


COORDINATED: Final[dict[str, Any]] = {
    "keys": SHARE_KEYS,
    "defaults": ADVISED,
    "usual": 3,
    "scenario": _coordinated,
}
SPREAD: Final[dict[str, Any]] = {**COORDINATED, "scenario": _spread}
OPENING: Final[dict[str, Any]] = {**COORDINATED, "scenario": _all_at_opening}

CASES: tuple[Case, ...] = (
    _case("TC_e", "total cost in user equilibrium", lambda b, _: b.equilibrium, total_cost, "d N^2 / s"),
    _case(
        "queue_time",
        "hours waited by all in user equilibrium",
        lambda b, _: b.optimum / b.alpha,
        queue_time,
        "d N^2 / (2 alpha s)",
        f"select sum(wait_s) / 3600 / {{scale}} {JOURNEYS}",
    ),
    _case(
        "sd_cost",
        "cost of being early or late in user equilibrium",
        lambda b, _: b.optimum,
        schedule_cost,
        "d N^2 / (2 s)",
        "select ({beta} * sum(schedule_delay_early_s) + {gamma} * sum(schedule_delay_late_s)) / 3600 / {scale} "
        f"{JOURNEYS}",
    ),
    _case(
        "max_wait",
        "longest wait in hours in user equilibrium",
        lambda b, _: b.longest_wait,
        longest_wait,
        "d N / (alpha s)",
        f"select max(wait_s) / 3600 {JOURNEYS}",
    ),
    _case(
        "max_queue",
        "longest queue in user equilibrium",
        lambda b, _: b.longest_wait * b.capacity,
        longest_queue,
        "d N / alpha",
        QUEUE_SQL,
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
        clock_sql("min(departure_s)"),
        tolerance=FLUID_TIME,
    ),
    _case(
        "tn",
        "departure in hours of who is on time",
        lambda b, _: b.on_time,
        on_time_departure,
        "t* - d N / (alpha s)",
        clock_sql("arg_min(departure_s, abs(arrival_s - preferred_arrival_s))"),
        tolerance=FLUID_TIME,
    ),
    _case(
        "tq2",
        "last departure in hours",
        lambda b, _: b.closes,
        last_departure,
        "t* + beta / (beta + gamma) N / s",
        clock_sql("max(departure_s)"),
        tolerance=FLUID_TIME,
    ),
    _case(
        "r1",
        "departures per hour before t_n",
        lambda b, _: b.rates[0],
        rate_before,
        "s alpha / (alpha - beta)",
        rate_sql("first_s", "time_s"),
    ),
    _case(
        "r2",
        "departures per hour after t_n",
        lambda b, _: b.rates[1],
        rate_after,
        "s alpha / (alpha + gamma)",
        rate_sql("time_s", "last_s"),
    ),
    _case(
        "least_deviation",
        "cost of the cheapest departure for one more commuter in user equilibrium",
        lambda b, _: b.delta * b.length,
        least_deviation,
        "d N / s: no departure is cheaper than what everybody pays",
        DEVIATION_SQL,
    ),
    _case(
        "dearest",
        "cost of the dearest departure in user equilibrium",
        lambda b, _: b.delta * b.length,
        dearest,
        "d N / s: nobody pays more than the others",
        f"select max(generalized_cost_min) / 60 {JOURNEYS}",
    ),
    _case(
        "coordinated",
        "total cost with coordinated advice to a share, the others in their own equilibrium",
        lambda b, params: b.coordinated(float(params["p"])),
        total_cost,
        "d N^2 / (2 s) (1 + (1 - p)^2): those who follow fill the outer times",
        **COORDINATED,
    ),
    _case(
        "habitual_spread",
        "total cost when a share is spread over the peak, the others by habit",
        lambda b, params: b.spread(float(params["p"])),
        total_cost,
        "d N^2 / (2 s) (2 - p)",
        **SPREAD,
    ),
    _case(
        "habitual_all_at_tq",
        "total cost when a share leaves at t_q at once, the others by habit",
        lambda b, params: b.equilibrium + float(params["p"]) * (b.alpha - b.delta) * b.commuters * b.length / 2.0,
        total_cost,
        "TC_e + p (alpha - d) N^2 / (2 s)",
        **OPENING,
    ),
    _case(
        "habitual_window",
        "total cost when a share leaves in a window, the others by habit",
        lambda b, params: b.window(
            float(params["p"]), b.opens + float(params["open_after_tq"]), float(params["width"])
        ),
        total_cost,
        "TC_e + alpha p N (mUE - m), m the middle of the window, mUE = T / 2 (1 - d / alpha), while nothing is idle",
        keys=WINDOW_KEYS,
        defaults=WINDOW_SETS,
        usual=3,
        scenario=_given_window,
    ),
    _case(
        "habitual_mid_peak",
        "total cost when a share leaves at once in the middle of the peak, the others by habit",
        lambda b, params: b.window(float(params["p"]), b.opens + b.length / 2.0, 0.0),
        total_cost,
        "TC_e + alpha p N (mUE - T / 2) while nothing is idle; beyond that the fluid queue followed in time",
        keys=SHARE_KEYS,
        defaults=INSTANT_SETS,
        usual=2,
        scenario=_all_at_middle,
    ),
)
