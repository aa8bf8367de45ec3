"""A scenario that cannot fit is refused before the work, one that fits never."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from sim.cli.main import main
from sim.errors import ScenarioError
from sim.experiments.memory import AT_LEAST, memory_needs, memory_problems, require_memory
from sim.loading.scenario import load_scenario

WORLD = """\
name: needs
days: 1
replications: 1
network:
  lines:
    - {{id: L, stops: [{stops}], running_times: [{times}], vehicle: bus,
       headway: {{mean: {headway} s, first: "1:00", trips: {trips}}}}}
demand:
  flows:
    - {{origin: s0, destination: s2, pieces: [{{start: "7:00", end: "9:00", commuters: {commuters}}}]}}
service:
  vehicles: {{bus: {{seats: 10, capacity: 10000}}}}
advisor: {{strategy: none}}
"""
RUN = """
import re, sys, sim
sim.run(sys.argv[1])
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024)
"""
"""What a process took at most; `ru_maxrss` would tell of the process that it came from, if that took more."""


def world(tmp_path, *, stops=3, trips=100, commuters=10, period=None):
    names, times = (", ".join(parts) for parts in ([f"s{n}" for n in range(stops)], ["1 min"] * (stops - 1)))
    text = WORLD.format(stops=names, times=times, headway=72_000 / trips, trips=trips, commuters=commuters)
    file = tmp_path / f"{stops}-{trips}-{commuters}-{period}.yaml"
    file.write_text(text if period is None else f"{text}period: {period} s\n")
    return file


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize(
    ("key", "larger"),
    [
        ("demand", {"commuters": 150_000}),
        ("network", {"stops": 50, "trips": 4_000}),
        ("period", {"stops": 30, "period": 4}),
    ],
)
def test_the_estimate_is_a_lower_bound_of_what_a_process_takes(tmp_path, key, larger):
    """The estimate would be of no use below a third of the truth, and do harm above it."""
    file = world(tmp_path, **larger)
    taken = int(subprocess.run([sys.executable, "-c", RUN, file], check=True, capture_output=True, text=True).stdout)
    needs = memory_needs(load_scenario(file))
    assert needs[0].key == key
    estimate = AT_LEAST + sum(need.size for need in needs)
    assert taken / 3 <= estimate <= taken


@pytest.mark.parametrize(
    ("larger", "said"),
    [
        ({"commuters": 100_000_000}, "demand: 100,000,000 commuters need at least 60.0 GB of memory"),
        ({"period": 1, "stops": 400}, "period: "),
        ({"trips": 100_000, "stops": 100}, "network: 10,000,000 visits of vehicles to stops need at least 3.0 GB"),
    ],
)
def test_what_cannot_fit_is_refused_with_the_key_that_asks_for_most(tmp_path, larger, said):
    (problem,) = memory_problems(load_scenario(world(tmp_path, **larger)), available=1e9)
    assert str(problem).startswith(said)
    assert str(problem).endswith("there are 1.0 GB")


def test_run_and_validate_refuse_alike(tmp_path):
    file = world(tmp_path, commuters=100_000_000)
    with pytest.raises(ScenarioError, match="100,000,000 commuters need at least"):
        require_memory(load_scenario(file))
    for command in (["validate", str(file)], ["run", str(file), "--out", str(tmp_path / "run")]):
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 1
        assert "100,000,000 commuters need at least 60.0 GB of memory" in done.output
    assert not (tmp_path / "run").exists()


def test_what_fits_is_not_refused(tmp_path):
    assert memory_problems(load_scenario(world(tmp_path)), available=4e9) == []
