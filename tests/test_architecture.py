"""The shape of the program: who may import whom, where third parties live, how large a piece may be.

Everything here reads the source with `ast`; only the last two tests import anything. Each check is a function
from source to the violations in it, and is itself tried on a small source that breaks the rule.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.syntax import nodes_of, tree_of

ROOT = Path(__file__).resolve().parent.parent

# What each room may import. A room may always import itself.
# "sim" is the package's own face, sim/__init__.py.
FOUNDATION = {"errors", "arrays", "units", "randomness", "locations", "scratch", "interrupts", "threads", "compiled"}
DATA_ROOMS = FOUNDATION | {"model", "records"}
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "arrays": set(),
    "units": {"errors", "arrays"},
    "randomness": {"errors", "arrays", "units"},
    "locations": {"errors"},
    "scratch": set(),
    "interrupts": set(),
    "threads": {"errors"},
    "compiled": set(),
    "model": {"errors", "arrays", "units"},
    "records": FOUNDATION | {"model"},
    "loading": FOUNDATION | {"model"},
    "routing": FOUNDATION | {"model"},
    "population": FOUNDATION | {"model", "records", "routing"},
    "engine": FOUNDATION | {"model", "records", "routing"},
    "metrics": {"errors", "arrays", "units", "model", "records"},
    "advisor": DATA_ROOMS | {"routing", "population", "engine", "metrics"},
    "experiments": DATA_ROOMS | {"loading", "routing", "population", "engine", "metrics", "advisor"},
    "verification": DATA_ROOMS | {"loading", "advisor", "experiments", "metrics"},
    "report": {"errors", "arrays", "units", "locations", "model", "records", "metrics"},
    "app": {"errors", "arrays", "units", "locations", "model", "records", "metrics"},
}
ALLOWED["api"] = set(ALLOWED)
ALLOWED["sim"] = set(ALLOWED)
ALLOWED["cli"] = set(ALLOWED)

# The only rooms that may import a third-party package; packages not named here are free.
HOMES: dict[str, set[str]] = {
    "simpy": {"engine"},
    "matplotlib": {"report"},
    "click": {"cli"},
    "distributed": {"experiments"},
    "duckdb": {"records"},
    "pydantic": {"model", "loading", "app"},
    "fastapi": {"app"},
    "starlette": {"app"},
    "uvicorn": {"app"},
    "google": {"app", "loading"},
}

MODULE_LINES = 400
FUNCTION_LINES = 60
# Ways through a function, the cyclomatic number of McCabe (1976). Ruff counts no conditions, comprehensions and tries.
FUNCTION_WAYS = 15
# Over budget needs a reason: path -> reason, "path::function" -> reason.
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}

# What numpy.random offers besides its global generator.
OWN_GENERATORS = {
    "default_rng",
    "Generator",
    "SeedSequence",
    "BitGenerator",
    "PCG64",
    "PCG64DXSM",
    "Philox",
    "SFC64",
}
MUTABLE_MAKERS = {"list", "dict", "set", "bytearray", "defaultdict", "OrderedDict", "Counter", "deque"}
MUTABLE_LITERALS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)

Source = dict[str, str]  # dotted module name -> source text; a package ends in .__init__


# --- reading ---------------------------------------------------------------------------------------------


def read_package() -> Source:
    """Return all modules of the package."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "sim").rglob("*.py"))
    }


def path_of(module: str) -> str:
    """Return the path of a module, as an exemption names it."""
    return module.replace(".", "/") + ".py"


def room_of(module: str) -> str:
    """Return the room a dotted name lies in."""
    parts = [part for part in module.split(".") if part != "__init__"]
    return parts[1] if len(parts) > 1 else "sim"


def imported_names(module: str, source: str) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything imported, at any depth of the source.

    ``from a import b`` yields ``a.b``, whether b is a module or not. Imports by name (``import_module("a")``)
    and those for the type checker alone count like any other.
    """
    for node in nodes_of(source):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*module.split(".")[: -node.level], *filter(None, [node.module])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and called_name(node) in {"import_module", "__import__"}:
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield node.lineno, argument.value


def called_name(node: ast.Call) -> str:
    """Return the last part of the name of what is called, or nothing."""
    function = node.func
    return getattr(function, "id", "") or getattr(function, "attr", "")


def module_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run at import, those inside if, try, with and loops too; not classes."""
    for statement in body:
        yield statement
        for part in ("body", "orelse", "finalbody", "handlers"):
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            for inner in getattr(statement, part, []):
                yield from module_level(inner.body if isinstance(inner, ast.ExceptHandler) else [inner])


# --- checks ----------------------------------------------------------------------------------------------


def forbidden_imports(package: Source) -> list[str]:
    """Name imports between rooms that the table does not allow, and rooms the table does not know."""
    found = []
    for module, source in package.items():
        room = room_of(module)
        if room not in ALLOWED:
            found.append(f"{path_of(module)}: room {room} is not in the table")
            continue
        for line, name in imported_names(module, source):
            if name.split(".")[0] != "sim" or name == "sim.__version__":
                continue
            target = room_of(name)
            if target not in ALLOWED:  # a name of the package's own face, as in `from sim import run`
                target = "sim"
            if target not in ALLOWED[room] | {room}:
                found.append(f"{path_of(module)}:{line}: {room} imports {name}")
    return found


def homeless_imports(package: Source) -> list[str]:
    """Name imports of third-party packages outside their homes."""
    return [
        f"{path_of(module)}:{line}: {name.split('.')[0]} belongs in {sorted(homes)} only"
        for module, source in package.items()
        for line, name in imported_names(module, source)
        if (homes := HOMES.get(name.split(".")[0])) and room_of(module) not in homes
    ]


def chains(package: Source, start: set[str], goal: set[str]) -> list[str]:
    """Name every import chain, however long, from a room in `start` to one in `goal`."""
    modules = {module.removesuffix(".__init__"): module for module in package}
    edges: dict[str, set[str]] = {}
    for name, module in modules.items():
        targets = {target for _, target in imported_names(module, package[module])}
        targets |= {target.rpartition(".")[0] for target in targets}
        edges[name] = {target for target in targets & modules.keys() if target != "sim"}
    found = []
    for name in sorted(modules):
        if room_of(name) not in start:
            continue
        came_from = {name: ""}
        waiting = [name]
        for current in waiting:
            if room_of(current) in goal:
                path = [current]
                while came_from[path[0]]:
                    path.insert(0, came_from[path[0]])
                found.append(" -> ".join(path))
                continue
            for target in sorted(edges[current] - came_from.keys()):
                came_from[target] = current
                waiting.append(target)
    return found


def prints(package: Source) -> list[str]:
    """Name calls of print outside the command line."""
    return [
        f"{path_of(module)}:{node.lineno}: print"
        for module, source in package.items()
        if room_of(module) != "cli"
        for node in nodes_of(source)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def global_randomness(package: Source) -> list[str]:
    """Name uses of NumPy's and Python's global generators, and of generators without a seed."""
    found = []
    for module, source in package.items():
        place = path_of(module)
        for line, name in imported_names(module, source):
            if name.split(".")[0] == "random":
                found.append(f"{place}:{line}: the standard library's random")
            if name.startswith("numpy.random.") and name.split(".")[2] not in OWN_GENERATORS:
                found.append(f"{place}:{line}: {name}")
        for node in nodes_of(source):
            if isinstance(node, ast.Call) and called_name(node) == "default_rng" and is_empty(node):
                found.append(f"{place}:{node.lineno}: default_rng() without a seed")
            elif (
                isinstance(node, ast.Attribute)
                and ast.unparse(node.value) in {"np.random", "numpy.random"}
                and node.attr not in OWN_GENERATORS
            ):
                found.append(f"{place}:{node.lineno}: np.random.{node.attr}")
    return found


def long_modules(package: Source) -> list[str]:
    """Name modules over the budget of lines."""
    return [
        f"{path_of(module)}: {lines} lines"
        for module, source in package.items()
        if (lines := len(source.splitlines())) > MODULE_LINES
    ]


def long_functions(package: Source) -> list[str]:
    """Name functions over the budget of lines, counted from def to the last line."""
    return [
        f"{path_of(module)}::{node.name}: {lines} lines"
        for module, source in package.items()
        for node in nodes_of(source)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]


def ways_through(function: ast.AST) -> int:
    """Return the cyclomatic number of a function, with all that is inside it."""
    ways = 1
    for node in ast.walk(function):
        match node:
            case ast.If() | ast.IfExp() | ast.Assert():
                ways += 1
            case ast.For() | ast.AsyncFor() | ast.While():
                ways += 1 + bool(node.orelse)
            case ast.Try() | ast.TryStar():
                ways += len(node.handlers) + bool(node.orelse)
            case ast.BoolOp():
                ways += len(node.values) - 1
            case ast.comprehension():
                ways += 1 + len(node.ifs)
            case ast.match_case():
                ways += not (isinstance(node.pattern, ast.MatchAs) and node.pattern.pattern is None)
    return ways


def branching_functions(package: Source) -> list[str]:
    """Name functions over the budget of ways."""
    return [
        f"{path_of(module)}::{node.name}: {ways} ways"
        for module, source in package.items()
        for node in nodes_of(source)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (ways := ways_through(node)) > FUNCTION_WAYS
    ]


def module_state(package: Source) -> list[str]:
    """Name what can change at module level.

    Allowed: __all__, and a filled list, dict or set under an UPPER_CASE name annotated Final. Tuples,
    frozensets and MappingProxyType are no literals of these kinds and pass by themselves.
    """
    found = []
    for module, source in package.items():
        tree = tree_of(source)
        found += [
            f"{path_of(module)}:{node.lineno}: global {', '.join(node.names)}"
            for node in nodes_of(source)
            if isinstance(node, ast.Global)
        ]
        for statement in module_level(tree.body):
            if not isinstance(statement, ast.Assign | ast.AnnAssign) or not is_mutable(statement.value):
                continue
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names = [ast.unparse(target) for target in targets]
            final = isinstance(statement, ast.AnnAssign) and "Final" in ast.unparse(statement.annotation)
            constant = final and names[0].isupper() and not is_empty(statement.value)
            if names != ["__all__"] and not constant:
                found.append(f"{path_of(module)}:{statement.lineno}: {', '.join(names)}")
    return found


def is_mutable(value: ast.expr | None) -> bool:
    """Say whether an expression makes a list, dict, set or one of their kin."""
    return isinstance(value, MUTABLE_LITERALS) or (isinstance(value, ast.Call) and called_name(value) in MUTABLE_MAKERS)


def is_empty(value: ast.expr | None) -> bool:
    """Say whether a literal or a call holds nothing at all: an empty collection waits to be filled."""
    parts = ("args", "keywords", "elts", "keys", "generators")
    return not any(getattr(value, part, None) for part in parts)


def cycle_in(table: dict[str, set[str]]) -> set[str]:
    """Return the rooms that cannot be put in an order."""
    rest = dict(table)
    while free := {room for room, uses in rest.items() if not (uses - {room}) & rest.keys()}:
        rest = {room: uses for room, uses in rest.items() if room not in free}
    return set(rest)


# --- the program keeps the rules -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def package() -> Source:
    """All modules of sim/."""
    return read_package()


def test_the_table_of_rooms_has_no_cycle():
    assert cycle_in(ALLOWED) == set()


def test_the_table_of_rooms_and_the_guide_know_the_rooms_there_are(package):
    rooms = {room_of(module) for module in package}
    assert ALLOWED.keys() == rooms
    picture = (
        (ROOT / "CONTRIBUTING.md")
        .read_text(encoding="utf-8")
        .split("## Direction of imports")[1]
        .split("Imports point")[0]
    )
    assert set(re.findall(r"[a-z]+", picture)) == rooms - {"sim"}


def test_rooms_import_only_what_the_table_allows(package):
    assert forbidden_imports(package) == []


def test_the_engine_does_not_know_the_advisor(package):
    assert chains(package, {"engine"}, {"advisor", "population", "loading"}) == []


def test_metrics_do_not_know_the_engine(package):
    assert chains(package, {"metrics"}, {"engine", "advisor", "experiments"}) == []


def test_the_report_does_not_know_the_simulation(package):
    simulation = {"engine", "advisor", "experiments", "population", "routing", "loading"}
    assert chains(package, {"report"}, simulation) == []


def test_the_app_does_not_know_the_simulation(package):
    simulation = {"engine", "advisor", "experiments", "population", "routing", "loading"}
    assert chains(package, {"app"}, simulation) == []


def test_nobody_knows_the_command_line(package):
    others = {room_of(module) for module in package} - {"cli"}
    assert chains(package, others, {"cli"}) == []


def test_third_party_packages_stay_in_their_homes(package):
    assert homeless_imports(package) == []


def test_only_the_command_line_prints(package):
    assert prints(package) == []


def test_no_global_random_state(package):
    assert global_randomness(package) == []


def test_modules_keep_their_budget(package):
    over = {entry.split(":")[0]: entry for entry in long_modules(package)}
    assert [entry for path, entry in over.items() if path not in LONG_MODULES] == []
    assert sorted(LONG_MODULES.keys() - over) == [], "exemptions no longer needed"


def test_functions_keep_their_budget(package):
    over = {entry.rpartition(":")[0]: entry for entry in long_functions(package)}
    assert [entry for key, entry in over.items() if key not in LONG_FUNCTIONS] == []
    assert sorted(LONG_FUNCTIONS.keys() - over) == [], "exemptions no longer needed"


def test_functions_keep_their_budget_of_ways(package):
    assert branching_functions(package) == []


def test_nothing_at_module_level_can_change(package):
    assert module_state(package) == []


# --- the checks can fail ---------------------------------------------------------------------------------

LONG = "def long():\n" + "    x = 1\n" * FUNCTION_LINES
BRANCHES = (
    "def many(a, b):\n    for x in (y for y in a if y and b):\n        pass\n    else:\n        pass\n    match a:\n"
    "        case 1:\n            pass\n        case _:\n            pass\n    return (lambda: a) if a else b\n"
)
"""Eight ways: the function, a loop and its else, a comprehension with a condition of two parts, a case, an if."""

BROKEN: list[tuple[Callable[[Source], list[str]], str, str]] = [
    (forbidden_imports, "sim.engine.vehicle", "from sim.advisor.loop import turn"),
    (forbidden_imports, "sim.engine.vehicle", "from sim import advisor"),
    (forbidden_imports, "sim.engine.vehicle", "import sim.advisor.loop as loop"),
    (forbidden_imports, "sim.engine.vehicle", "from ..advisor import loop"),
    (forbidden_imports, "sim.engine.__init__", "from ..advisor import loop"),
    (forbidden_imports, "sim.engine.vehicle", "from .. import advisor"),
    (forbidden_imports, "sim.engine.vehicle", "def late():\n    import sim.advisor"),
    (forbidden_imports, "sim.engine.vehicle", "import importlib\nimportlib.import_module('sim.advisor')"),
    (forbidden_imports, "sim.engine.vehicle", "from sim import compare"),
    (forbidden_imports, "sim.metrics.waiting", "if TYPE_CHECKING:\n    from sim.engine import Plan"),
    (forbidden_imports, "sim.__init__", "from sim.cli.main import main"),
    (forbidden_imports, "sim.attic.old", "x = 1"),
    (homeless_imports, "sim.metrics.waiting", "import simpy"),
    (homeless_imports, "sim.metrics.waiting", "from matplotlib import pyplot"),
    (homeless_imports, "sim.metrics.waiting", "import matplotlib.pyplot as plt"),
    (homeless_imports, "sim.report.html", "import click"),
    (homeless_imports, "sim.cli.run", "def run():\n    import matplotlib"),
    (homeless_imports, "sim.api.serving", "from fastapi import FastAPI"),
    (forbidden_imports, "sim.app.server", "from sim.experiments.advice import advise_from_tables"),
    (prints, "sim.metrics.waiting", "def f():\n    print('x')"),
    (global_randomness, "sim.engine.noise", "import numpy as np\nnp.random.seed(1)"),
    (global_randomness, "sim.engine.noise", "import numpy\nx = numpy.random.rand(3)"),
    (global_randomness, "sim.engine.noise", "from numpy.random import shuffle"),
    (global_randomness, "sim.engine.noise", "import random"),
    (global_randomness, "sim.engine.noise", "from numpy.random import default_rng\nr = default_rng()"),
    (long_modules, "sim.engine.noise", "x = 1\n" * (MODULE_LINES + 1)),
    (long_functions, "sim.engine.noise", LONG),
    (branching_functions, "sim.engine.noise", BRANCHES + "    assert b\n" * (FUNCTION_WAYS - 7)),
    (
        long_functions,
        "sim.engine.noise",
        "class C:\n" + "".join(f"    {line}\n" for line in LONG.splitlines()),
    ),
    (module_state, "sim.engine.noise", "cache = {}"),
    (module_state, "sim.engine.noise", "CACHE: Final = {}"),
    (module_state, "sim.engine.noise", "CACHE: Final = dict()"),
    (module_state, "sim.engine.noise", "NAMES = ['a']"),
    (module_state, "sim.engine.noise", "names: Final = ['a']"),
    (module_state, "sim.engine.noise", "if True:\n    seen = set()"),
    (module_state, "sim.engine.noise", "try:\n    pass\nexcept OSError:\n    seen = [x for x in 'ab']"),
    (module_state, "sim.engine.noise", "n = 0\ndef f():\n    global n\n    n += 1"),
]

SOUND: list[tuple[Callable[[Source], list[str]], str, str]] = [
    (
        forbidden_imports,
        "sim.engine.vehicle",
        "from sim.model import service\nfrom . import stop\nimport numpy",
    ),
    (forbidden_imports, "sim.records.manifest", "from sim import __version__"),
    (forbidden_imports, "sim.cli.run", "from sim.experiments import run\nfrom sim import load_scenario"),
    (homeless_imports, "sim.engine.vehicle", "import simpy\nimport numpy"),
    (prints, "sim.cli.run", "print('x')"),
    (prints, "sim.metrics.waiting", "def f(printer):\n    printer.print('x')"),
    (
        global_randomness,
        "sim.randomness",
        "import numpy as np\nr = np.random.default_rng(np.random.SeedSequence(1))",
    ),
    (long_modules, "sim.engine.noise", "x = 1\n" * MODULE_LINES),
    (long_functions, "sim.engine.noise", LONG.rpartition("    x")[0]),
    (branching_functions, "sim.engine.noise", BRANCHES + "    assert b\n" * (FUNCTION_WAYS - 8)),
    (module_state, "sim.engine.noise", "__all__ = ['a']\n_NAMES: Final = {'a': 1}\nPAIRS = (1, 2)"),
    (module_state, "sim.engine.noise", "NAMES = MappingProxyType({'a': 1})\nSOME = frozenset({'a'})"),
    (module_state, "sim.engine.noise", "def f():\n    cache = {}\nclass C:\n    names = ['a']"),
]


@pytest.mark.parametrize(("check", "module", "source"), BROKEN)
def test_a_check_finds_what_breaks_its_rule(check, module, source):
    assert check({module: source}) != []


@pytest.mark.parametrize(("check", "module", "source"), SOUND)
def test_a_check_leaves_sound_code_alone(check, module, source):
    assert check({module: source}) == []


def test_a_chain_is_found_through_a_third_room():
    package = {
        "sim.engine.vehicle": "from sim.model import service",
        "sim.model.__init__": "",
        "sim.model.service": "from sim.model.helper import x",
        "sim.model.helper": "def f():\n    from sim.advisor import loop",
        "sim.advisor.__init__": "",
        "sim.advisor.loop": "",
    }
    expected = "sim.engine.vehicle -> sim.model.service -> sim.model.helper -> sim.advisor"
    assert expected in chains(package, {"engine"}, {"advisor"})
    assert chains(package, {"advisor"}, {"engine"}) == []


def test_a_cycle_in_a_table_is_found():
    assert cycle_in({"a": {"b"}, "b": {"a"}, "c": set()}) == {"a", "b"}


# --- what is loaded --------------------------------------------------------------------------------------

IMPORT_FACE = "import sim"
SHOW_HELP = """
import sys
sys.argv = ["peakshift", "--help"]
from sim.cli.main import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""
HEAVY = "import sys; print('HEAVY', *sorted({'numpy', 'matplotlib'} & sys.modules.keys()))"


@pytest.mark.parametrize("program", [IMPORT_FACE, SHOW_HELP], ids=["import sim", "peakshift --help"])
def test_heavy_libraries_are_loaded_only_when_needed(program):
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{HEAVY}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "HEAVY"


SERVE = """
import sys
import sim.cli.main, sim.cli.serve
from sim.app import create_app
heavy = {"duckdb", "google.protobuf", "sim.api", "sim.model.parameters", "sim.engine"}
print("HEAVY", *sorted(heavy & sys.modules.keys()))
"""


def test_the_app_starts_without_what_only_some_pages_need():
    """Catches a third of the time until the app answers: forms of scenarios, the database and feeds come with pages."""
    done = subprocess.run([sys.executable, "-c", SERVE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "HEAVY"


def test_the_check_for_heavy_libraries_can_fail():
    done = subprocess.run(
        [sys.executable, "-c", f"import numpy\n{HEAVY}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "HEAVY numpy"
