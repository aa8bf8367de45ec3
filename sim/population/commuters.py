"""The commuters of one replication and their classes: drawn from demand once, the same on every day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.demand import Demand, Placement
from sim.model.journeys import ChosenJourneys, JourneyChain, JourneyOptions
from sim.model.parameters import ClassParameters, PopulationParameters
from sim.model.scenario import Scenario
from sim.population.return_journeys import demand_both_ways, with_return_journeys
from sim.population.route_choice import choose_options, chosen_journeys, free_journey_s, pair_rows
from sim.randomness import Purpose, Streams, UInt64Array, entity_keys, text_keys
from sim.routing import find_options
from sim.units import quantize


@dataclass(frozen=True)
class Traits:
    """Classes of commuters, and factors and bounds that follow from them; all of shape (commuters,).

    Attributes
    ----------
    income_class, flexibility_class : ndarray of int
        Rows of the classes of the scenario; 0 where it has none.
    early_factor, late_factor : ndarray of float
        Multiples of the penalties for arriving early and late.
    value_of_time_factor : ndarray of float
    penetration_factor, compliance_factor : ndarray of float
    earlier_s, later_s : ndarray of float
        How much earlier and later than by habit each could leave, in seconds.
    """

    income_class: IntArray
    flexibility_class: IntArray
    early_factor: FloatArray
    late_factor: FloatArray
    value_of_time_factor: FloatArray
    penetration_factor: FloatArray
    compliance_factor: FloatArray
    earlier_s: FloatArray
    later_s: FloatArray

    def take(self, rows: IntArray) -> Traits:
        """Return those of some commuters."""
        return Traits(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})


def draw_traits(wishes: PopulationParameters, streams: Streams, key: UInt64Array) -> Traits:
    """Draw the classes of commuters, by income and by flexibility independently.

    Each commuter's own number decides on their class, so that a further commuter changes
    nobody's class, and a further class at the end only takes over from the one before.

    Parameters
    ----------
    wishes : PopulationParameters
    streams : Streams
    key : ndarray of uint64, shape (commuters,)
    """
    incomes, flexibilities = wishes.income_classes, wishes.flexibility_classes
    income = _draw(incomes, streams.uniform(Purpose.INCOME_CLASS, key))
    flexibility = _draw(flexibilities, streams.uniform(Purpose.FLEXIBILITY_CLASS, key))

    def factor(name: str) -> FloatArray:
        return _column(incomes, name)[income] * _column(flexibilities, name)[flexibility]

    return Traits(
        income_class=income,
        flexibility_class=flexibility,
        early_factor=factor("early_penalty_factor"),
        late_factor=factor("late_penalty_factor"),
        value_of_time_factor=_column(incomes, "value_of_time_factor")[income],
        penetration_factor=factor("penetration_factor"),
        compliance_factor=factor("compliance_factor"),
        earlier_s=_column(flexibilities, "earlier_flexibility_s", wishes.earlier_flexibility_s)[flexibility],
        later_s=_column(flexibilities, "later_flexibility_s", wishes.later_flexibility_s)[flexibility],
    )


def _draw(classes: Sequence[ClassParameters], coin: FloatArray) -> IntArray:
    """Return the class of each commuter; 0 where there are none."""
    passed = np.cumsum([item.share for item in classes])[:-1] if classes else np.zeros(0)
    return np.searchsorted(passed, coin, side="right").astype(np.int64)


def _column(classes: Sequence[ClassParameters], name: str, missing: float = 1.0) -> FloatArray:
    """Return a number of each class, shape (classes,); of the one nameless class where there are none."""
    given = [getattr(item, name) for item in classes] or [None]
    return np.array([missing if value is None else value for value in given], dtype=np.float64)


@dataclass(frozen=True)
class Population:
    """Commuters, one per row; the row is the `commuter_id`.

    Attributes
    ----------
    origin, destination : ndarray of int, shape (commuters,)
        Rows of stops.
    habitual_departure_s, preferred_arrival_s : ndarray of float, shape (commuters,)
    earliest_departure_s, latest_departure_s : ndarray of float, shape (commuters,)
        Bounds of what the commuter could accept.
    key : ndarray of uint64, shape (commuters,)
        Key for random numbers; does not change when others are added.
    journeys : ChosenJourneys
        The way each commuter goes.
    traits : Traits
        Classes, and what follows from them.
    chain : JourneyChain
        Which journeys begin only after others have ended; they come after all others.
    """

    origin: IntArray
    destination: IntArray
    habitual_departure_s: FloatArray
    preferred_arrival_s: FloatArray
    earliest_departure_s: FloatArray
    latest_departure_s: FloatArray
    key: UInt64Array
    journeys: ChosenJourneys
    traits: Traits
    chain: JourneyChain

    @property
    def is_first(self) -> BoolArray:
        """Which journeys begin by the commuter's own choice, shape (commuters,); all others follow from them."""
        return self.chain.is_first

    def __len__(self) -> int:
        """Count the commuters."""
        return len(self.origin)


def options_of_commuters(scenario: Scenario) -> JourneyOptions:
    """Find the journey options of all pairs of stops between which the commuters of a scenario travel.

    Parameters
    ----------
    scenario : Scenario
    """
    return find_options(scenario, demand_both_ways(scenario))


def draw_population(
    scenario: Scenario,
    options: JourneyOptions,
    streams: Streams,
    usual: JourneyOptions | None = None,
    counts: Streams | None = None,
) -> Population:
    """Draw the commuters of one replication.

    Parameters
    ----------
    scenario : Scenario
    options : JourneyOptions
        As `options_of_commuters` finds them.
    streams : Streams
        Random numbers of the replication.
    usual : JourneyOptions or None
        Options of `scenario.wishes_of`, where it has one: preferred arrivals are derived from the journeys in it.
    counts : Streams or None
        Random numbers by which it is drawn how many travel; `streams` where None. With those of other people there is
        a commuter of the same flow in each of their rows.
    """
    demand, wishes = scenario.demand, scenario.parameters.population
    counts = streams if counts is None else counts
    flow, departure_s, key, option, traits = _outset(scenario, options, streams, counts)
    origin, destination = demand.origin[flow], demand.destination[flow]
    free_s = free_journey_s(options, option)
    if scenario.wishes_of is not None and usual is not None:
        free_s = _as_usual(free_s, key, _outset(scenario.wishes_of, usual, streams, counts), usual)
    spread = wishes.preferred_arrival_spread_s * (2.0 * streams.uniform(Purpose.PREFERRED_ARRIVAL, key) - 1.0)
    derived = departure_s + free_s + wishes.preferred_arrival_slack_s + spread
    given = demand.preferred_arrival_s[flow]
    horizon = scenario.parameters.horizon
    start_s, end_s = horizon.start_s, np.inf if horizon.end_s is None else horizon.end_s
    there = Population(
        origin=origin,
        destination=destination,
        habitual_departure_s=departure_s,
        preferred_arrival_s=quantize(np.where(np.isnan(given), derived, given)),
        earliest_departure_s=np.maximum(departure_s - traits.earlier_s, np.minimum(start_s, departure_s)),
        latest_departure_s=np.minimum(departure_s + traits.later_s, np.maximum(end_s, departure_s)),
        key=key,
        journeys=chosen_journeys(options, option),
        traits=traits,
        chain=JourneyChain.none(len(key)),
    )
    goes_back = scenario.parameters.demand.return_leg.share > 0
    return with_return_journeys(there, scenario, options, streams) if goes_back else there


def _outset(
    scenario: Scenario, options: JourneyOptions, streams: Streams, counts: Streams
) -> tuple[IntArray, FloatArray, UInt64Array, IntArray, Traits]:
    """Return flow, departure, key, journey option and traits of every commuter."""
    demand = scenario.demand
    flow, departure_s, key = _place(demand, text_keys(scenario.network.stop_id), streams, counts)
    pair = pair_rows(options, demand.origin[flow], demand.destination[flow], departure_s)
    traits, journeys = draw_traits(scenario.parameters.population, streams, key), scenario.parameters.journeys
    option = choose_options(options, pair, journeys, streams, key, traits.value_of_time_factor)
    return flow, departure_s, key, option, traits


def _as_usual(
    own_s: FloatArray,
    key: UInt64Array,
    outset: tuple[IntArray, FloatArray, UInt64Array, IntArray, Traits],
    usual: JourneyOptions,
) -> FloatArray:
    """Return the free journey of each commuter in another scenario; their own where they do not travel there."""
    _, _, known_key, option, _ = outset
    if not len(known_key):
        return own_s
    order = np.argsort(known_key)
    row = order[np.minimum(np.searchsorted(known_key[order], key), len(order) - 1)]
    travels = (known_key[row] == key) & (option[row] >= 0)
    return np.where(travels, free_journey_s(usual, option)[row], own_s)


def _place(
    demand: Demand, stop_key: UInt64Array, streams: Streams, counts_of: Streams
) -> tuple[IntArray, FloatArray, UInt64Array]:
    """Return flow, departure and key of every commuter, in order of flows."""
    flow_key = _flow_keys(demand, stop_key)
    counts = _counts(demand, flow_key, counts_of)
    flow = np.repeat(np.arange(len(demand)), counts)
    number = np.arange(len(flow)) - np.repeat(np.concatenate([[0], np.cumsum(counts)])[:-1], counts)
    key = entity_keys(flow_key[flow].view(np.int64), number)
    share = streams.uniform(Purpose.DEPARTURE_PLACEMENT, key)
    even = demand.placement[flow] == Placement.EVEN
    share[even] = _even_shares(demand, flow[even], number[even])
    length = demand.end_s[flow] - demand.start_s[flow]
    return flow, quantize(demand.start_s[flow] + share * length), key


def _flow_keys(demand: Demand, stop_key: UInt64Array) -> UInt64Array:
    """Key each flow by its stops, whatever others there are, its start and its number among equals.

    Equals are numbered by what else they say, so that the order of the rows of a file says nothing.
    """
    columns = np.stack([demand.origin, demand.destination, np.round(demand.start_s * 1000).astype(np.int64)], axis=1)
    if not len(columns):
        return np.zeros(0, dtype=np.uint64)
    group = np.unique(columns, axis=0, return_inverse=True)[1].reshape(-1)
    order = np.lexsort((demand.preferred_arrival_s, demand.placement, demand.commuters, demand.end_s, group))
    first = np.searchsorted(group[order], group[order])
    among = np.empty(len(group), dtype=np.int64)
    among[order] = np.arange(len(group)) - first
    stops = stop_key.view(np.int64)
    return entity_keys(stops[demand.origin], stops[demand.destination], columns[:, 2], among)


def _counts(demand: Demand, flow_key: UInt64Array, streams: Streams) -> IntArray:
    whole = np.floor(demand.commuters + 1e-9)
    drawn = streams.uniform(Purpose.DEMAND_COUNT, flow_key) < demand.commuters - whole
    counts = (whole + drawn).astype(np.int64)
    for row in np.flatnonzero(demand.placement == Placement.POISSON).tolist():
        generator = streams.generator(Purpose.POISSON_ARRIVALS, int(flow_key[row]))
        counts[row] = generator.poisson(demand.commuters[row])
    even = demand.placement == Placement.EVEN
    before, after = _cumulative(demand)
    counts[even] = (np.floor(after + 0.5 + 1e-9) - np.floor(before + 0.5 + 1e-9))[even].astype(np.int64)
    return counts


def _cumulative(demand: Demand) -> tuple[FloatArray, FloatArray]:
    """Return the count of each evenly placed series before and after each of its rows, shape (flows,) each."""
    after = np.zeros(len(demand))
    # The others may be very many, and nobody asks for them.
    for series in np.unique(demand.series[demand.placement == Placement.EVEN]):
        rows = demand.series == series
        after[rows] = np.cumsum(demand.commuters[rows])
    return after - demand.commuters, after


def _even_shares(demand: Demand, flow: IntArray, number: IntArray) -> FloatArray:
    """Place the k-th commuter of a series where its cumulative count passes k - 1/2."""
    before, _ = _cumulative(demand)
    target = np.floor(before[flow] + 0.5 + 1e-9) + number + 0.5
    shares: FloatArray = (target - before[flow]) / demand.commuters[flow]
    return np.clip(shares, 0.0, np.nextafter(1.0, 0.0))
