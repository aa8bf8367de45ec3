"""The app: a page for commuters, a board for planners and a JSON API, over the run folders of this program.

It reads tables, manifests and summaries, and knows neither engine nor advisor: what a commuter is told comes from a
`sim.app.questions.JourneyForecast` that is handed in (`sim.api.serving`). The web framework lives in this room alone.
"""

from __future__ import annotations

from sim.app.questions import JourneyForecast, JourneyQuestion
from sim.app.run_library import RunLibrary, ServedRun
from sim.app.serve import ServeSettings, listen, serve_forever
from sim.app.server import create_app

__all__ = [
    "JourneyForecast",
    "JourneyQuestion",
    "RunLibrary",
    "ServeSettings",
    "ServedRun",
    "create_app",
    "listen",
    "serve_forever",
]
