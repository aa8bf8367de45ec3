"""A browser, where this machine has one, and the app to look at."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from support.served import GENEROUS, write_comparison, write_planned

from sim.api.serving import forecast_of
from sim.app import RunLibrary, ServeSettings, create_app, listen

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PHONE = {"width": 360, "height": 740}
BUSY = "[aria-busy=true]"


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small comparison, one of whose stops has a name that a careless page would run as a script."""
    return write_comparison(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="session")
def address(run_folder: Path) -> Iterator[str]:
    """Where the app over that comparison listens."""
    with served(run_folder) as listens:
        yield listens


@pytest.fixture(scope="session")
def planned_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app over a run that holds a plan listens."""
    with served(write_planned(tmp_path_factory.mktemp("planned")).parent) as listens:
        yield listens


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Serve a folder in a thread; yields its address."""
    settings = ServeSettings(port=0)
    opened = listen(settings)
    app = create_app(RunLibrary(root), forecast_of, hosts=settings.hosts, limits=GENEROUS)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{opened.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=30)


# Of the module and not of the session: as long as it is open, an event loop runs in this thread, and whatever other
# test calls asyncio.run in the same process fails.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium; the test is skipped where there is none."""
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"needs a browser, one of {', '.join(BROWSERS)} (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
    assert asyncio._get_running_loop() is None


class Visitor:
    """A page of the browser, with all that it asked for and complained of.

    Parameters
    ----------
    browser
        Of playwright.
    base : str
        Address of the app.
    **settings
        Of the context: size, colours, language.
    """

    def __init__(self, browser: Any, base: str, **settings: Any) -> None:
        self.base = base
        self.context = browser.new_context(accept_downloads=True, **settings)
        self.context.set_default_timeout(60_000)
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.answered: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfinished", lambda request: self.answered.append(request.url))
        self.page.on("requestfailed", lambda request: self.answered.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        self.page.on(
            "console", lambda message: self.complaints.append(message.text) if message.type == "error" else None
        )

    def go(self, path: str) -> Any:
        """Open an address of the app and wait until it is quiet."""
        self.page.goto(self.base + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def wait(self) -> None:
        """Wait until all that was asked is answered, and nothing has been asked or answered for half a second since.

        What the page makes of an answer takes a slow machine longer than to get it, so that the page must say that its
        answer is not busy either. The page is quiet for its browser from when it was first so; what follows a click is
        not waited for.
        """
        known, now = None, (-1, -1)
        while known != now or now[1] < now[0] or self.page.query_selector(BUSY):
            known = now
            self.page.wait_for_timeout(500)
            now = (len(self.asked), len(self.answered))

    def outside(self) -> list[str]:
        """Return what was asked of other hosts."""
        own = (self.base, "blob:" + self.base, "data:")
        return [address for address in self.asked if not address.startswith(own)]


@pytest.fixture
def visit(chromium: Any, address: str) -> Iterator[Any]:
    """Open pages as different visitors; none may have asked another host, nor complained, at the end."""
    visitors: list[Visitor] = []

    def opened(base: str = address, **settings: Any) -> Visitor:
        visitors.append(Visitor(chromium, base, **settings))
        return visitors[-1]

    yield opened
    for visitor in visitors:
        visitor.context.close()
        assert visitor.outside() == []
        assert visitor.complaints == []
