"""What callers in Python are told of arguments that cannot be used, and which ones are taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.errors import RunFolderError, SimError

LESSON = "two_lines_lesson"
SMALL: dict[str, Any] = {"days": 2, "replications": 1, "baselines": ["habit"]}


# What is tried is of any type, which the signatures would refuse.
compare: Any = sim.compare
run: Any = sim.run


def varied(vary: Any, strategies: Any = ("individual",)) -> Any:
    return sim.sweep(LESSON, vary, strategies, overrides=SMALL)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: varied({"advisor.penetration": 0.5}),
            "vary: advisor.penetration: must be a list of .* found 0.5",
        ),
        (lambda: varied({"advisor.penetration": "0,0.5"}), "must be a list of values, found '0,0.5'"),
        (lambda: varied({"advisor.penetration": np.array(0.5)}), "must be a list of values"),
        (lambda: varied(["advisor.penetration=0,1"]), "vary: write values by key path"),
        (lambda: varied(None), "vary: write values by key path"),
        (lambda: varied({"advisor.penetration": [object()]}), "no scenario file can hold a object"),
        (lambda: varied({"advisor.penetration": [0.5]}, "individual"), "strategies: must be a list, as in"),
        (lambda: compare(LESSON, "coordinated"), "strategies: must be a list, as in .* found 'coordinated'"),
        (lambda: compare(LESSON, object()), "strategies: must be a list"),
        (lambda: run(LESSON, strategy=["none"]), r"\['none'\] is no strategy; give an object with a name"),
        (lambda: run(LESSON, overrides=None), "overrides: write values by key path, .* found None"),
        (lambda: run(LESSON, overrides=[("days", 1)]), "overrides: write values by key path"),
        (lambda: run(LESSON, overrides={"days": object()}), "overrides: days: no scenario file can hold a object"),
        (lambda: compare(LESSON, ["none"], variants=["x"]), "variants: must be names with values by key path"),
        (lambda: compare(LESSON, ["none"], variants={"x": 3}), "variants: must be names with values by key path"),
        (lambda: run(LESSON, progress=True), "progress: must be a function of what is finished and the total"),
        (lambda: sim.sweep(LESSON, {"seed": [1]}, progress=3), "progress: must be a function"),
        (lambda: run(LESSON, folder=3), "folder: must be a path, found 3"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(SimError, match=said) as refused:
        call()
    assert "\n" not in str(refused.value)


def test_numbers_and_arrays_of_numpy_are_taken_as_those_of_python() -> None:
    swept = varied({"advisor.penetration": np.linspace(0.25, 0.5, 2)})
    assert swept.summary == varied({"advisor.penetration": [0.25, 0.5]}).summary
    result = run(LESSON, overrides=SMALL | {"days": np.int64(1), "advisor.penetration": np.float32(0.5)})
    assert (result.manifest["days"], result.scenario.parameters.advisor.penetration_share) == (1, 0.5)
    more_room = {"more_room": {"service.capacity_scale": np.float64(1.5)}}
    assert list(compare(LESSON, ["none"], variants=more_room, overrides=SMALL).variants) == [LESSON, "more_room"]


def test_paths_are_taken_as_values_and_strategies_from_anything_that_lists_them() -> None:
    folder = Path(__file__).parents[2] / "networks" / "two_lines"
    assert len(run(LESSON, overrides=SMALL | {"network.folder": folder}).journeys) == 3000
    result = compare(LESSON, (name for name in ("none", "individual")), overrides=SMALL)
    assert list(result.summary["strategies"]) == ["none", "individual"]


@pytest.mark.parametrize("variants", [None, {"more_room": {"service.capacity_scale": 1.5}}])
def test_a_folder_that_is_something_else_is_refused_before_anything_is_simulated(tmp_path: Path, variants: Any) -> None:
    (tmp_path / "notes").write_text("mine")
    told: list[int] = []
    for place in (tmp_path, tmp_path / "notes"):
        with pytest.raises(RunFolderError):
            compare(
                LESSON,
                ["none"],
                variants=variants,
                overrides=SMALL,
                folder=place,
                progress=lambda done, total: told.append(done),
            )
        with pytest.raises(RunFolderError):
            run(LESSON, overrides=SMALL, folder=place, progress=lambda done, total: told.append(done))
    assert (told, [item.name for item in tmp_path.iterdir()]) == ([], ["notes"])
