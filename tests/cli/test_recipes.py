"""The recipes of docs/recipes, each run as its scheduler would run it, give what one process gives.

The schedulers are played: Slurm runs the script once for each task of the array, Kubernetes the command of
the container once for each index, Snakemake the commands of its rules in the order of their files.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "docs" / "recipes"
PENETRATIONS = "advisor.penetration=0,0.25,0.5,0.75,1"
SCENARIO = """\
name: small
replications: 2
days: 2
baselines: [habit]
network:
  lines:
    - {id: A, stops: [a, b], running_times: [4 min], vehicle: bus, headway: {mean: 10 min, first: "06:00", trips: 24}}
service:
  vehicles: {bus: {seats: 5, capacity: 10}}
demand:
  flows:
    - {origin: a, destination: b, pieces: [{start: "07:00", end: "08:00", commuters: 20}]}
advisor: {compliance: 0.2}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a small scenario under the name that the recipes use."""
    (tmp_path / "small.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def run_in(place: Path, command: list[str], **environment: str) -> str:
    """Run a command in the folder, without what a real scheduler around the tests may have set."""
    clean = {name: value for name, value in os.environ.items() if not re.match("SLURM_|JOB_COMPLETION", name)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=place, env={**clean, "PATH": path, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def is_what_one_process_finds(place: Path, folder: str) -> bool:
    """Tell whether a collected sweep is, byte for byte, what one process finds."""
    run_in(place, ["peakshift", "sweep", "small.yaml", "--vary", PENETRATIONS, "--out", "alone"])
    return all(
        (place / folder / name).read_bytes() == (place / "alone" / name).read_bytes()
        for name in ("summary.json", "results.csv")
    )


def settings_of(script: str) -> Mapping[str, str]:
    """Return the ``#SBATCH`` lines of a script."""
    return dict(re.findall(r"^#SBATCH --([\w-]+)=(\S+)$", script, re.MULTILINE))


def test_a_job_array_of_slurm(place):
    script = RECIPES / "sweep.sbatch"
    settings = settings_of(script.read_text(encoding="utf-8"))
    first, last = map(int, settings["array"].split("-"))
    array = {"SLURM_ARRAY_TASK_COUNT": str(last - first + 1), "SLURM_ARRAY_TASK_MIN": str(first)}
    own = {"SCENARIO": "small.yaml", "SHARDS": "shards"}
    lost = last - 1
    for task in range(first, last + 1):
        if task != lost:
            said = run_in(place, ["bash", str(script)], **array, **own, SLURM_ARRAY_TASK_ID=str(task))
            assert said.startswith(f"shard {task}/{last}: ")
    again = {"SLURM_ARRAY_TASK_COUNT": "1", "SLURM_ARRAY_TASK_MIN": str(lost), "SLURM_ARRAY_TASK_ID": str(lost)}
    run_in(place, ["bash", str(script)], **again, **own, SHARD=f"{lost}/{last}")
    run_in(place, ["bash", str(script)], **own, COLLECT="yes")
    assert is_what_one_process_finds(place, "runs/small-sweep")


def test_an_indexed_job_of_kubernetes(place):
    job = YAML(typ="safe").load(RECIPES / "sweep-job.yaml")["spec"]
    assert job["completionMode"] == "Indexed"
    (container,) = job["template"]["spec"]["containers"]
    given = {entry["name"]: entry["value"] for entry in container["env"]}
    assert given["JOB_COMPLETIONS"] == str(job["completions"])
    (mount,) = container["volumeMounts"]
    names = {"xiamen_brt2_surge": "small.yaml", mount["mountPath"]: "shards"}
    command = [names.get(part, part) for part in [*container["command"], *container["args"]]]
    for index in range(job["completions"]):
        said = run_in(place, command, **given, JOB_COMPLETION_INDEX=str(index))
        assert said.startswith(f"shard {index + 1}/{job['completions']}: ")
    run_in(place, [*command, "--collect", "--out", "out"])
    assert is_what_one_process_finds(place, "out")


def test_rules_of_snakemake(place):
    rules = (RECIPES / "Snakefile").read_text(encoding="utf-8")
    commands = {
        name: "".join(re.findall(r'"(.*?)"', shell))
        for name, shell in re.findall(r"^rule (\w+):.*?^    shell:\n(.*?)(?=\n\n|\Z)", rules, re.MULTILINE | re.DOTALL)
    }
    assert commands.keys() == {"collect", "shard"}
    given = {"SCENARIO": "small.yaml", "VARY": PENETRATIONS, "threads": "1"}
    # Snakemake 9 keeps wildcards in a list of its own kind, and refuses `count` and `index`, which lists have.
    names = set(re.findall(r"\{wildcards\.(\w+)\}", rules))
    assert names == {"part", "parts"}
    assert not names & set(dir(list))
    (parts,) = map(int, re.findall(r'"shards", (\d+)\)', rules))
    for part in range(1, parts + 1):
        values = {"wildcards.part": str(part), "wildcards.parts": str(parts), **given}
        run_in(place, ["sh", "-c", filled(commands["shard"], values)])
    run_in(place, ["sh", "-c", filled(commands["collect"], given)])
    assert is_what_one_process_finds(place, "runs/sweep")


def filled(command: str, values: Mapping[str, str]) -> str:
    """Replace ``{name}`` by its value; every name has to have one."""
    return re.sub(r"\{([\w.]+)\}", lambda match: values[match[1]], command)
