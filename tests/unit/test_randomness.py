"""Streams: numbers belong to entities, so nothing that is added moves the numbers of others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.randomness import Purpose, Streams, entity_keys, mix, text_keys

ids = st.lists(st.integers(0, 2**40), min_size=1, max_size=30, unique=True)
seeds = st.integers(0, 2**31)
replications = st.integers(0, 200)
purposes = st.sampled_from(list(Purpose))


@given(ids, ids, seeds, replications, purposes)
def test_numbers_do_not_move_when_entities_are_added(
    some: list[int], others: list[int], seed: int, replication: int, purpose: Purpose
) -> None:
    added = [entity for entity in others if entity not in some]
    both = added[::2] + some + added[1::2]
    streams = Streams(seed, replication)
    alone = streams.uniform(purpose, entity_keys(np.array(some)), 3)
    together = streams.uniform(purpose, entity_keys(np.array(both)), 3)
    place = {entity: number for number, entity in enumerate(both)}
    assert together[[place[entity] for entity in some]].tolist() == alone.tolist()


@given(ids, seeds, replications, purposes)
def test_draws_made_before_change_nothing(entities: list[int], seed: int, replication: int, purpose: Purpose) -> None:
    keys = entity_keys(np.array(entities))
    streams = Streams(seed, replication)
    first = streams.uniform(purpose, keys)
    for other in Purpose:
        streams.uniform(other, keys)
        streams.generator(other).random(5)
    assert streams.uniform(purpose, keys).tolist() == first.tolist()
    assert Streams(seed, replication).uniform(purpose, keys).tolist() == first.tolist()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((1, 0, Purpose.APP_USER, ()), (2, 0, Purpose.APP_USER, ())),
        ((1, 0, Purpose.APP_USER, ()), (1, 1, Purpose.APP_USER, ())),
        ((1, 0, Purpose.APP_USER, ()), (1, 0, Purpose.COMPLIANCE, ())),
        ((1, 0, Purpose.COMPLIANCE, (0,)), (1, 0, Purpose.COMPLIANCE, (1,))),
        ((1, 0, Purpose.COMPLIANCE, (0,)), (1, 0, Purpose.COMPLIANCE, ())),
        ((1, 2, Purpose.COMPLIANCE, ()), (1, 0, Purpose.COMPLIANCE, (2,))),
    ],
)
def test_streams_of_other_seed_replication_purpose_or_day_are_unrelated(
    left: tuple[int, int, Purpose, tuple[int, ...]], right: tuple[int, int, Purpose, tuple[int, ...]]
) -> None:
    keys = entity_keys(np.arange(10_000))
    first, second = (
        Streams(seed, replication).uniform(purpose, keys, *day) for seed, replication, purpose, day in (left, right)
    )
    assert (first != second).all()
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(len(keys))


def test_all_purposes_have_their_own_numbers() -> None:
    keys = entity_keys(np.arange(100))
    drawn = np.array([Streams(1, 0).uniform(purpose, keys) for purpose in Purpose])
    assert len(np.unique(drawn)) == drawn.size
    generated = [Streams(1, 0).generator(purpose).random() for purpose in Purpose]
    assert len(set(generated)) == len(generated)


def test_purposes_keep_their_numbers() -> None:
    """The numbers are part of every key: changing one would change every result that was ever published."""
    assert len({int(purpose) for purpose in Purpose}) == len(Purpose)
    assert {name: int(Purpose[name]) for name in ("DEMAND_COUNT", "RUNNING_TIME", "POISSON_ARRIVALS")} == {
        "DEMAND_COUNT": 1,
        "RUNNING_TIME": 10,
        "POISSON_ARRIVALS": 15,
    }


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_uniform_numbers_are_uniform_for_keys_in_a_row(seed: int) -> None:
    drawn = Streams(seed, 0).uniform(Purpose.DEPARTURE_PLACEMENT, entity_keys(np.arange(20_000)))
    assert ((drawn > 0) & (drawn < 1)).all()
    assert stats.kstest(drawn, "uniform").pvalue > 0.001
    # Neighbours in number have nothing to do with each other.
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 4 / np.sqrt(len(drawn))


def test_normal_numbers_are_normal() -> None:
    drawn = Streams(1, 0).normal(Purpose.RUNNING_TIME, entity_keys(np.arange(20_000)))
    assert stats.kstest(drawn, "norm").pvalue > 0.001


@pytest.mark.parametrize("shape", [0.5, 4.0, 100.0])
def test_gamma_numbers_have_mean_1_and_the_shape(shape: float) -> None:
    drawn = Streams(1, 0).gamma(Purpose.RUNNING_TIME, entity_keys(np.arange(20_000)), shape)
    assert abs(drawn.mean() - 1) < 4 * shape**-0.5 / np.sqrt(len(drawn))
    assert stats.kstest(drawn, stats.gamma(shape, scale=1 / shape).cdf).pvalue > 0.001


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), min_size=2, unique=True))
def test_keys_tell_entities_apart(rows: list[tuple[int, int, int]]) -> None:
    keys = entity_keys(*np.array(rows).T)
    assert len(np.unique(keys)) == len(rows)


def test_keys_tell_columns_apart() -> None:
    assert entity_keys(np.array([1]), np.array([2])) != entity_keys(np.array([2]), np.array([1]))
    assert entity_keys(np.array([1])) != entity_keys(np.array([1]), np.array([0]))


def test_keys_of_a_number_and_a_column_are_spread_over_rows() -> None:
    both = entity_keys(np.array(7), np.arange(3))
    assert both.tolist() == entity_keys(np.array([7, 7, 7]), np.arange(3)).tolist()


def test_mix_changes_half_of_the_bits_when_one_changes() -> None:
    values = np.arange(1000, dtype=np.uint64)
    flipped = mix(values) ^ mix(values ^ np.uint64(1))
    share = np.unpackbits(flipped.view(np.uint8)).mean()
    assert share == pytest.approx(0.5, abs=0.01)
    assert len(np.unique(mix(values))) == len(values)


def test_generators_are_told_apart_by_key() -> None:
    streams = Streams(1, 0)
    drawn = {streams.generator(Purpose.POISSON_ARRIVALS, *key).random() for key in ((), (0,), (1,), (2**63,), (0, 1))}
    assert len(drawn) == 5


names = st.lists(st.text("ab0_ü", max_size=6), min_size=1, max_size=8, unique=True)


@given(names, st.text("abcxyz", min_size=1, max_size=20))
def test_keys_of_names_do_not_depend_on_other_names(some: list[str], other: str) -> None:
    keys = text_keys(some)
    assert len(np.unique(keys)) == len(some)
    assert text_keys([other, *some]).tolist()[1:] == keys.tolist()
    assert [text_keys([name]).tolist()[0] for name in some] == keys.tolist()
