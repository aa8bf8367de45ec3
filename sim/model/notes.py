"""What is to be said of a run, as keys with values, so that it can be said in another language as well.

The English sentence is what terminals, reports and manifests show. The board has the same sentences in Chinese, by the
same keys (tests/unit/test_app_words.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "optimum_exact": (
            "gap_to_optimum_share and saving_taken_share are measured against the system optimum itself, exact for "
            "this scenario: the least total cost of dealing people out to the vehicles of each day."
        ),
        "optimum_bound": (
            "gap_to_optimum_share and saving_taken_share are measured against a proven lower bound of the system "
            "optimum: everybody knows when vehicles come and waits for none, within their flexibility; room and "
            "crowding count; vehicles run at the least time that the day allows, held up by nobody who gets on; "
            "commuters that change vehicles meet neither wait, crowding nor schedule delay. Gaps are therefore at most "
            "what is shown, and the share of the possible saving at least."
        ),
        "without_discount": "{names} is run without a discount; give advisor.incentive.discounts or a preset",
        "more_than_volunteers": (
            "penetration {penetration} times compliance {compliance} lets {share} % of all commuters follow, more than "
            "paid volunteers have (about 20 %) in real programmes: {programmes}"
        ),
        "more_than_public": (
            "penetration {penetration} times compliance {compliance} lets {share} % of all commuters follow, more than "
            "the public has (2 to 10 %) in real programmes: {programmes}"
        ),
        "programmes": (
            "Melbourne's free trains before 7: 23 % of the users of the scheme, peak demand down by 1.2 to 1.5 % "
            "(Currie 2009/10); Singapore's free pre-peak travel 6 to 7 %; Hong Kong MTR Early Bird 2.5 % of trips; "
            "BART Perks 10 % of targeted riders; Dutch train experiment, paid volunteers, 22 % fewer peak trips (Peer, "
            "Knockaert, Verhoef 2015)"
        ),
        "advised_nobody": (
            "{name} advised nobody on {days} of {rehearsed} simulated days with advice: rehearsals did not show, with "
            "their 95 % interval, that its best plan is better than no advice."
        ),
        "compliance_seen": (
            "With {name} the advisor expected {first} % of the advised to follow on the first day with advice, and "
            "{last} % on the last; of those who were asked to leave at another time {kept} % did."
        ),
        "discount_missed": (
            "With {name} some leave at another time for a discount and miss it, {first} % on the first day on which "
            "anybody does and {last} % on the last: vehicles come later than on the days known before, which the "
            "movers that fill them may have caused."
        ),
        "of_people": "{people}: {said}",
        "people_habit": "People who leave by habit",
        "people_adapted": "Adapted commuters",
        "controlled_by": "vehicles were controlled by {name}, which was given from outside the scenario",
        "graph_changed": "Changed street graph: {change}.",
        "graph_more": "Changed street graph: {count} more changes are in the manifest.",
        "fares_left_out": (
            "Fares are no part of the generalized cost in these tables: what a discount saves a rider the operator "
            "loses. With {names}, riders who moved for a discount therefore appear with the cost of the other time "
            "alone; the fare and the value of time that they weigh it with are assumed."
        ),
        "width_for_nobody": "The advisor chose that windows are {width} min wide: nobody has a journey by vehicle.",
        "width_chosen": (
            "The advisor chose that windows are {width} min wide: vehicles leave stops {spread} min from their usual "
            "time (standard deviation over days), and the best window for each alone was to cost, by width, on days "
            "that did not serve to choose it, {costs} min; the widest is taken that costs next to nothing more than "
            "the best."
        ),
        "width_cost": "{width} min {cost}",
        "regret_bounded": (
            "With {names} nobody is advised a window that is forecast to cost them more than leaving as usual by more "
            "than {most} min; whoever lost more than that on the mean of days so far is asked for nothing that costs "
            "them anything until it has come down. What comes of it on a day may be worse: see the lasting and "
            "the largest regret."
        ),
        "regret_not_kept": (
            "With {name} the bound on regret of {most} min did not hold for 95 of 100 of those who left at another "
            "time: one in 20 lost more than {met} min, on the mean over {days}. Forecasts err, more so where queues "
            "are long, and on few days chance does. Those who stayed are not counted: they lose as well where others "
            "stand before them."
        ),
        "turns_taken": (
            "With {names} nobody is asked to do worse than by leaving as usual today whose window of yesterday was "
            "worse for them than that."
        ),
        "noisy_counts": (
            "The advisor sees counts with {law} noise at a privacy budget of epsilon {epsilon} for each commuter and "
            "day{total}, who enters at most {most} counts{small}. A strategy with _open in its name sees them without."
        ),
        "law_laplace": "discrete Laplace",
        "law_gaussian": "Gaussian (delta {delta})",
        "total_budget": ", {epsilon} over all days",
        "small_counts": "; noisy counts below {cell} are shown as 0",
        "some_counted": "Passengers are counted in {share} % of the vehicles only.",
        "goes_round": (
            "vehicles of line {line}, direction {direction}, that leave {start} go round by {by} to {end} from {first} "
            "to {last}."
        ),
        "goes_round_next": (
            "vehicles of line {line}, direction {direction}, that leave {start} go round by another link to {end} from "
            "{first} to {last}."
        ),
        "stops_missed": (
            "vehicles of line {line}, direction {direction}, that leave {start} miss {stops} from {first} to {last}: "
            "no open way leads there"
        ),
        "waits_before": (
            "vehicles of line {line}, direction {direction}, that leave {start} wait before the closed link to {end} "
            "from {first} to {last}"
        ),
        "out_of_reach": (
            "nobody {whom}can be advised another departure window: windows are {width} min wide (advisor.window), and "
            "people leave at most {earlier} min earlier and {later} min later than by habit, so that no other window "
            "fits; narrower windows do"
        ),
        "reaches_nobody": "nobody is advised: advisor.penetration is 0",
        "moves_nobody": "nobody follows advice: advisor.compliance is 0",
        "rounded_to_nobody": (
            "nobody travels on {flows} of {all} evenly placed flows, {commuters} commuters together: each has less "
            "than half a commuter; with placement: random fractions of a commuter are drawn instead"
        ),
        "advice_does_not_begin": (
            "nobody is advised: advice would begin with day {first} (advisor.first_day), and the last day is {last}"
        ),
        "no_day_with_advice": (
            "nobody is advised on the days that count: advice ended with day {last} (advisor.last_day), and what is "
            "shown is what remains of it"
        ),
        "some_days_with_advice": (
            "advice is given on {advised} of the {counted} days that count (advisor.first_day, advisor.last_day): "
            "figures are means over days with advice and days without"
        ),
        "of_class": "of class {name!r} ",
        "counts_seen": (
            "the advisor sees counts of {days} beside the simulated ones, with a weight of {share}; {known} of "
            "{visits} vehicles at stops are counted, what is not counted is as simulated; the vehicles that people "
            "ride are those of the simulation all the same"
        ),
        "one_day": "1 day",
        "several_days": "{number} days",
        "inline_network": "stops and lines are written in the scenario file",
        "schematic_stops": "positions of stops are schematic: drawn along the lines by running time",
        "assumed_lengths": "lengths of links are assumed: running time at 30 km/h",
        "synthetic_demand": (
            "demand.gravity: synthetic, {total} commuters a day whom nobody observed, between stops by the trips that "
            "call there, profile {profile}"
        ),
        "run_again": "finished pieces of the catalogue that had been altered or damaged were run again: {pieces}",
        "changed_in_scenario": "changed in the scenario: {change}",
        "edit_headway": "line {line}, direction {direction}, {hours}: trips {trips} in place of {before}",
        "edit_trips_more": "line {line}, direction {direction}: trips added: {trips}",
        "edit_trips_cancelled": "{which}: trips that do not run: {trips}",
        "edit_trips_retimed": "{which}: trips retimed: {trips}",
        "edit_vehicle": "{which}: trips run by {type}: {trips}",
        "edit_new_line": "new line {line} with {stops} stops: trips added: {trips}",
        "edit_street_closed": "street {start} to {end}: closed {hours}",
        "edit_street_slow": "street {start} to {end}: slow, at {factor} of the usual speed, {hours}",
        "edit_stop_moved": "stop {stop}: moved by {away} m",
        "trips_named": "trips {trips}",
        "trips_of_line": "line {line}, {hours}",
        "trips_of_direction": "line {line}, direction {direction}, {hours}",
        "all_day": "all day",
        "from_on": "from {first} on",
        "from_to": "from {first} to {last}",
        "line_misses": "line {line!r} direction {direction} misses {stops} between {start!r} and {end!r}",
        "line_ends": "line {line!r} direction {direction} ends at {end!r}: no way leads on to {stops}",
        "line_does_not_run": "line {line!r} direction {direction} does not run: no way leads on from {start!r}",
        "link_closed": "the link from {start!r} to {end!r} is closed",
        "link_new": "there is a new link from {start!r} to {end!r} of {length} m, {time} s",
        "link_time": "the link from {start!r} to {end!r} takes {time} s in place of {before} s",
        "link_length": "the link from {start!r} to {end!r} is {length} m long in place of {before} m",
        "link_signal": "the link from {start!r} to {end!r} has {signal} in place of {before}",
        "link_uses": "the link from {start!r} to {end!r} is for {uses!r} in place of {before!r}",
        "no_signal": "no signal",
        "signal_of": "a signal of {cycle} s, {green} green, offset {offset} s",
        "file_is": "{file}: {kind}",
        "kind_synthetic": "synthetic",
        "kind_derived": "derived",
        "kind_assumed": "assumed",
        "kind_schematic": "schematic",
        "kind_drawn": "schematic, synthetic",
        "kind_partly_assumed": "published and assumed",
        "kind_no_vehicle_types": "assumed: a feed has no vehicle types",
        "kind_of_counts": "synthetic: pairs of stops fitted to counts",
        "kind_of_nobody": "synthetic: no traveller was observed",
        "kind_unless": "synthetic: unless you say otherwise here",
        "stops_matched": (
            "{stops} stops lie off the streets and are matched to the nearest link: half of them at most {half} "
            "m away, the farthest {farthest} m ({stop}){far}"
        ),
        "stops_far": "; more than {away} m away, please check: {names}",
        "and_more": "{names} and more",
        "of_variant": "{variant}: {said}",
    }
)
"""Sentences by key, with the names of their values in braces."""


class Note(str):
    """A sentence that also says what it is made of.

    Attributes
    ----------
    key : str
        Of `SENTENCES`.
    values : dict of str to Any
        Texts, numbers, lists of names, and further notes.
    """

    __slots__ = ("key", "values")
    key: str
    values: dict[str, Any]

    def as_sentence(self) -> Note:
        """Return it with a capital letter and a full stop."""
        return _made(f"{self[:1].upper()}{self[1:]}.", self.key, self.values)

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep key and values between processes."""
        return _made, (str(self), self.key, self.values)


def _made(text: str, key: str, values: dict[str, Any]) -> Note:
    made = Note(text)
    made.key, made.values = key, values
    return made


def note(key: str, **values: Any) -> Note:
    """Return the sentence of a key.

    Parameters
    ----------
    key : str
        Of `SENTENCES`.
    **values
        Of the names in the sentence.
    """
    shown = {name: join_names(value) if isinstance(value, list) else value for name, value in values.items()}
    return _made(SENTENCES[key].format(**shown), key, values)


def join_names(names: list[str]) -> str:
    """Join names as a sentence does."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def words_of(said: object) -> Any:
    """Return key and values of a note, and of those in it, as JSON holds them; anything else as it is.

    Parameters
    ----------
    said : object
    """
    if isinstance(said, Note):
        return {"key": said.key, "values": {name: words_of(value) for name, value in said.values.items()}}
    return [words_of(one) for one in said] if isinstance(said, list) else said


def note_of(words: Mapping[str, Any]) -> Note:
    """Return the note that key and values are of, as `words_of` gives them."""
    return note(words["key"], **{name: _value_of(value) for name, value in words["values"].items()})


def _value_of(value: Any) -> Any:
    if isinstance(value, list):
        return [_value_of(one) for one in value]
    return note_of(value) if isinstance(value, Mapping) else value


def with_names(manifest: Mapping[str, Any], kind: str, names: Mapping[str, str]) -> list[str]:
    """Return the notes or warnings of a manifest with other names for what they speak of.

    Parameters
    ----------
    manifest : mapping
    kind : str
        `notes` or `warnings`.
    names : mapping of str to str
        What to call it, by the name that the run wrote down. Sentences that another version wrote stay as they are.
    """
    texts = [str(text) for text in manifest.get(kind, ())]
    words = manifest.get(f"{kind}_words")
    if not isinstance(words, list) or len(words) != len(texts):
        return texts
    return [_renamed(text, word, names) if word else text for text, word in zip(texts, words, strict=True)]


def _renamed(text: str, words: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if words["key"] not in SENTENCES:
        return text
    whole, renamed = note_of(words), note_of(_with_names(words, names))
    if text not in {str(whole), str(whole.as_sentence())}:
        return text
    return str(renamed if text == whole else renamed.as_sentence())


def _with_names(words: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return what a note is made of with other names; in what is said of a variant or of some people, too."""
    values = dict(words["values"])
    if "name" in values:
        values["name"] = names.get(values["name"], values["name"])
    if isinstance(values.get("names"), list):
        values["names"] = [names.get(name, name) for name in values["names"]]
    if words["key"] in ("of_variant", "of_people") and isinstance(values["said"], Mapping):
        values["said"] = _with_names(values["said"], names)
    return {**words, "values": values}


def held_back_notes(rehearsals: Mapping[str, Mapping[str, int]]) -> list[Note]:
    """Say where strategies advised nobody since no rehearsal showed a gain.

    Parameters
    ----------
    rehearsals : mapping
        Days `rehearsed` and `issued` by strategy, as in a manifest.
    """
    return [
        note("advised_nobody", name=name, days=found["rehearsed"] - found["issued"], rehearsed=found["rehearsed"])
        for name, found in rehearsals.items()
        if found["issued"] < found["rehearsed"]
    ]


def tell_words(manifest: dict[str, Any]) -> None:
    """Add to a manifest, or to what it says of a variant, what its notes and warnings are made of.

    None stands for a sentence that is made of nothing.

    Parameters
    ----------
    manifest : dict of str to Any
    """
    for name in [name for name in ("notes", "warnings") if name in manifest]:
        said = [words_of(text) if isinstance(text, Note) else None for text in manifest[name]]
        manifest[f"{name}_words"] = said
