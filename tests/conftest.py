"""Settings and fixtures all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from sim.threads import share_cores

os.environ["MPLBACKEND"] = "Agg"

# One and the same examples everywhere, so that a test which passes here passes in CI;
# HYPOTHESIS_PROFILE=thorough looks for new ones.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=40, database=None)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the whole suite run on either engine."""
    parser.addoption(
        "--engine", choices=["auto", "simpy", "compiled"], default="auto", help="engine of all simulations in tests"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Hand the engine on, also to commands that tests start, and the cores that each of several workers may use."""
    if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):
        share_cores(int(workers))
    if (engine := config.getoption("--engine")) != "auto":
        os.environ["PEAKSHIFT_ENGINE"] = engine


PROJECT_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Folder that holds setup.cfg, scenarios/ and networks/."""
    return PROJECT_ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder ../shared beside the project: reference material that is not part of it."""
    return _beside_project("shared")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder ../shared/data beside the project: the original data sets."""
    return _beside_project("shared/data")


@pytest.fixture(scope="session")
def outside_judge(shared: Path) -> Path:
    """Script ../shared/checks/check_run.py, which judges a run folder from its tables alone."""
    import duckdb

    script = shared / "checks" / "check_run.py"
    if not script.is_file():
        pytest.skip("the judge of run folders is not beside the project")
    if int(duckdb.__version__.split(".")[0]) < 2:
        pytest.skip("the SQL of the judge of run folders needs DuckDB 2")
    return script


def _beside_project(name: str) -> Path:
    folder = PROJECT_ROOT.parent / name
    if not folder.is_dir():
        pytest.skip(f"needs the reference material in ../{name}, which does not come with the project")
    return folder
