"""Stops as people name them."""

from __future__ import annotations

from sim.errors import UnknownNameError
from sim.loading.hints import did_you_mean, listed
from sim.loading.naming import names_of_stops, several
from sim.model.network import Network


def find_stop(network: Network, text: str, place: str) -> str:
    """Return the id of the stop of that id, or of the one stop of that name.

    Parameters
    ----------
    network : Network
    text : str
        An id, or a name in any case.
    place : str
        Where the text comes from, for the message.

    Raises
    ------
    UnknownNameError
        When there is no such stop, or several have that name.
    """
    text = str(text)  # Ids such as 12 are numbers to whoever writes them in Python.
    named = names_of_stops(network).called(text)
    if len(named) == 1:
        return named[0]
    if named:
        raise UnknownNameError(f"{place}: {several('stop', text, named)}")
    hint = did_you_mean(text, [*network.stop_id, *network.stop_name])
    count = len(network.stop_id)
    raise UnknownNameError(
        f"{place}: {text!r} is not a stop of {network.name}{hint}; its {count} stops: {listed(network.stop_id)}"
    )
