"""The pieces of a sweep: one baseline, strategy, replication and point each, with the key of its result.

What does not change the result of a piece is no part of its key: `none` is run once for all points
that differ in the advice alone, and a strategy that reaches nobody is `none`.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from sim import __version__
from sim.advisor import Strategy
from sim.advisor.baselines import BASELINES, Baseline, baseline_by_name
from sim.advisor.strategy import StrategyFacts
from sim.engine import HoldingRule
from sim.experiments.sweep_points import SweepPoint
from sim.metrics.metric import BASELINE
from sim.model.scenario import Scenario

_ADVICE_ONLY = frozenset(
    {
        "strategy",
        "penetration",
        "compliance",
        "expected_compliance",
        "compliance_rule",
        "compliance_halving",
        "target_load_factor",
        "forecast",
        "incentive",
        "only_destinations",
        "same_for_all",
    }
)
"""Keys of the advisor that mean nothing where nobody is advised."""

_ROOMS = ("units", "randomness", "model", "loading", "routing", "population", "engine", "records", "metrics", "advisor")
"""Source that a result depends on; a catalogue made with another one is not used again."""

_SOURCES = (".py", ".c", ".h")

PieceOf = tuple[int, str, str, int]
"""Row of a point, name of a baseline, name of a strategy, and replication."""


@dataclass(frozen=True)
class Piece:
    """One strategy and replication at a point.

    Attributes
    ----------
    key : str
        Under which its result lies in a catalogue.
    scenario : Scenario
    strategy : Strategy
    replication : int
    reference_key : str
        Key of the piece that it is paired with: no advice, same draws. Its own where it is that piece.
    baseline : Baseline
        The people that advice is given to.
    """

    key: str
    scenario: Scenario
    strategy: Strategy
    replication: int
    reference_key: str
    baseline: Baseline

    @property
    def world_key(self) -> str:
        """What pieces have in common that differ in the advice, the baseline and the replication alone."""
        return self.reference_key.rsplit("-", 2)[0]

    @property
    def is_reference(self) -> bool:
        """Whether other pieces are paired with this one."""
        return self.key == self.reference_key


def pieces_of_sweep(
    points: Sequence[SweepPoint], strategies: Sequence[Strategy], holding: HoldingRule | None
) -> Mapping[PieceOf, Piece]:
    """Cut a sweep into pieces.

    Parameters
    ----------
    points : sequence of SweepPoint
    strategies : sequence of Strategy
        `none` is among them.
    holding : HoldingRule or None
        Control of vehicles of the user's own at all points.

    Returns
    -------
    mapping of (int, str, str, int) to Piece
        By row of the point, names of baseline and strategy, and replication; several may have one key.
    """
    control = _source_of(holding)
    none = next(strategy for strategy in strategies if strategy.name == BASELINE)
    return {
        (row, baseline.name, strategy.name, piece.replication): piece
        for row, point in enumerate(points)
        for baseline in map(baseline_by_name, point.scenario.parameters.baselines)
        for strategy in strategies
        for piece in _replications(point.scenario, strategy, none, control, baseline)
    }


def distinct_pieces(pieces: Mapping[PieceOf, Piece]) -> dict[str, Piece]:
    """Return the pieces by key, in the order of points, baselines, strategies and replications."""
    return {piece.key: piece for piece in pieces.values()}


def run_key(
    scenario: Scenario,
    strategies: Sequence[Strategy],
    holding: HoldingRule | None,
    baselines: Sequence[Baseline] = BASELINES[:1],
) -> str:
    """Return a digest of all that a replication of a run or comparison depends on, but its number.

    Parameters
    ----------
    scenario : Scenario
    strategies : sequence of Strategy
        In the order of the tables.
    holding : HoldingRule or None
        Control of vehicles of the user's own.
    baselines : sequence of Baseline
    """
    keys = [_key(scenario, strategy, _source_of(holding)) for strategy in strategies]
    keys.extend(baseline.name for baseline in baselines)
    # Parts of one table are joined as they are, so that one version has to have written them all.
    keys.append(metadata.version("duckdb"))
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()[:32]


def _replications(
    scenario: Scenario, strategy: Strategy, none: Strategy, holding: str, baseline: Baseline
) -> Iterator[Piece]:
    """Cut one strategy at one point for one baseline into replications."""
    reference_key = _key(scenario, none, holding)
    is_none = StrategyFacts.of(strategy).advises_nobody or scenario.parameters.advisor.penetration_share == 0
    run, key = (none, reference_key) if is_none else (strategy, _key(scenario, strategy, holding))
    for number in range(scenario.parameters.replications):
        own = f"{baseline.name}-{number}"
        yield Piece(f"{key}-{own}", scenario, run, number, f"{reference_key}-{own}", baseline)


def _key(scenario: Scenario, strategy: Strategy, holding: str) -> str:
    """Return a digest of all that the results of a strategy at a point depend on, but baseline and replication."""
    parameters: dict[str, Any] = scenario.parameters.model_dump(mode="json", by_alias=True)
    for name in ("name", "description", "replications", "engine", "variants", "variant_of", "baselines"):
        del parameters[name]
    advisor = parameters["advisor"]
    left_out = _ADVICE_ONLY if StrategyFacts.of(strategy).advises_nobody else {"strategy"}
    parameters["advisor"] = {name: value for name, value in advisor.items() if name not in left_out}
    data = {
        "parameters": parameters,
        "inputs": [digest for _, digest in scenario.data_hashes],
        "strategy": strategy.name,
        "source": _source_of(strategy),
        "holding": holding,
        "program": program_digest(),
        "wishes_of": "" if scenario.wishes_of is None else _key(scenario.wishes_of, strategy, holding),
    }
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _source_of(own: Strategy | HoldingRule | None) -> str:
    """Return what tells a strategy or rule from an earlier version of it; empty for none."""
    if own is None:
        return ""
    # An object that says nothing of itself shows where it lies in memory, which is another place in each process.
    itself = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(own))
    try:
        return f"{inspect.getsource(type(own))}{itself}"
    except (OSError, TypeError):
        return itself


@cache
def program_digest() -> str:
    """Return a digest of the program's source, as far as results depend on it."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256(__version__.encode())
    for room in _ROOMS:
        place = package / room
        files = sorted(place.rglob("*")) if place.is_dir() else [place.with_suffix(".py")]
        for file in files:
            if file.suffix in _SOURCES:
                digest.update(file.read_bytes())
    return digest.hexdigest()
