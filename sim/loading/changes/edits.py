"""What makes each kind of edit of a scenario."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

from sim.loading.changes.draft import Draft
from sim.loading.changes.lines import add_line
from sim.loading.changes.streets import change_street, move_stop
from sim.loading.changes.trips import add_trips, cancel_trips, change_headway, change_vehicle, retime_trips

Edit = Callable[[Draft, Any, int], None]

EDITS: Final = MappingProxyType[str, Edit](
    {
        "headway": change_headway,
        "add_trips": add_trips,
        "cancel_trips": cancel_trips,
        "retime_trips": retime_trips,
        "vehicle": change_vehicle,
        "move_stop": move_stop,
        "close_street": change_street,
        "slow_street": change_street,
        "new_line": add_line,
    }
)
"""By kind; the kinds are the keys of `service.changes`."""
