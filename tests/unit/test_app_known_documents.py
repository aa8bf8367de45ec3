"""The short way of documents in memory: the same answers as by the long one, and none that it should not give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.served import Served, write_comparison

RUN = "/api/v1/runs/served"
SHORT = ("/", "/board", "/static/board.js", f"{RUN}/indicators", f"{RUN}/network", f"{RUN}/loads?strategy=none")


class Cut:
    """The app of a test, whose long way can be cut off."""

    def __init__(self, root: Path) -> None:
        self.served = Served(root)
        # Of what Guard hands requests on to: the short way, and behind it the long one.
        self.short = self.served.app._app
        self.long = self.short._app

    def by_long_way(self, address: str, **options: Any) -> Any:
        """Ask past the short way."""
        self.served.app._app = self.long
        try:
            return self.served.ask(address, **options)
        finally:
            self.served.app._app = self.short

    def by_short_way(self, address: str, **options: Any) -> Any:
        """Ask where nothing but the short way answers; what it hands on is 599."""

        async def nobody(_scope: Any, _receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 599, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        self.short._app = nobody
        try:
            return self.served.ask(address, **options)
        finally:
            self.short._app = self.long


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Cut:
    found = Cut(write_comparison(tmp_path_factory.mktemp("known")).parent)
    for address in SHORT:
        assert found.by_long_way(address).status_code == 200
    return found


@pytest.mark.parametrize("address", SHORT)
@pytest.mark.parametrize("compressed", ["gzip", "identity"])
def test_what_is_known_is_sent_as_it_was_made(cut, address, compressed):
    asked = {"headers": {"accept-encoding": compressed}}
    short, long = cut.by_short_way(address, **asked), cut.by_long_way(address, **asked)
    assert short.status_code == long.status_code == 200
    assert short.content == long.content
    assert dict(short.headers) == dict(long.headers)
    known = {"headers": {"if-none-match": short.headers["etag"]}}
    again, by_long = cut.by_short_way(address, **known), cut.by_long_way(address, **known)
    assert again.status_code == by_long.status_code == 304
    assert dict(again.headers) == dict(by_long.headers)


@pytest.mark.parametrize(
    "address",
    [
        RUN,
        "/api/v1/runs",
        f"{RUN}/lines",
        f"{RUN}/indicators?x=1",
        f"{RUN}/loads",
        f"{RUN}/loads?strategy=nobody",
        f"{RUN}/loads?strategy=none&strategy=coordinated",
        f"{RUN}/loads?strategy=coordinated",
        f"{RUN}/vehicles?strategy=none&hour=7",
        f"{RUN}/windows?origin=a&destination=c&arrive_by=08:30",
        "/api/v1/runs/other/indicators",
        "/api/v1/runs/../indicators",
        "/api/v1/runs/served%2F..%2Fserved/indicators",
        "/static/../server.py",
    ],
)
def test_all_else_is_handed_on(cut, address):
    assert cut.by_short_way(address).status_code == 599


def test_other_methods_are_handed_on(cut):
    for method in ("HEAD", "POST", "DELETE"):
        assert cut.by_short_way("/", method=method).status_code == 599


def test_a_run_that_was_written_over_or_is_gone_is_not_given_from_memory(tmp_path):
    root = write_comparison(tmp_path).parent
    cut = Cut(root)
    address = f"{RUN}/indicators"
    assert cut.by_long_way(address).status_code == 200
    assert cut.by_short_way(address).status_code == 200
    summary = root / "served" / "summary.json"
    summary.write_text(summary.read_text(encoding="utf-8").replace("}", " }", 1), encoding="utf-8")
    assert cut.by_short_way(address).status_code == 599
    assert cut.by_long_way(address).status_code == 200
    (root / "served").rename(tmp_path / "away")
    assert cut.by_short_way(address).status_code == 599
    root.rename(tmp_path / "gone")
    assert cut.by_short_way(address).status_code == 599
