"""What the advisor answers to one person, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sim.report.numbers import format_number, to_number
from sim.units import format_clock_short


def answer_facts(
    answer: Mapping[str, Any], names: Mapping[str, str], lines: Mapping[str, str], currency: str = ""
) -> dict[str, str]:
    """Return an answer as names and values for the terminal.

    Parameters
    ----------
    answer : mapping
        As of `sim.AdviceAnswer.as_dict`.
    names, lines : mapping of str to str
        Names of stops, and of lines, by id.
    currency : str
        Of fares.
    """
    window = answer["window"]
    start, end = (format_clock_short(float(window[key])) for key in ("window_start_s", "window_end_s"))
    facts = {"booking": str(answer["booking_id"])} if answer["booking_id"] else {}
    usual = answer["usual"]
    facts |= _when(answer, f"{start} to {end}")
    if window["board_stop"]:
        due = format_clock_short(float(window["vehicle_due_s"]))
        stop = names.get(window["board_stop"], window["board_stop"])
        share = _percent(window["vehicle_share"])
        line = lines.get(window["line"], window["line"])
        facts["aim for"] = f"line {line} from {stop} at {due}; it is that one in {share} of cases"
    elif is_on_foot(window):
        facts["way"] = "all the way on foot"
    facts["door to door"] = (
        f"{_minutes(window['door_to_door_min'])}, riders differ by {_minutes(window['door_to_door_sd_min'])}; "
        f"{_sure(window)}"
    )
    if not is_on_foot(window):
        facts |= _on_board(window, names)
    if not math.isnan(to_number(window["on_time_share"])):
        facts["on time"] = f"{_percent(window['on_time_share'])} chance"
    if window["fare"] is not None:
        facts["fare"] = f"{format_number(float(window['fare']), 2)} {currency}".rstrip()
    if usual is not None and not usual["advised"]:
        facts["instead of"] = _instead(answer, usual)
    facts["for others"] = f"costs them {_minutes(answer['others_cost_min'])} in all"
    facts["places"] = _places(answer)
    return facts


def is_on_foot(option: Mapping[str, Any]) -> bool:
    """Tell whether a window is one for walking all the way: nothing there is about vehicles.

    Parameters
    ----------
    option : mapping
        As of `WindowOption.as_dict`. One from which nobody gets there has no line either.
    """
    return option.get("line") == "" and not to_number(option.get("lost_share")) >= 1.0


def _on_board(window: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Return what to expect of vehicles."""
    fullest = names.get(window["fullest_stop"], window["fullest_stop"])
    words = str(window["occupancy"]).replace("_", " ").lower()
    return {
        "crowding": f"{_percent(window['load_factor'])} full" + (f" after {fullest}" if fullest else "") + f": {words}",
        "seat": f"{_percent(window['seat_share'])} chance for the whole way",
        "first vehicle": f"{_percent(window['first_vehicle_share'])} chance that it takes you",
    }


def _places(answer: Mapping[str, Any]) -> str:
    """Return how many places are left, and where none is needed why."""
    if not answer["has_place"]:
        return "none was left; counted all the same"
    if is_on_foot(answer["window"]):
        return "none is needed on foot"
    if not answer["places"]:
        return "none is left, and none is needed: people with that wish leave then anyhow"
    return f"{answer['places_left']:,} of {answer['places']:,} left"


def _when(answer: Mapping[str, Any], window: str) -> dict[str, str]:
    """Return when to leave, where it depends on that by when one usually does."""
    usual, keep = answer["usual"], _spans(answer["keep_between_s"])
    stays = usual is not None and usual["advised"]
    if not keep:
        return {"leave": f"as usual, {_usually(usual)}" if stays else window}
    if not stays:
        return {"leave": window, "unless": f"you usually leave {keep}: then keep to it"}
    width_s = float(answer["window"]["window_end_s"]) - float(answer["window"]["window_start_s"])
    start_s = float(answer["else_start_s"])
    return {"leave": f"as usual, if that is {keep}", "or else": _spans([(start_s, start_s + width_s)])}


def _spans(between_s: Sequence[Sequence[float]]) -> str:
    """Return stretches of time in words."""
    return " or ".join(" to ".join(format_clock_short(float(time_s)) for time_s in span) for span in between_s)


def _instead(answer: Mapping[str, Any], usual: Mapping[str, Any]) -> str:
    """Return what the window advised is worth against leaving as usual; for oneself alone where there is no plan."""
    gain_min = float(usual["weighed_cost_min"]) - float(answer["weighed_cost_min"])
    if answer["keep_between_s"]:
        # Of whoever keeps to their moment where it is the better one.
        gains_min = [float(cost_min) - float(answer["weighed_cost_min"]) for cost_min in usual["moment_costs_min"]]
        gain_min = sum(max(gain_min, 0.0) for gain_min in gains_min) / len(gains_min)
    whom = "you" if answer["weighed_cost_min"] == answer["own_cost_min"] else "all, at the prices of the plan"
    if gain_min < 0.0:
        # Only these two come before the cost, see `WindowOffer.rank`.
        return f"leaving as usual, {_usually(usual)}: full or late on most days; {_minutes(-gain_min)} more for {whom}"
    return f"leaving as usual, {_usually(usual)}: {_minutes(gain_min)} less for {whom}"


def _usually(usual: Mapping[str, Any]) -> str:
    """Return when that is. Whoever did not say it may leave at another time than is supposed."""
    first, last = (format_clock_short(float(usual[key])) for key in ("earliest_s", "latest_s"))
    return f"at {first}" if usual["told"] else f"supposed {first} to {last} (--usual says when)"


def in_names(
    options: Sequence[Mapping[str, Any]], origin: str, stops: Mapping[str, str], lines: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return windows with the names on signs and vehicles, and the stop of boarding only where it is another one.

    Parameters
    ----------
    options : sequence of mapping
        As `WindowOption.as_dict` gives them.
    origin : str
        Stop that was asked for.
    stops, lines : mapping of str to str
        Names by id.
    """
    found = []
    for option in options:
        line, stop = str(option["line"]), str(option["board_stop"])
        named = {"line": lines.get(line, line), "board_stop": "" if stop == origin else stops.get(stop, stop)}
        found.append({**option, **named})
    return found


def _sure(window: Mapping[str, Any]) -> str:
    days, width = int(window["days_observed"]), to_number(window["door_to_door_half_width_min"])
    seen = f"{days} day{'' if days == 1 else 's'} observed"
    return seen if math.isnan(width) else f"mean known to \N{PLUS-MINUS SIGN}{format_number(width, 1)} min from {seen}"


def _minutes(value: Any) -> str:
    return f"{format_number(to_number(value), 1)} min"


def _percent(value: Any) -> str:
    return f"{format_number(to_number(value) * 100, 0)} %"


def best_for_each_vehicle(options: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return windows without those that lead to the same vehicle as a better one.

    Where windows are narrower than headways, most only differ in how long one waits.

    Parameters
    ----------
    options : sequence of mapping
        Best first; as `WindowOption.as_dict` gives them. Those without a vehicle, as of a walk, all stay.
    """
    seen: set[tuple[object, object, float]] = set()
    best = []
    for option in options:
        # At one moment a line may have a vehicle at each of two stops in reach.
        vehicle = option.get("line"), option.get("board_stop"), to_number(option.get("vehicle_due_s"))
        if vehicle not in seen:
            best.append(option)
        if not math.isnan(vehicle[2]):
            seen.add(vehicle)
    return best
