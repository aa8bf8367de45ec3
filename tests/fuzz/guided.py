"""Look for input that reaches new lines of a reader, with atheris: ``python -m fuzz.guided TARGET RUNS`` in ``tests``.

atheris is installed by itself (``pip install atheris``), since it has no wheels for all systems that peakshift runs on.
The shortest inputs that reached new lines are kept in `fuzz/corpus`, where the tests in CI and the next run find them.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

CORPUS: Final = Path(__file__).resolve().parent / "corpus"
MOST_KEPT: Final = 20
"""Inputs of each reader, so that CI tries all of them in seconds."""


def kept(name: str) -> list[bytes]:
    """Return the inputs that are kept of a target."""
    file = CORPUS / f"{name}.json"
    texts = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return [text.encode("latin-1") for text in texts]


def keep(name: str, folder: Path) -> None:
    """Keep the shortest inputs of a folder that libFuzzer filled, a letter for each byte."""
    found = {file.read_bytes() for file in folder.iterdir() if not file.name.startswith("seed-")}
    shortest = sorted(found, key=lambda data: (len(data), data))[:MOST_KEPT]
    CORPUS.mkdir(exist_ok=True)
    text = json.dumps([data.decode("latin-1") for data in shortest], indent=0)
    (CORPUS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def fuzz(name: str, runs: str, folder: Path) -> None:
    """Instrument the package, then feed one target, beginning with its seeds; does not return."""
    import atheris

    with atheris.instrument_imports(include=["sim.loading", "sim.records", "sim.units", "sim.app"]):
        from support.fuzzing import targets
    target = targets()[name]()
    for number, seed in enumerate((*target.seeds, *kept(name))):
        (folder / f"seed-{number}").write_bytes(seed)
    options = [f"-atheris_runs={runs}", f"-artifact_prefix={tempfile.gettempdir()}/", "-max_len=20000", "-seed=1"]
    atheris.Setup([sys.argv[0], *options, str(folder)], target)
    atheris.Fuzz()


def main() -> int:
    """Fuzz in a process of its own, since libFuzzer ends the one that it runs in."""
    name, runs = sys.argv[1], sys.argv[2]
    folder = Path(tempfile.mkdtemp(prefix="peakshift-corpus-"))
    child = os.fork()
    if child == 0:
        fuzz(name, runs, folder)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 0:
        keep(name, folder)
    return code


if __name__ == "__main__":
    sys.exit(main())
