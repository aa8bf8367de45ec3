"""The runs that are served: those of one folder, found by name and never by a path that somebody sends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from sim import __version__
from sim.errors import RunFolderError
from sim.records.folder import RunFolder, read_run_folder
from sim.records.parts_folder import PARTS_SUFFIX
from sim.records.progress_note import noted_progress
from sim.records.sweep_folder import KIND as SWEEP
from sim.records.sweep_folder import is_sweep_folder
from sim.records.table import Table
from sim.records.variants_folder import KIND as VARIANTS
from sim.records.variants_folder import is_variants_folder

LAYOUT: Final = 1
"""Version of the documents made of a run; another one makes them anew."""

OF_PEOPLE: Final = "~"
"""Between the name of a run and that of one of its baselines, in keys."""

_MOST_RUNS: Final = 500
_FORGOTTEN_S: Final = 24 * 3600.0
"""Age of the last note from which a simulation is taken to have been given up; assumed."""

_MANIFEST, _SUMMARY = "manifest.json", "summary.json"


@dataclass(frozen=True)
class ServedRun:
    """A run folder, comparison or sweep that can be asked for.

    Attributes
    ----------
    key : str
        Its name in addresses.
    path : Path
    manifest, summary : mapping
        As in `manifest.json` and `summary.json`.
    digest : str
        Changes whenever the run does; part of every ETag.
    people : str or None
        Of a comparison with several baselines the people that all of this is of; None where there is one alone.
    """

    key: str
    path: Path
    manifest: Mapping[str, Any]
    summary: Mapping[str, Any]
    digest: str
    people: str | None = None

    @property
    def folder(self) -> RunFolder:
        """The run folder, whose columns are read when asked for."""
        return RunFolder(self.path, dict(self.manifest), dict(self.summary))

    def tables(self) -> Mapping[str, Table]:
        """Return all tables by name; of a comparison with several baselines the rows of its people alone."""
        return self.folder.tables(self.people)

    def table(self, name: str) -> Table:
        """Return a table, as `tables` does."""
        return self.tables()[name]

    @property
    def baselines(self) -> tuple[Mapping[str, Any], ...]:
        """What the manifest says of the people that advice was given to; empty where there is one baseline alone."""
        there = self.summary.get("baselines") or {}
        return tuple(facts for facts in self.manifest.get("baselines", ()) if facts["name"] in there)

    def key_of(self, people: str) -> str:
        """Return the key under which the same run for people of one of its baselines is asked for."""
        own = self.key if self.people is None else self.key.removesuffix(f"{OF_PEOPLE}{self.people}")
        return own if people == self.baselines[0]["name"] else f"{own}{OF_PEOPLE}{people}"

    def of(self, people: str) -> ServedRun:
        """Return the run for people of one of its baselines, as if it had been compared for them alone."""
        own = {**self.summary, **self.summary["baselines"][people]}
        key = self.key_of(people)
        digest = hashlib.sha256(f"{self.digest} {people}".encode()).hexdigest()[:20]
        return ServedRun(key, self.path, self.manifest, own, digest, people)

    @property
    def kind(self) -> str:
        """What was run: run, comparison or sweep."""
        return str(self.manifest.get("kind", "run"))

    @property
    def has_tables(self) -> bool:
        """Whether there are vehicles and commuters to show; a sweep keeps results alone."""
        return (self.path / "tables").is_dir()

    @property
    def strategies(self) -> tuple[str, ...]:
        """Strategies of the run in the order of its tables."""
        return tuple(str(name) for name in self.manifest.get("strategies", ()))


class RunLibrary:
    """Run folders below one folder, or that folder itself.

    Parameters
    ----------
    root : Path
        A run folder, or a folder that holds run folders, comparisons of variants and sweeps.

    Raises
    ------
    RunFolderError
        When there is no run.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[Path, tuple[object, ServedRun]] = {}
        self._named: dict[str, Path] = {}
        if not root.is_dir():
            raise RunFolderError(f"{root}: no such folder; a run folder or a folder of runs is expected")
        if (root / _MANIFEST).is_file() and not _is_folder_of_runs(root):
            read_run_folder(root)  # tells in one line what is wrong with it
        if not self.runs():
            raise RunFolderError(f"{root}: holds no run; `peakshift compare` and `peakshift run` write one")

    def runs(self) -> list[ServedRun]:
        """Return all runs there are now, newest first: those that come while the server runs included."""
        found = [run for path, key in self._places() if (run := self._read(path, key)) is not None]
        return sorted(found, key=lambda run: (str(run.manifest.get("created", "")), run.key), reverse=True)

    def named(self, key: str) -> ServedRun | None:
        """Return the run of that name, compared with names that exist; None where there is none.

        The text never becomes part of a path (`test_no_text_leads_out_of_the_folder`).
        """
        known = self._named.get(key)
        if known is not None and (known == self._root or _is_plain_folder(known)):
            # The folder of a name never changes, so that it need not be looked for among all of them again.
            run = self._read(known, key)
            if run is not None:
                return run
        place = next((path for path, own in self._places() if own == key), None)
        if place is not None:
            self._named[key] = place
            return self._read(place, key)
        own, _, people = key.rpartition(OF_PEOPLE)
        run = self.named(own) if people and OF_PEOPLE not in own else None
        there = () if run is None else tuple(facts["name"] for facts in run.baselines)
        return run.of(people) if run is not None and people in there else None

    def unfinished(self) -> list[dict[str, Any]]:
        """Return simulations that are under way below the folder, as they noted it beside their finished parts.

        Returns
        -------
        list of dict
            `name` of the run to be, `done` and `total` simulated days, `age_s` seconds since they were noted.
        """
        if (self._root / _MANIFEST).is_file():
            return []
        found = []
        for folder in sorted(self._root.glob(f".*{PARTS_SUFFIX}*"))[:_MOST_RUNS]:
            noted = noted_progress(folder) if folder.is_dir() and not folder.is_symlink() else None
            if noted is not None and noted.age_s < _FORGOTTEN_S:
                found.append({"name": folder.name[1:].partition(PARTS_SUFFIX)[0], **asdict(noted)})
        return found

    def _places(self) -> Iterator[tuple[Path, str]]:
        """Yield the folders that may hold a run, with their names in addresses."""
        if (self._root / _MANIFEST).is_file() and not is_variants_folder(self._root):
            yield self._root, self._root.resolve().name
            return
        below = [self._root] if is_variants_folder(self._root) else []
        below += [path for path in sorted(self._root.iterdir())[:_MOST_RUNS] if _is_plain_folder(path)]
        for path in below:
            if is_variants_folder(path):
                own = path.resolve().name
                yield from ((inner, f"{own}.{inner.name}") for inner in sorted((path / VARIANTS).iterdir()))
            elif path != self._root:
                yield path, path.name

    def _read(self, path: Path, key: str) -> ServedRun | None:
        """Read a run, again only when its files have changed; None where the folder holds none."""
        try:
            files = [path / _MANIFEST, path / _SUMMARY]
            stamp = tuple((file.stat().st_mtime_ns, file.stat().st_size, file.stat().st_ino) for file in files)
            known = self._known.get(path)
            if known is not None and known[0] == stamp:
                return known[1]
            texts = [file.read_bytes() for file in files]
            manifest, summary = (json.loads(text) for text in texts)
        except (OSError, ValueError):
            return None
        if not isinstance(manifest, dict) or not isinstance(summary, dict) or "format" not in manifest:
            return None
        if not (path / "tables").is_dir() and manifest.get("kind") != SWEEP:
            return None
        # All that documents are made of is in the digest, the program's version too: none that was made before is given
        # for a run that was written over (test_what_was_made_of_a_run_is_kept_in_its_folder_and_goes_with_it).
        digest = hashlib.sha256(b"\0".join([*texts, f"{__version__} {LAYOUT} {key}".encode(), *_sizes(path)]))
        run = ServedRun(key, path, manifest, summary, digest.hexdigest()[:20])
        if run.baselines:
            run = run.of(run.baselines[0]["name"])
        self._known[path] = (stamp, run)
        return run


def _sizes(path: Path) -> list[bytes]:
    """Return the names and sizes of the tables, by which a run that was written over is known."""
    files = sorted((path / "tables").glob("*.parquet"))
    return [f"{file.name} {file.stat().st_size}".encode() for file in files]


def _is_folder_of_runs(path: Path) -> bool:
    return is_variants_folder(path) or is_sweep_folder(path)


def _is_plain_folder(path: Path) -> bool:
    """Tell whether a path is a folder that is not hidden and does not lead elsewhere."""
    return path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
