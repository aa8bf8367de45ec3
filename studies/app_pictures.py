"""Pictures of the app's pages for docs/app.md, taken by Debian's Chromium.

    make pictures

A comparison of `xiamen_brt2_surge` is made, served and looked at on a phone and on a desk, light and dark.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
from pathlib import Path
from typing import Any, Final

import uvicorn

import sim
from sim.api.serving import forecast_of
from sim.app import RunLibrary, ServeSettings, create_app, listen

ROOT: Final = Path(__file__).resolve().parent.parent
PHONE: Final = {"width": 360, "height": 740}
DESK: Final = {"width": 1280, "height": 860}
ASKED: Final = "from=3&to=22&mode=by&time=08:30&earlier=60&later=60"
BESIDE: Final = "a=none&b=coordinated&s=29700"
PICTURES: Final[tuple[tuple[str, Any, Any, str], ...]] = (
    ("app-commuter-phone", PHONE, "light", f"/?{ASKED}&lang=en"),
    ("app-commuter-phone-dark-zh", PHONE, "dark", f"/?{ASKED}&lang=zh"),
    ("app-board", DESK, "light", f"/board?{BESIDE}&lang=en"),
    ("app-board-dark", DESK, "dark", f"/board?{BESIDE}&lang=en"),
)
"""Name of the file, size of the window, colours and address."""


def main() -> None:
    """Take all pictures."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("needs Chromium (Debian: apt-get install chromium)")
    with tempfile.TemporaryDirectory() as scratch:
        run = Path(scratch) / "xiamen_brt2_surge"
        sim.compare("xiamen_brt2_surge", ["none", "coordinated"], replications=10, jobs="auto").write(run)
        settings = ServeSettings(port=0)
        opened = listen(settings)
        server = _served(run, opened, settings)
        address = f"http://127.0.0.1:{opened.getsockname()[1]}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            for name, size, scheme, path in PICTURES:
                page = browser.new_page(viewport=size, color_scheme=scheme, locale="en-GB")
                page.goto(address + path)
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(1000)
                wanted = "#answer" if path.startswith("/?") else "#maps"
                page.locator(wanted).scroll_into_view_if_needed()
                if path.startswith("/?"):
                    page.evaluate("document.getElementById('answer-title').scrollIntoView()")
                page.screenshot(path=ROOT / "docs" / f"{name}.png")
            browser.close()
        server.should_exit = True


def _served(run: Path, opened: socket.socket, settings: ServeSettings) -> uvicorn.Server:
    """Serve a run in a thread."""
    app = create_app(RunLibrary(run), forecast_of, hosts=settings.hosts)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True).start()
    return server


if __name__ == "__main__":
    main()
