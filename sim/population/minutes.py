"""How people settle when nobody advises them: day to day, by the minute, from the vehicles they might have met.

What people may gain where vehicles are few is to meet one, and no mean over a quarter of an hour holds it. So those
who think again ride along with the vehicles of some days that were alike (`sim.population.traced_journeys`), at the
minutes they could leave at, and change the rather the more they gain (Smith 1984, Transp. Sci. 18:245-252). What looked
cheap on half of these days must have been cheap on the other half too, or people would run after chance. Ever fewer
think again, as in the method of successive averages (Robbins and Monro 1951, Ann. Math. Stat. 22:400-407), or all would
run to the same vehicle and none would be there in time.

That is not enough where a queue carries what one does over to all behind them: costs then go round, and who looks at
the past is always late (Iryo 2008, J. Adv. Transp. 42:333-358, to be confirmed). People notice, since they go on losing
much. From then on they go by the trend of costs, and rather to minutes near their own; and whoever does not change
comes earlier or later with all others in the queue, each in their place (`sim.population.queue_order`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population
from sim.population.days_alike import Gap, JourneysOfDay, RememberedDay
from sim.population.queue_order import left_behind_share, met_by_people, minutes_later
from sim.population.route_choice import fare_beyond_min
from sim.population.schedule_cost import schedule_cost_min
from sim.population.systematic_sampling import group_rows
from sim.population.traced_journeys import DayTraffic
from sim.population.variates import ChoiceVariates
from sim.population.waits import WaitingSets
from sim.units import quantize

MINUTE_S = 60.0
"""Grain of a choice."""

DAYS_ALIKE = 4
"""Days simulated with the same minutes of departure before people think again (assumed); an even number. On one day
alone they would see who was left behind, and not how likely it is (docs/design-notes.md)."""

MOST_REMEMBERED = 4
"""Times days alike that people look back at where chance is more than what can be foreseen (assumed). Elsewhere they
look at the last ones alone: what others do now counts for more there than what chance did."""

EAGERNESS, SLOWING_DAYS = 4.0, 8.0
"""On day d people change with a chance of EAGERNESS / (1 + d / SLOWING_DAYS) times the gain, over what they pay
(assumed)."""

LEAST_GAIN_SHARE = 0.01
"""Gains of less than this share of what they pay move nobody (assumed): the last of it, looked for upstream, leaves
people downstream behind."""

SHARPENING_DAYS = 30.0
"""At first people change in proportion to the gain, later rather to where they gain most: on day d to the power
1 + d / SHARPENING_DAYS of the gain (assumed)."""

STRIDE = 4
"""Of the minutes they could leave at people compare every fourth, others the next time, and those next to their own."""

NEXT_MINUTES = (-3, -2, -1, 1, 2, 3)

LEAST_GAIN_MIN = 1e-6
"""Gains below this are rounding errors of costs."""

TREND_DAYS = 2.0
"""Days for which people who go by the trend expect it to go on (assumed). It is derivative action (Shamma and Arslan
2005, IEEE Trans. Autom. Control 50:312-327, to be confirmed): without, a queue swings round its equilibrium."""

TREND_MOVES, TREND_SLOWING_DAYS = 3.0, 25.0
"""People who go by the trend change to the next minute with this chance times the gain over what they pay (assumed), on
day d over 1 + d / TREND_SLOWING_DAYS (assumed)."""

NEAR_MINUTES = 20.0
"""A minute d away is taken with a chance in proportion to 1 / d**2 + 1 / NEAR_MINUTES**2 (20 is assumed). Somebody who
changes by d minutes changes the queue for d minutes. With weights of 1 / d**2 a queue that is too long in one place
and one that is too long everywhere come down in the same time (docs/design-notes.md)."""

ALIKE_MIN = 10.0
"""People are in the same situation whose wishes are in the same stretch of as many minutes (assumed), and who travel
and feel alike besides."""

MOST_TREND_SHARE = 0.5
"""Of what people pay, by how much they expect a cost to change at most (assumed). Unbounded, a minute whose cost fell
from 10 h to 5 h would be expected to cost less than nothing."""

MOST_MOVED = 0.5
"""Share of anybody's chances to change that is used at most on a day (assumed)."""

AT_A_TIME = 20_000
"""People whose minutes are compared at a time; bounds memory and changes nothing."""

MOST_LOOKING = 200_000
"""People at most who look at other minutes at a time: there are some thirty for each, and a dozen numbers for each of
these. Fewer would trace the same journeys again; changes nothing else (test_people_settle_alike_however_many_look)."""

MOST_ASKED = 500
"""People at most of whom the gap is measured."""

MOST_CASES = 2_000_000
"""Journeys of a day are kept for as many pairs of option and minute; where there are more they are traced each time."""

GOLDEN = 0.6180339887498949
"""Multiples of the golden ratio, less whole numbers, cover the minute evenly however many days are looked at."""


@dataclass
class MinuteLearners:
    """People who choose the minute they leave in, and what they remember.

    Attributes
    ----------
    population : Population
    options : JourneyOptions
    waiting : WaitingSets
        Of the legs of these options.
    preferences : PreferenceParameters
    able : ndarray of int
        Commuters who choose.
    minute : ndarray of int, shape (commuters,)
        In which each leaves, counted from midnight.
    lived : list of sequence of RememberedDay
        Days that were alike, oldest first.
    by_trend : bool
        Whether people go by the trend; once they do they go on, since changing back would set off the swing again.
    remembers : int
        How many times days alike people look back at.
    """

    population: Population
    options: JourneyOptions
    waiting: WaitingSets
    preferences: PreferenceParameters
    able: IntArray
    minute: IntArray
    lived: list[Sequence[RememberedDay]] = field(default_factory=list)
    by_trend: bool = False
    remembers: int = 1

    @classmethod
    def of(
        cls, population: Population, options: JourneyOptions, waiting: WaitingSets, preferences: PreferenceParameters
    ) -> MinuteLearners:
        """Let people begin with their habit."""
        able = np.flatnonzero(population.journeys.rides & population.is_first)
        habit = _minute_of(population.habitual_departure_s)
        return cls(population, options, waiting, preferences, able, habit)

    @cached_property
    def _first_minute(self) -> int:
        """The first minute that anybody could leave in."""
        first, _ = self._bounds(self.able)
        return int(first.min()) if len(first) else 0

    @cached_property
    def _span(self) -> int:
        """How many minutes there are from it to the last one."""
        _, last = self._bounds(self.able)
        return int(last.max(initial=0)) - self._first_minute + 1

    def departures(self, place: FloatArray) -> FloatArray:
        """Return when each leaves, seconds after midnight.

        Parameters
        ----------
        place : ndarray of float, shape (commuters,)
            Where in the minute, as a share of it.
        """
        leave_s = quantize((self.minute + place) * MINUTE_S)
        habit_s = self.population.habitual_departure_s
        chooses = np.zeros(len(habit_s), dtype=np.bool_)
        chooses[self.able] = True
        return np.where(chooses & (self.minute != _minute_of(habit_s)), leave_s, habit_s)

    def gap(self, days: Sequence[RememberedDay], chance: ChoiceVariates) -> Gap:
        """Return what people could save who leave as they do now.

        Parameters
        ----------
        days : sequence of RememberedDay
            All with the minutes of departure that are asked about; the first half of them is set against the second.
        chance : ChoiceVariates
            Decides of whom it is measured.
        """
        if len(days) < 2 or not len(self.able):
            return Gap()
        who = self._asked(chance)
        minute = self._minutes(who, 1, np.zeros(len(who), dtype=np.int64))
        row, half = np.arange(len(who)), len(days) // 2
        first_min, second_min = (self._costs_min(who, minute, part) for part in (days[:half], days[half:]))
        # What is cheapest on some days is paid for on others: the cheapest of the same days is luck in part.
        pays_min = first_min[:, 0] + second_min[:, 0]
        might_min = second_min[row, first_min.argmin(axis=1)] + first_min[row, second_min.argmin(axis=1)]
        least_min = (first_min + second_min).min(axis=1)
        total_min = float(pays_min.sum())
        left_behind = left_behind_share(self.options, self.waiting, (who, self.population.journeys.option[who]), days)
        foreseen, hindsight = (float((pays_min - other).sum()) / total_min for other in (might_min, least_min))
        return Gap(foreseen, hindsight, left_behind)

    def notice(self, gap: Gap) -> None:
        """Let people go by the trend from now on where a queue leaves much to gain, and look back where chance rules.

        Nobody goes back to the mean, which would set off the next swing.

        Parameters
        ----------
        gap : Gap
            Measured last.
        """
        self.by_trend = self.by_trend or gap.is_of_a_queue
        by_chance = gap.hindsight_share > 2.0 * gap.foreseen_share
        self.remembers = MOST_REMEMBERED if by_chance else 1

    def seen(self, traffic: DayTraffic, held: DayTraffic, day: int) -> RememberedDay:
        """Return a day that people may come to remember; days are numbered from 0.

        Parameters
        ----------
        traffic, held : DayTraffic
            As one more commuter would meet it, and as the people of the day do.
        day : int
        """
        cases = (len(self.options.leg_ptr) - 1) * self._span
        kept = cases if cases <= MOST_CASES else 0
        journeys = (JourneysOfDay.unknown(each, kept) for each in (traffic, held))
        return RememberedDay((0.5 + day * GOLDEN) % 1.0, self.minute, *journeys)

    def live(self, days: Sequence[RememberedDay]) -> None:
        """Let people look at days that were alike, from which they think again."""
        self.lived = [*self.lived, days][-MOST_REMEMBERED:]

    def think_again(self, chance: ChoiceVariates, day: int) -> None:
        """Let some choose anew for the next day.

        Parameters
        ----------
        chance : ChoiceVariates
        day : int
            Days lived through so far, less one.
        """
        if not len(self.able):
            return
        if self.by_trend:
            before = self.minute
            self._go_by_trend(chance, day)
            self._keep_order(before, chance)
        else:
            self._go_by_mean(chance, day)

    def _asked(self, chance: ChoiceVariates) -> IntArray:
        return self.able[np.sort(np.argsort(chance.departure.offset[self.able], kind="stable")[:MOST_ASKED])]

    def _go_by_trend(self, chance: ChoiceVariates, day: int) -> None:
        """Move people by the costs of the last day, carried on as they changed since the day before."""
        able = self.able
        coin = chance.departure.within(group_rows(self.population.journeys.option[able], self.minute[able]), able)
        pays_min = float(np.median(self._costs_min(able, self.minute[able][:, None], self.lived[-1])))
        scale = TREND_MOVES / (1.0 + day / TREND_SLOWING_DAYS) / max(pays_min, 1.0)
        after = self.minute.copy()
        for first in range(0, len(able), AT_A_TIME):
            who = able[first : first + AT_A_TIME]
            minute = self._minutes(who, 1, np.zeros(len(who), dtype=np.int64))
            last_min, before_min = (
                self._costs_min(who, minute, lived) for lived in (self.lived[-1], self.lived[-2:][0])
            )
            known = np.isfinite(last_min)
            expected_min = np.full(minute.shape, np.inf)
            trend_min = TREND_DAYS * (last_min[known] - before_min[known])
            most_min = MOST_TREND_SHARE * pays_min
            expected_min[known] = last_min[known] + np.clip(trend_min, -most_min, most_min)
            gain_min = expected_min[:, :1] - expected_min
            gain_min = np.where(gain_min > LEAST_GAIN_MIN, gain_min, 0.0)
            away = np.maximum(np.abs(minute - minute[:, :1]), 1)
            share = scale * gain_min * (1.0 / away**2 + 1.0 / NEAR_MINUTES**2)
            total = share.sum(axis=1, keepdims=True)
            share *= np.minimum(total, MOST_MOVED) / np.maximum(total, LEAST_GAIN_MIN**2)
            column = (coin[first : first + AT_A_TIME, None] >= np.cumsum(share, axis=1)).sum(axis=1)
            moves = column < minute.shape[1]
            after[who[moves]] = minute[moves, column[moves]]
        self.minute = after

    def _keep_order(self, before: IntArray, chance: ChoiceVariates) -> None:
        """Let those who have not changed set right what they pay, each keeping their place in the queue."""
        able, days, traits = self.able, self.lived[-1], self.population.traits
        option, preferred_s = self.population.journeys.option[able], self.population.preferred_arrival_s[able]
        wish = np.floor(np.nan_to_num(preferred_s) / (ALIKE_MIN * MINUTE_S)).astype(np.int64)
        factors = traits.early_factor[able], traits.late_factor[able]
        feels = (np.unique(factor, return_inverse=True)[1] for factor in factors)
        paid_min = self._costs_min(able, before[able][:, None], days)[:, 0]
        met = met_by_people(self.options, self.waiting, (able, option), preferred_s, days)
        coin = chance.departure.within(group_rows(option, before[able]), able)
        later = minutes_later(paid_min, met, group_rows(option, wish, *feels), self.preferences.wait_weight, coin)
        kept = np.clip(before[able] + later, *self._bounds(able))
        after = self.minute.copy()
        after[able] = np.where(after[able] == before[able], kept, after[able])
        self.minute = after

    def _go_by_mean(self, chance: ChoiceVariates, day: int) -> None:
        """Let people change the rather the more they gain, by what minutes cost on days alike."""
        able, eagerness = self.able, EAGERNESS / (1.0 + day / SLOWING_DAYS)
        coin = chance.reconsiders.within(group_rows(self.population.journeys.option[able], self.minute[able]), able)
        looks = coin < min(eagerness, MOST_MOVED)
        who, coin, after = able[looks], coin[looks], self.minute.copy()
        for first in range(0, len(who), MOST_LOOKING):
            rows = slice(first, first + MOST_LOOKING)
            after[who[rows]] = self._changed(who[rows], coin[rows], chance, day)
        self.minute = after

    def _changed(self, who: IntArray, coin: FloatArray, chance: ChoiceVariates, day: int) -> IntArray:
        """Return the minutes of people who look at others by what those cost on days alike, their own or new ones."""
        eagerness = EAGERNESS / (1.0 + day / SLOWING_DAYS)
        row, days = np.arange(len(who)), [day for lived in self.lived[-self.remembers :] for day in lived]
        minute = self._minutes(who, STRIDE, (chance.reconsiders.offset[who] * STRIDE).astype(np.int64))
        cost_min = self._costs_min(who, minute, days[::2])
        # The first column is the minute they leave in now. Only what is cheaper may be drawn, so that people who have
        # found their best minute stay there (test_two_baselines.py::test_people_find_the_bus_that_suits_them_best).
        gain_min = cost_min[:, :1] - cost_min
        gain_min = np.where(gain_min > LEAST_GAIN_MIN, gain_min, 0.0)
        drawn = np.cumsum(gain_min ** (1.0 + day / SHARPENING_DAYS), axis=1)
        column = (chance.departure.uniform[who][:, None] * drawn[:, -1:] >= drawn).sum(axis=1)
        new = minute[row, np.minimum(column, minute.shape[1] - 1)]
        # Of what was cheapest on some days a part is luck: it counts by what it saves on the others.
        now_min, new_min = self._costs_min(who, np.stack([minute[:, 0], new], axis=1), days[1::2]).T
        gain_share = (now_min - new_min) / np.maximum(now_min, LEAST_GAIN_MIN)
        changes = (drawn[:, -1] > 0.0) & (gain_share > LEAST_GAIN_SHARE) & (coin < eagerness * gain_share)
        return np.where(changes, new, minute[:, 0])

    def _minutes(self, who: IntArray, stride: int, phase: IntArray) -> IntArray:
        """Return the minutes that people compare, their own first, shape (people, minutes)."""
        first, last = self._bounds(who)
        width = int((last - first).max(initial=0)) + 1
        spread = first[:, None] + phase[:, None] + np.arange(0, width, stride)
        now = self.minute[who][:, None]
        parts = [now, spread] if stride == 1 else [now, spread, now + np.array(NEXT_MINUTES)]
        return np.concatenate(parts, axis=1)

    def _bounds(self, who: IntArray) -> tuple[IntArray, IntArray]:
        """Return the first and the last minute in which each could leave; that of their habit is always one."""
        population = self.population
        habit = _minute_of(population.habitual_departure_s[who])
        first = np.ceil(population.earliest_departure_s[who] / MINUTE_S - 1e-9).astype(np.int64)
        last = np.floor(population.latest_departure_s[who] / MINUTE_S + 1e-9).astype(np.int64) - 1
        return np.minimum(first, habit), np.maximum(last, habit)

    def _costs_min(self, who: IntArray, minute: IntArray, days: Sequence[RememberedDay]) -> FloatArray:
        """Return what minutes would have cost people on some days, on average; infinite beyond their flexibility."""
        first, last = self._bounds(who)
        allowed = (minute >= first[:, None]) & (minute <= last[:, None]) & (minute >= 0)
        row, column = np.nonzero(allowed)
        code = self.population.journeys.option[who][row] * self._span + minute[row, column] - self._first_minute
        person = who[row]
        preferred_s, traits = self.population.preferred_arrival_s[person], self.population.traits
        factors = traits.early_factor[person], traits.late_factor[person]
        worth, option = traits.value_of_time_factor[person], self.population.journeys.option[person]
        total = np.zeros(len(row))
        for day in days:
            # Nobody stands in the queue twice: in their own minute people hold their place, elsewhere they are one more
            # (test_nobody_is_counted_twice_in_their_own_minute).
            own = minute[row, column] == day.minute[person]
            arrival_s, travel_min = self._journeys(day.extra, day.place, code)
            arrival_s[own], travel_min[own] = self._journeys(day.held, day.place, code[own])
            schedule_min = schedule_cost_min(self.preferences, arrival_s, preferred_s, *factors)
            total += travel_min + np.nan_to_num(schedule_min)
        cost_min = np.full(minute.shape, np.inf)
        cost_min[row, column] = total / max(len(days), 1) + fare_beyond_min(self.options, option, worth)
        return cost_min

    def _journeys(self, day: JourneysOfDay, place: float, case: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return arrivals and costs of cases on a day, traced where nobody has asked for them yet."""
        used = np.zeros(int(case.max(initial=-1)) + 1, dtype=np.bool_)
        used[case] = True
        distinct = np.flatnonzero(used)
        if not len(day.travel_min):
            at = (np.cumsum(used) - 1)[case]
            arrival_s, travel_min = self._traced(day.traffic, place, distinct)
            return arrival_s[at], travel_min[at]
        unknown = distinct[np.isnan(day.travel_min[distinct])]
        if len(unknown):
            day.arrival_s[unknown], day.travel_min[unknown] = self._traced(day.traffic, place, unknown)
        return day.arrival_s[case].astype(np.float64), day.travel_min[case].astype(np.float64)

    def _traced(self, traffic: DayTraffic, place: float, case: IntArray) -> tuple[FloatArray, FloatArray]:
        """Ride along on a day."""
        option, minute = np.divmod(case, self._span)
        leave_s = (self._first_minute + minute + place) * MINUTE_S
        lived = traffic.rides(self.options, self.waiting, option, leave_s)
        fare = self.options.fare_min
        fare_min = 0.0 if fare is None else fare[option]
        return lived.arrival_s, traffic.travel_min(self.preferences, lived, fare_min)


def _minute_of(departure_s: FloatArray) -> IntArray:
    return np.floor(departure_s / MINUTE_S).astype(np.int64)
