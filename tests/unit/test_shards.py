"""Which pieces of a sweep a shard runs, and how it learns which shard it is."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import ShardError
from sim.experiments.shards import Shard, pieces_of_shard


@dataclass(frozen=True)
class MadeUpPiece:
    """What choosing looks at."""

    key: str
    reference_key: str

    @property
    def is_reference(self) -> bool:
        return self.key == self.reference_key


@st.composite
def sweeps(draw: st.DrawFn) -> list[MadeUpPiece]:
    """References, each with pieces that are paired with it, in any order."""
    pieces = []
    for reference, others in enumerate(draw(st.lists(st.integers(0, 6), min_size=1, max_size=6))):
        keys = [f"r{reference}", *(f"r{reference}p{other}" for other in range(others))]
        pieces += [MadeUpPiece(key, f"r{reference}") for key in keys]
    return draw(st.permutations(pieces))


@given(sweeps(), st.integers(1, 40))
def test_shards_have_every_piece_and_what_it_is_paired_with(pieces, count):
    chosen = [pieces_of_shard(pieces, Shard(number, count)) for number in range(1, count + 1)]
    assert {piece for part in chosen for piece in part} == set(pieces)
    for part in chosen:
        assert {piece.reference_key for piece in part} <= {piece.key for piece in part}
    # Only references are run twice, and at most one at each boundary.
    everywhere = [piece for part in chosen for piece in part]
    twice = [piece for piece in set(pieces) if everywhere.count(piece) > 1]
    assert all(piece.key == piece.reference_key for piece in twice)
    assert len(everywhere) - len(pieces) <= count - 1


@given(sweeps(), st.integers(1, 40))
def test_shards_have_about_as_much_to_do(pieces, count):
    sizes = [len(pieces_of_shard(pieces, Shard(number, count))) for number in range(1, count + 1)]
    assert max(sizes) <= -(-len(pieces) // count) + 1


@pytest.mark.parametrize("text", ["", "3", "0/7", "8/7", "3/0", "-1/7", "a/b", "3/7/9", "1.0/2", "1/1000000"])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(ShardError, match="write I/N"):
        Shard.parse(text)


def test_a_shard_is_written_as_it_is_read():
    assert str(Shard.parse(" 3/7 ")) == "3/7"


@pytest.mark.parametrize(
    ("environment", "shard"),
    [
        ({"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "7", "SLURM_ARRAY_TASK_MIN": "1"}, "3/7"),
        ({"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_COUNT": "7", "SLURM_ARRAY_TASK_MIN": "0"}, "1/7"),
        ({"SLURM_ARRAY_TASK_ID": "16", "SLURM_ARRAY_TASK_COUNT": "7", "SLURM_ARRAY_TASK_MIN": "10"}, "7/7"),
        ({"JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "7"}, "1/7"),
        ({"JOB_COMPLETION_INDEX": "6", "JOB_COMPLETIONS": "7"}, "7/7"),
    ],
)
def test_array_jobs_say_which_shard_it_is(environment, shard):
    assert str(Shard.of_array_job(environment)) == shard


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "write --shard I/N, or --collect"),
        ({"JOB_COMPLETION_INDEX": "3"}, "JOB_COMPLETIONS=missing"),
        ({"JOB_COMPLETION_INDEX": "7", "JOB_COMPLETIONS": "7"}, "does not say which shard"),
        ({"SLURM_ARRAY_TASK_ID": "x", "SLURM_ARRAY_TASK_COUNT": "7"}, "SLURM_ARRAY_TASK_ID=x"),
        # an array with gaps, as in --array=1,5,9
        ({"SLURM_ARRAY_TASK_ID": "9", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "1"}, "write --shard I/N"),
    ],
)
def test_array_jobs_that_do_not_say_it_are_refused(environment, said):
    with pytest.raises(ShardError, match=said):
        Shard.of_array_job(environment)
