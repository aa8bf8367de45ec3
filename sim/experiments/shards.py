"""A sweep in parts on machines that need not know each other.

A shard runs its part of the pieces into a catalogue of its own, in a folder that all shards share or
that is copied together afterwards. Collecting takes all catalogues over into the one of the sweep, which
then finds everything finished.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sim.advisor import Strategy
from sim.engine import HoldingRule
from sim.errors import RunFolderError, ShardError
from sim.experiments.pieces import Piece, distinct_pieces, pieces_of_sweep
from sim.experiments.sweep import run_pieces
from sim.experiments.sweep_points import SweepPoint
from sim.experiments.workers import Progress
from sim.records.catalogue import Catalogue

_MOST_SHARDS = 100_000
_FILE = re.compile(r"shard-(\d+)-of-(\d+)\.sqlite")


@dataclass(frozen=True)
class Shard:
    """One of several parts of a sweep.

    Attributes
    ----------
    number : int
        From 1 to `count`.
    count : int
    """

    number: int
    count: int

    def __str__(self) -> str:
        """Return it as it is written on the command line."""
        return f"{self.number}/{self.count}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``I/N``, I from 1 to N.

        Raises
        ------
        ShardError
            When it is not of that form.
        """
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
        if match is None or not 1 <= int(match[1]) <= int(match[2]) <= _MOST_SHARDS:
            raise ShardError(f"{text!r} is no shard; write I/N with I from 1 to N, as in 3/7")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of_array_job(cls, environment: Mapping[str, str]) -> Self:
        """Read what Slurm tells a task of a job array, or Kubernetes a pod of an indexed Job.

        Kubernetes tells a pod its index and not how many there are: the Job sets ``JOB_COMPLETIONS``
        beside it.

        Parameters
        ----------
        environment : mapping of str to str

        Raises
        ------
        ShardError
            When it is no such task, or the numbers are not those of a whole array.
        """
        for index, count, first in (
            ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"),
            ("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", ""),
        ):
            if index not in environment:
                continue
            try:
                number = int(environment[index]) - int(environment.get(first, "0")) + 1
                return cls.parse(f"{number}/{int(environment[count])}")
            except (KeyError, ValueError, ShardError) as error:
                given = ", ".join(f"{name}={environment.get(name, 'missing')}" for name in (index, count))
                raise ShardError(f"{given}: does not say which shard this is; write --shard I/N") from error
        raise ShardError("no SLURM_ARRAY_TASK_ID and no JOB_COMPLETION_INDEX is set; write --shard I/N, or --collect")


@dataclass(frozen=True)
class ShardReport:
    """What a shard did.

    Attributes
    ----------
    shard : Shard
    catalogue : Path
        File with its finished pieces.
    pieces : int
        Pieces of its part, with those that they are paired with.
    run : int
        Pieces that were run now; the others were finished before.
    """

    shard: Shard
    catalogue: Path
    pieces: int
    run: int


def pieces_of_shard(pieces: Sequence[Piece], shard: Shard) -> list[Piece]:
    """Choose the pieces of one shard.

    Pieces that are paired with the same one stand beside each other, and each shard takes one stretch. So
    two shards share at most the reference at the boundary, which both then run, with the same result.

    Parameters
    ----------
    pieces : sequence of Piece
        All distinct pieces of the sweep; the same on every machine.
    shard : Shard

    Returns
    -------
    list of Piece
        Its part, and every piece that one of them is paired with.
    """
    # Every piece is in exactly one stretch, whatever the number of shards: else a collected sweep would lack
    # one. tests/unit/test_shards.py shows it.
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(piece.reference_key, []).append(piece)
    order = [piece for group in groups.values() for piece in sorted(group, key=_comes_later)]
    start, end = (len(order) * part // shard.count for part in (shard.number - 1, shard.number))
    own = order[start:end]
    wanted = {piece.key for piece in own} | {piece.reference_key for piece in own}
    return [piece for piece in pieces if piece.key in wanted]


def run_shard(
    points: Sequence[SweepPoint],
    strategies: Sequence[Strategy],
    shard: Shard,
    folder: Path,
    jobs: int = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
) -> ShardReport:
    """Run one part of a sweep, leaving out what it finished before.

    Parameters
    ----------
    points : sequence of SweepPoint
    strategies : sequence of Strategy
        `none` is among them.
    shard : Shard
    folder : Path
        For the catalogues of all shards; made where missing.
    jobs : int
    progress : callable or None
        Told (finished, total) pieces.
    holding : HoldingRule or None

    Raises
    ------
    RunFolderError
        When the folder cannot be written.
    ShardError
        When the folder holds shards of another number, so that pieces would be run twice.
    """
    for other in _files(folder):
        if other.count != shard.count:
            raise ShardError(
                f"{folder}: holds shard {other}, so this cannot be {shard}: to run a lost shard again write "
                f"--shard I/{other.count}; for another number of shards name another folder"
            )
    path = folder / f"shard-{shard.number}-of-{shard.count}.sqlite"
    chosen = pieces_of_shard(list(distinct_pieces(pieces_of_sweep(points, strategies, holding)).values()), shard)
    with Catalogue(path, shared=True) as catalogue:
        run = run_pieces(chosen, catalogue, jobs, progress, holding)
    return ShardReport(shard, path, len(chosen), run)


def collect_shards(
    points: Sequence[SweepPoint],
    strategies: Sequence[Strategy],
    folder: Path,
    catalogue: Catalogue,
    holding: HoldingRule | None = None,
) -> None:
    """Take the finished pieces of all shards over into one catalogue.

    Parameters
    ----------
    points : sequence of SweepPoint
    strategies : sequence of Strategy
        `none` is among them.
    folder : Path
        With the catalogues of the shards.
    catalogue : Catalogue
        Of the sweep.
    holding : HoldingRule or None

    Raises
    ------
    RunFolderError
        When the folder holds no shards, or two of them found different results for one piece.
    ShardError
        When pieces are missing; it names the shards to run again.
    """
    shards = _files(folder)
    if not shards:
        raise RunFolderError(f"{folder}: holds no catalogue of a shard")
    pieces = list(distinct_pieces(pieces_of_sweep(points, strategies, holding)).values())
    for path in shards.values():
        with Catalogue(path, shared=True) as part:
            for piece in pieces:
                done = part.find(piece.key)
                if done is None:
                    continue
                known = catalogue.find(piece.key)
                # Machines that compute differently must not be mixed: the same piece is the same, bit for bit.
                # Neighbouring shards share a reference, which makes that visible. tests/functional/test_sweep_shards.py
                if known is not None and not known.equals(done):
                    raise RunFolderError(
                        f"{path}: {piece.strategy.name}, replication {piece.replication}, is not what another shard "
                        "found; were they run by the same versions of the libraries, on the same kind of machine?"
                    )
                if known is None:
                    catalogue.store(piece.key, done)
    _check_complete(pieces, catalogue, next(iter(shards)).count, folder)


def _comes_later(piece: Piece) -> bool:
    return not piece.is_reference


def _check_complete(pieces: Sequence[Piece], catalogue: Catalogue, count: int, folder: Path) -> None:
    missing = {piece.key for piece in pieces if catalogue.find(piece.key) is None}
    if not missing:
        return
    lost = [
        str(shard)
        for shard in (Shard(number, count) for number in range(1, count + 1))
        if missing & {piece.key for piece in pieces_of_shard(pieces, shard)}
    ]
    again = ", ".join(f"--shard {name}" for name in lost)
    raise ShardError(f"{folder}: {len(missing)} of {len(pieces)} pieces are missing; run again with {again}")


def _files(folder: Path) -> dict[Shard, Path]:
    """Return the catalogues of shards that a folder holds."""
    if not folder.is_dir():
        return {}
    found = ((_FILE.fullmatch(path.name), path) for path in folder.iterdir())
    shards = {Shard(int(match[1]), int(match[2])): path for match, path in found if match is not None}
    return dict(sorted(shards.items(), key=lambda item: item[0].number))
