"""Change the program in small ways and see whether its tests notice: ``python -m studies.mutation [ROOM]``.

A mutant has one operator, comparison, number or condition exchanged. It is killed where a test of its module fails. A
mutant that survives is a line that no test looks at, unless nothing can differ: then `EXPLAINED` says why.

Each mutant runs in a process forked from one that has loaded the libraries already, so that it takes as long as the
tests alone. That is why neither mutmut nor cosmic-ray is used: both start Python anew for each, and the libraries take
longer to load than the tests to run.
"""

from __future__ import annotations

import ast
import copy
import importlib
import importlib.abc
import importlib.util
import json
import os
import random
import resource
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, MappingProxyType, ModuleType
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PER_ROOM: Final = 20
"""Mutants drawn of each room, from a fixed seed."""
MOST_S: Final = 300
"""Seconds of the processor after which a mutant counts as killed: it no longer comes to an end."""

SAMPLE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "engine": {
            "sim.engine.boarding": (
                *("unit/test_engine_choice.py", "unit/test_engine_lines_by_hour.py"),
                *("unit/test_engine_passengers.py", "unit/test_engine_outcomes.py"),
            ),
            "sim.engine.compile_queues": (
                *("unit/test_engine_queues.py", "unit/test_engine_passengers.py", "functional/test_detours.py"),
            ),
            "sim.engine.day_state": (
                *("unit/test_engine_vehicles.py", "unit/test_engine_outcomes.py"),
                *("functional/test_return_leg.py", "functional/test_disruptions.py"),
            ),
            "sim.engine.doors": ("unit/test_engine_open_doors.py", "unit/test_engine_dwell.py"),
            "sim.engine.dwell": ("unit/test_engine_dwell.py",),
            "sim.engine.headways": ("unit/test_engine_operations_holding.py",),
            "sim.engine.movement": ("unit/test_engine_operations_traffic.py", "unit/test_engine_vehicles.py"),
            "sim.engine.outcomes": ("unit/test_engine_outcomes.py", "unit/test_choice_walks.py"),
            "sim.engine.queues": ("unit/test_engine_queues.py", "unit/test_engine_passengers.py"),
            "sim.engine.running_times": ("unit/test_engine_draws.py", "unit/test_engine_operations_traffic.py"),
            "sim.engine.signals": ("functional/test_signals.py",),
            "sim.engine.stop_capacity": ("unit/test_engine_operations_stops.py",),
            "sim.engine.vehicle": (
                *("unit/test_engine_vehicles.py", "unit/test_engine_passengers.py", "functional/test_detours.py"),
            ),
        },
        "advisor": {
            "sim.advisor.compliance": ("unit/test_advisor_compliance.py", "unit/test_advisor_compliance_rules.py"),
            "sim.advisor.fairness": ("unit/test_advisor_fairness.py",),
            "sim.advisor.forecast": ("unit/test_advisor_forecast.py",),
            "sim.advisor.privacy": ("unit/test_advisor_privacy.py",),
        },
        "plans": {
            "sim.advisor.assignment.background_traffic": ("unit/test_advisor_frank_wolfe.py",),
            "sim.advisor.assignment.frank_wolfe": ("unit/test_advisor_frank_wolfe.py",),
            "sim.advisor.assignment.lp": ("unit/test_advisor_strategies.py",),
            "sim.advisor.assignment.lp_model": ("unit/test_advisor_frank_wolfe.py", "unit/test_advisor_strategies.py"),
            "sim.advisor.assignment.moves": ("unit/test_advisor_moves.py",),
            "sim.advisor.booking.kept_share": ("unit/test_booking.py", "unit/test_booking_quotas.py"),
            "sim.advisor.booking.place_quotas": ("unit/test_booking.py", "unit/test_booking_quotas.py"),
            "sim.advisor.rehearsal.deep_queues": ("unit/test_advisor_deep_queues.py",),
            "sim.advisor.rehearsal.improvement": (
                *("unit/test_advisor_improvement.py", "unit/test_advisor_rehearsal.py"),
                *("unit/test_advisor_search.py", "unit/test_advisor_experience.py"),
            ),
            "sim.advisor.rehearsal.issue": ("unit/test_advisor_improvement.py", "unit/test_advisor_rehearsal.py"),
            "sim.advisor.rehearsal.marginal_costs": ("unit/test_advisor_rehearsal.py", "unit/test_advisor_search.py"),
            "sim.advisor.rehearsal.queue_cost": ("unit/test_advisor_rehearsal.py", "unit/test_advisor_search.py"),
            "sim.advisor.rehearsal.stage": ("unit/test_advisor_improvement.py", "unit/test_advisor_rehearsal.py"),
        },
        "bracket": {
            "sim.advisor.optimum.ascent": ("unit/test_advisor_price_steps.py",),
            "sim.advisor.optimum.bound": ("unit/test_advisor_search.py",),
            "sim.advisor.optimum.capacity": ("unit/test_advisor_optimum.py",),
            "sim.advisor.optimum.cheapest_windows": ("unit/test_advisor_window_costs.py",),
            "sim.advisor.optimum.convex": ("unit/test_advisor_convex.py", "unit/test_advisor_optimum.py"),
            "sim.advisor.optimum.demand_classes": (
                *("unit/test_advisor_demand_classes.py", "unit/test_advisor_optimum.py"),
            ),
            "sim.advisor.optimum.foresight": ("unit/test_advisor_search.py", "unit/test_advisor_window_costs.py"),
            "sim.advisor.optimum.lagrangian": ("unit/test_advisor_optimum.py",),
            "sim.advisor.optimum.paid_by_leaving": ("unit/test_advisor_window_costs.py",),
            "sim.advisor.optimum.place_prices": ("unit/test_advisor_search.py",),
            "sim.advisor.optimum.priced_plan": ("unit/test_advisor_priced_plan.py",),
            "sim.advisor.optimum.search": ("unit/test_advisor_search.py",),
            "sim.advisor.optimum.vehicles": ("unit/test_advisor_optimum.py", "unit/test_advisor_search.py"),
            "sim.advisor.optimum.ways": ("unit/test_advisor_window_costs.py",),
            "sim.advisor.optimum.window_costs": ("unit/test_advisor_window_costs.py",),
        },
        "adaptation": {
            "sim.population.days_alike": ("functional/test_two_baselines.py",),
            "sim.population.minutes": ("functional/test_two_baselines.py",),
            "sim.population.reliability": (
                *("unit/test_population_learning.py", "verification/test_verification_calibration.py"),
            ),
            "sim.population.saving_parts": ("functional/test_saving_parts.py",),
            "sim.population.traced_journeys": ("functional/test_two_baselines.py", "functional/test_saving_parts.py"),
        },
        "metrics": {
            "sim.metrics.convergence": ("unit/test_metrics_convergence.py",),
            "sim.metrics.fairness": ("unit/test_metrics_fairness.py",),
            "sim.metrics.headways": ("unit/test_metrics_headways.py",),
            "sim.metrics.onboard": ("unit/test_metrics_onboard.py",),
            "sim.metrics.order_statistics": ("unit/test_metrics_order_statistics.py",),
            "sim.metrics.periods": ("unit/test_metrics_periods.py",),
            "sim.metrics.profiles": ("unit/test_metrics_profiles.py",),
            "sim.metrics.rebound": ("unit/test_metrics_rebound.py",),
            "sim.metrics.statistics": ("unit/test_metrics_statistics.py",),
        },
        "choice of lines": {
            "sim.routing.hyperpath": ("unit/test_choice_strategies.py",),
            "sim.routing.options": ("unit/test_routing_options.py",),
            "sim.routing.path_size": ("unit/test_choice_options.py",),
            "sim.routing.profile_steps": ("unit/test_routing_profile_steps.py", "unit/test_routing_profile_search.py"),
            "sim.routing.round_search": ("unit/test_routing_rounds.py", "unit/test_routing_options.py"),
            "sim.routing.service_levels": ("unit/test_routing_service_levels.py",),
            "sim.routing.walks": ("unit/test_routing_walks.py", "unit/test_choice_walks.py"),
        },
    }
)
"""Modules by room, each with the tests that should notice a change of it."""

OPTIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"engine": ("--engine", "simpy")})
"""What pytest is told besides, by room: the compiled engine has no line of these modules."""

EXPLAINED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sim.metrics.order_statistics: for number, count in zip(*_counted(values, step), strict=True): | True"
        " -> False": ("`strict` of a zip over two arrays that one count made, which are always of one length"),
        "sim.metrics.onboard: if len(stop_visits) > 1: | len(stop_visits) > 1 -> len(stop_visits) >= 1": (
            "of a single visit nothing is left where its end is cut off"
        ),
        "sim.metrics.profiles: is_there = (line >= 0) & (stop >= 0) & (np.append(key_of_place[order], "
        "-1)[found] == key) | 1 -> 2": ("numbers of directions are combined into keys, with room for one more"),
        "sim.metrics.periods: (period - earliest, int(period.max(initial=0)) - earliest + 1), | period - "
        "earliest -> period + earliest": ("moves all keys by the same number"),
        "sim.metrics.periods: (period - earliest, int(period.max(initial=0)) - earliest + 1), | 1 -> 2": (
            "numbers of periods are combined into keys, with room for one more"
        ),
        "sim.metrics.rebound: @dataclass(frozen=True) | True -> False": ("`frozen` refuses changes that nothing makes"),
        "sim.advisor.privacy: shown = counts + noise(parameters.privacy, entity_keys(points.cell_keys(), "
        "kind), today) | counts + noise(parameters.privacy, entity_keys(points.cell_keys(), kind), today) -> "
        "counts - noise(parameters.privacy, entity_keys(points.cell_keys(), kind), today)": (
            "the noise is as likely to be so much more as so much less"
        ),
        "sim.advisor.forecast: error = error + parameters.noise_share * "
        "today.forecast_error(points.cell_keys()) | error + parameters.noise_share * "
        "today.forecast_error(points.cell_keys()) -> error - parameters.noise_share * "
        "today.forecast_error(points.cell_keys())": ("the error is as likely to be so much more as so much less"),
        "sim.advisor.privacy: high *= 2.0 | 2.0 -> 3.0": (
            "the search by halves begins from any bound that is high enough"
        ),
        "sim.engine.day_state: if later >= 0: | 0 -> 1": (
            "a journey back stands behind the journey out it waits for, so that its first ride is never that of row 0"
        ),
        "sim.routing.walks: reached_m, done = {start: 0.0}, set[int]() | 0.0 -> 1.0": (
            "the length of the way to where it begins: that stop is done before it is asked for, and not given back"
        ),
        "sim.advisor.optimum.foresight: @dataclass(frozen=True) | True -> False": (
            "`frozen` refuses changes that nothing makes"
        ),
        "sim.advisor.optimum.demand_classes: for inside, ride, begin, stop in ((low > first, low - 1, first, "
        "low), (high < end, high, high, end)): | low - 1 -> low + 1": (
            "a ride nearer to the wish than any left out, which makes the bound lower and leaves it one"
        ),
        "sim.advisor.optimum.demand_classes: beyond = int(end.max(initial=0)) + 1 | 0 -> 1": (
            "one number more for the ends of ranges, by which they are told apart"
        ),
        "sim.advisor.optimum.demand_classes: better = np.flatnonzero(total < now_min[self.owner] - _SAME_MIN) | "
        "total < now_min[self.owner] - _SAME_MIN -> total <= now_min[self.owner] - _SAME_MIN": (
            "a total is never just so much less"
        ),
        "sim.advisor.optimum.capacity: return [share * self.capacity[rows] for share in (0.0, 0.05, 0.1, 0.2, "
        "0.35, 0.5, 0.7, 0.99)] | 0.35 -> 1.35": (
            "tangents for a first picture of the cost, to which those are added that are missing"
        ),
        "sim.advisor.optimum.capacity: paid = [_cost(vehicle, preferences, top) for vehicle, top in "
        "zip(service.vehicle_types, most, strict=True)] | True -> False": (
            "`strict` of a zip over two lists with an entry for each vehicle type"
        ),
        "sim.advisor.optimum.ascent: PERIODS_MIN = (15.0, 30.0, 60.0, 120.0, 240.0) | 240.0 -> 241.0": (
            "periods in which prices are moved together, of which any serve"
        ),
        "sim.advisor.optimum.search: hindsight_rounds: int = 20 | 20 -> 21": (
            "one round more in a search that any number of them serves"
        ),
        "sim.advisor.assignment.frank_wolfe: return np.where(inside, column, -1) | 1 -> 2": (
            "a window that is none of a user's is any number below 0"
        ),
        "sim.advisor.rehearsal.improvement: return np.where(inside, column, -1).astype(np.int64) | 1 -> 2": (
            "a window that is none of a user's is any number below 0"
        ),
        "sim.advisor.assignment.frank_wolfe: wanted = (coin * passed[-1] > passed).sum(axis=0) | coin * "
        "passed[-1] > passed -> coin * passed[-1] >= passed": ("a uniform number is never just a sum of shares"),
        "sim.advisor.assignment.frank_wolfe: full = self.path.sums_at_goals((load + enters > self.limit + "
        "ROUNDING).astype(np.float64)) > 0 | self.limit + ROUNDING -> self.limit - ROUNDING": (
            "whoever is not moved at once is moved one by one, and finds room where there is room for all"
        ),
        "sim.advisor.assignment.lp_model: if (goes == 1.0).all() and not stays.any(): | 1.0 -> 2.0": (
            "a shortcut where everybody goes along: the longer way comes to the same"
        ),
        "sim.advisor.rehearsal.deep_queues: return day.denied_boardings / max(len(view.population), 1) | 1 -> 2": (
            "a single person is left behind by nobody"
        ),
        "sim.advisor.assignment.lp_model: PIECES = 24 | 24 -> 25": (
            "pieces that loads are cut into before they are cut finer"
        ),
        "sim.advisor.assignment.lp_model: finer = [_refined(steps, float(where)) for steps, where in "
        "zip(edges, level, strict=True)] | True -> False": (
            "`strict` of a zip over two lists with an entry for each cell that is used"
        ),
        "sim.advisor.booking.place_quotas: @dataclass(frozen=True) | True -> False (no. 2)": (
            "`frozen` refuses changes that nothing makes"
        ),
        "sim.advisor.rehearsal.improvement: return 0.0 | 0.0 -> 1.0": (
            "the same minute on top of what every plan costs"
        ),
        "sim.advisor.rehearsal.improvement: better = last.mean_min < best.mean_min | last.mean_min < "
        "best.mean_min -> last.mean_min <= best.mean_min": ("of two plans that cost the same either may be kept"),
        "sim.population.minutes: changes = (drawn[:, -1] > 0.0) & (gain_share > LEAST_GAIN_SHARE) & (coin < "
        "eagerness * gain_share) | gain_share > LEAST_GAIN_SHARE -> gain_share >= LEAST_GAIN_SHARE": (
            "a share of cost is never just the least that moves anybody"
        ),
        "sim.population.reliability: share = np.divide(luck, np.maximum(differ, luck), "
        "out=np.zeros_like(luck), where=luck > 0) | 0 -> 1": (
            "where luck is below a second squared a mean is moved by a second at most"
        ),
        "sim.population.reliability: pooled = around_s[:, near].transpose(1, 0, 2).reshape(cases, -1) | 1 -> "
        "2 (no. 2)": ("a length that NumPy is to work out is any number below 0"),
        "sim.population.traced_journeys: begins = np.diff(owner[order], prepend=-1) != 0 | 1 -> 2": (
            "a visit that is none is any number below 0"
        ),
        "sim.engine.vehicle: nowhere = rules.boarding_rule == BoardingRule.DURING_DWELL or passes or "
        "len(engine_input.real_time.ptr) > 0 | 0 -> 1": (
            "the pointers of `RealTime` are none, or one more than there are legs; of a single one nobody rides any leg"
        ),
    }
)
"""Why no test can see a mutant, by its name."""

_COMPARED: Final = MappingProxyType(
    {
        ast.Lt: ast.LtE,
        ast.LtE: ast.Lt,
        ast.Gt: ast.GtE,
        ast.GtE: ast.Gt,
        ast.Eq: ast.NotEq,
        ast.NotEq: ast.Eq,
        ast.In: ast.NotIn,
        ast.NotIn: ast.In,
        ast.Is: ast.IsNot,
        ast.IsNot: ast.Is,
    }
)
_COMPUTED: Final = MappingProxyType(
    {
        ast.Add: ast.Sub,
        ast.Sub: ast.Add,
        ast.Mult: ast.Div,
        ast.Div: ast.Mult,
        ast.FloorDiv: ast.Mult,
        ast.Mod: ast.Mult,
        ast.BitAnd: ast.BitOr,
        ast.BitOr: ast.BitAnd,
    }
)


@dataclass(frozen=True)
class Mutant:
    """A module with one thing changed.

    Attributes
    ----------
    module : str
    name : str
        Module, text of the line, and what stands there in place of what; of several that read alike, which one in the
        module. No two mutants share it, and it stays where lines before it change.
    tree : ast.Module
    """

    module: str
    name: str
    tree: ast.Module


def mutants_of(module: str, source: str) -> list[Mutant]:
    """Return all mutants of a module."""
    return [_mutant_at(module, source, place, name) for place, name in names_of(module, source).items()]


def names_of(module: str, source: str) -> dict[int, str]:
    """Return the names of all mutants of a module by place, in the order of lines."""
    nodes, lines = list(ast.walk(ast.parse(source))), source.splitlines()
    found, alike = dict[int, str](), Counter[str]()
    for place in sorted(_places(source), key=lambda place: _position(nodes[place])):
        changed = copy.deepcopy(nodes[place])
        _change(changed)
        text = lines[_position(changed)[0] - 1].strip()
        name = f"{module}: {text} | {_in_a_line(nodes[place])} -> {_in_a_line(changed)}"
        alike[name] += 1
        found[place] = name if alike[name] == 1 else f"{name} (no. {alike[name]})"
    return found


def _position(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 1), getattr(node, "col_offset", 0)


def _places(source: str) -> list[int]:
    """Return what can change in a module: numbers of nodes in the order of `ast.walk`."""
    tree = ast.parse(source)
    typed = {id(inner) for annotation in _annotations(tree) for inner in ast.walk(annotation)}
    return [place for place, node in enumerate(ast.walk(tree)) if id(node) not in typed and _can_change(node)]


def _mutant_at(module: str, source: str, place: int, name: str) -> Mutant:
    tree = ast.parse(source)
    _change(list(ast.walk(tree))[place])
    return Mutant(module, name, ast.fix_missing_locations(tree))


def _in_a_line(node: ast.AST) -> str:
    """Write what is changed; of a statement its condition alone."""
    return ast.unparse(node).partition(":\n")[0] if isinstance(node, ast.If) else ast.unparse(node)


def _annotations(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the types in a module, which nothing looks at while the program runs."""
    for owner in ast.walk(tree):
        found = (getattr(owner, part, None) for part in ("annotation", "returns"))
        yield from (annotation for annotation in found if annotation is not None)


def _can_change(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return type(node.ops[0]) in _COMPARED
    if isinstance(node, ast.BinOp | ast.AugAssign):
        return type(node.op) in _COMPUTED
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float)
    return isinstance(node, ast.BoolOp | ast.If | ast.IfExp)


def _change(node: ast.AST) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = _COMPARED[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp | ast.AugAssign):
        node.op = _COMPUTED[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.If | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Constant):
        value = node.value
        node.value = (not value) if isinstance(value, bool) else value + 1 if isinstance(value, int | float) else value


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the mutant where its module is imported."""

    def __init__(self, mutant: Mutant, file: Path) -> None:
        self._mutant = mutant
        self._code: CodeType = compile(mutant.tree, str(file), "exec")
        self._file = file

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the one module."""
        if fullname != self._mutant.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self._file, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code as the module."""
        exec(self._code, module.__dict__)


def is_killed(mutant: Mutant, tests: Sequence[str], options: Sequence[str] = ()) -> bool:
    """Run the tests of a mutant in a process of its own and tell whether one failed."""
    child = os.fork()
    if child == 0:
        _run_tests(mutant, tests, options)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) != 0


def _run_tests(mutant: Mutant | None, tests: Sequence[str], options: Sequence[str]) -> None:
    import pytest

    code = 2
    try:
        # Of the processor, since on a busy machine a good test may wait as long.
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_S, MOST_S))
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        if mutant is not None:
            sys.meta_path.insert(0, _Mutated(mutant, ROOT / (mutant.module.replace(".", "/") + ".py")))
        os.chdir(ROOT)
        # Options for all tests of a machine may not fit those given here, and what pytest refuses would look killed.
        os.environ.pop("PYTEST_ADDOPTS", None)
        files = [f"tests/{name}" for name in tests]
        code = int(
            pytest.main(
                [
                    "-x",
                    "-q",
                    "-p",
                    "no:cacheprovider",
                    *files,
                    *options,
                    "-W",
                    "ignore::pytest.PytestAssertRewriteWarning",
                ]
            )
        )
    finally:
        os._exit(code)


def drawn(room: str) -> list[Mutant]:
    """Return the mutants of a room that are tried, all changes of its modules being as likely as each other."""
    everything = [
        (module, place, name)
        for module in SAMPLE[room]
        for place, name in sorted(names_of(module, _source(module)).items())
    ]
    chosen = random.Random(room).sample(everything, min(PER_ROOM, len(everything)))
    return [_mutant_at(module, _source(module), place, name) for module, place, name in chosen]


def survivors_of(room: str) -> tuple[int, list[str]]:
    """Return how many mutants of a room were tried, and the names of those that no test noticed."""
    mutants, survived = drawn(room), []
    options = OPTIONS.get(room, ())
    for module in dict.fromkeys(mutant.module for mutant in mutants):
        tests = SAMPLE[room][module]
        if is_killed(Mutant(module, "nothing changed", ast.parse(_source(module))), tests, options):
            raise SystemExit(f"{', '.join(tests)}: a test fails although nothing is changed")
        for mutant in mutants:
            if mutant.module == module and not is_killed(mutant, tests, options):
                survived.append(mutant.name)
                sys.stderr.write(f"survived  {mutant.name}\n")
    return len(mutants), survived


def _source(module: str) -> str:
    return (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")


def _libraries() -> Iterator[str]:
    yield from ("numpy", "scipy.stats", "scipy.sparse", "scipy.optimize", "pydantic", "hypothesis", "networkx", "simpy")
    yield from ("duckdb", "ruamel.yaml", "joblib", "click", "pandas", "pytest")


def main() -> int:
    """Try the sample of the rooms that are named, of all where none is, and print what was found as JSON."""
    for name in _libraries():
        importlib.import_module(name)
    found = {}
    survivors: list[str] = []
    for room in sys.argv[1:] or SAMPLE:
        tried, survived = survivors_of(room)
        survivors += survived
        found[room] = {"tried": tried, "killed": tried - len(survived), "survived": survived}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 1 if set(survivors) - EXPLAINED.keys() else 0


if __name__ == "__main__":
    sys.exit(main())
