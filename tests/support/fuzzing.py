"""Everything that reads what people hand over, as targets for input at random.

A target takes bytes. Whatever they are, it comes to an end or raises an error for the user (`sim.errors.SimError`);
anything else is a fault. Two drivers use the same targets and seeds: hypothesis (`tests/fuzz`), and atheris, which
looks for input that reaches new lines (`python -m fuzz.guided` in `tests`).
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import weakref
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import sim
from sim.errors import SimError
from sim.experiments.sweep_points import parse_vary
from sim.loading.demand_making.counts import demand_of_counts
from sim.loading.demand_making.od_table import demand_of_table
from sim.loading.demand_making.profiles import find_profile
from sim.loading.feeds.streets import read_streets
from sim.loading.network_folder import LoadedNetwork, load_network
from sim.loading.observations import read_observations
from sim.loading.scenario import load_scenario
from sim.records.catalogue import Catalogue, Finished
from sim.records.folder import read_run_folder
from sim.report.html import render_report
from support.command import TINY
from support.small_feed import FEED, write_feed
from support.small_network import FILES, SCENARIO, write_network

if TYPE_CHECKING:
    from support.served import Served

TOKENS: tuple[bytes, ...] = (
    *(b"", b"\x00", b"\xff", b"\n", b"\r", b",", b";", b":", b"'", b'"', b"-", b"#"),
    *(b"&a ", b"*a", b"!!python/name:os"),
    *(b"[", b"]", b"{", b"}", b"0", b"-1", b"1e308", b"1e-308", b"NaN", b"inf", b"99999999999", b"0x1F", b"07"),
    *(b"25:61", b"30:00:00", b"~", b"null", b"true", b"A", b"B", b"t1", b"R", b"week", b"20240230", b"1 h", b"km/h"),
    *(b"\xe2\x80\xae", b"\xef\xbb\xbf", b"=1+1", b"<b>", b"$(x)", b"../..", b"id", b"stops", b"6:30", b"A" * 300),
)
"""What is put into seeds: marks of the formats, numbers at the edge, names that are there, text that is hostile."""


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes
    ----------
    read : callable
        Takes bytes.
    seeds : tuple of bytes
        Good input, from which edits begin.
    """

    read: Callable[[bytes], Any]
    seeds: tuple[bytes, ...]

    def __call__(self, data: bytes) -> None:
        """Read; errors for the user are what should come of bad input."""
        with contextlib.suppress(SimError):
            self.read(data)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


def _scenario(data: bytes) -> None:
    with _folder() as place:
        (place / "s.yaml").write_bytes(data)
        load_scenario(place / "s.yaml")


def _setting(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    with contextlib.suppress(SimError):
        parse_vary(text)
    with _folder() as place:
        (place / "s.yaml").write_text(SCENARIO, encoding="utf-8")
        load_scenario(place / "s.yaml", [text])


def _table_of(files: dict[str, str], write: Callable[..., Path], data: bytes) -> None:
    """Read a network of which the table that the first line names is what follows."""
    name, _, table = data.partition(b"\n")
    chosen = name.decode("utf-8", errors="replace")
    names = list(files)
    with _folder() as place:
        load_network(write(place, {chosen if chosen in files else names[len(name) % len(names)]: table}))


def _seeds_of(files: dict[str, str]) -> tuple[bytes, ...]:
    return tuple(f"{name}\n{text}".encode() for name, text in files.items())


MORE_OF_A_FEED = {
    "frequencies.txt": "trip_id,start_time,end_time,headway_secs\nt1,06:00:00,07:00:00,600\n",
    "transfers.txt": "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nA,B,2,120\n",
    "calendar_dates.txt": "service_id,date,exception_type\nweek,20240102,2\n",
    "shapes.txt": "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\ns,1,10,1\ns,1.01,10,2\n",
    "fare_attributes.txt": "fare_id,price,currency_type,payment_method,transfers\nf,1.5,EUR,0,\n",
    "fare_rules.txt": "fare_id,route_id\nf,R\n",
}


def _zip(data: bytes) -> None:
    with _folder() as place:
        (place / "feed.zip").write_bytes(data)
        load_network(place / "feed.zip")


def _zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in FEED.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@cache
def _small() -> LoadedNetwork:
    with _folder() as place:
        return load_network(write_network(place))


def _od(data: bytes) -> None:
    with _folder() as place:
        (place / "od.csv").write_bytes(data)
        demand_of_table(place / "od.csv", find_profile("flat"), _small().network, np.arange(3), None)


def _counts(data: bytes) -> None:
    with _folder() as place:
        (place / "counts.csv").write_bytes(data)
        demand_of_counts(place / "counts.csv", _small().network, _small().service)


def _observed(data: bytes) -> None:
    with _folder() as place:
        (place / "o.csv").write_bytes(data)
        file, is_times = place / "o.csv", data.startswith(b"from")
        read_observations(("A", "B", "C"), None if is_times else file, file if is_times else None)


@cache
def _run() -> dict[str, bytes]:
    """Return the files of the run folder of a small comparison with people of habit and with adapted ones."""
    with _folder() as place:
        (place / "tiny.yaml").write_text(TINY, encoding="utf-8")
        keys = ["days=2", "baselines=[habit, adapted]"]
        result = sim.compare(place / "tiny.yaml", ["none", "individual"], replications=1, overrides=keys)
        result.write(place / "run")
        files = [path for path in (place / "run").rglob("*") if path.is_file()]
        return {path.relative_to(place / "run").as_posix(): path.read_bytes() for path in files}


def _run_folder(data: bytes) -> None:
    """Read and report a run whose manifest or summary, as the first byte says, is what follows."""
    with _folder() as place:
        for name, content in _run().items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)
        (place / ("summary.json" if data[:1] == b"s" else "manifest.json")).write_bytes(data[1:])
        folder = read_run_folder(place)
        render_report(folder.manifest, folder.summary, folder.tables())


def _run_seeds() -> tuple[bytes, ...]:
    manifest, summary = (_run()[name] for name in ("manifest.json", "summary.json"))
    # Without line ends and blanks: edits then meet keys and values more often.
    return tuple(
        mark + json.dumps(json.loads(text), separators=(",", ":")).encode()
        for mark, text in ((b"m", manifest), (b"s", summary))
    )


def _catalogue(data: bytes) -> None:
    with _folder() as place:
        (place / "sweep.sqlite").write_bytes(data)
        with Catalogue(place / "sweep.sqlite", shared=True) as catalogue:
            found = catalogue.find("key")
            assert found is None or found.metrics == {"mean_wait_min": 4.5}
            catalogue.store("other", _PIECE)


@cache
def _stored() -> bytes:
    with _folder() as place:
        with Catalogue(place / "sweep.sqlite", shared=True) as catalogue:
            catalogue.store("key", _PIECE)
        return (place / "sweep.sqlite").read_bytes()


_PIECE = Finished("individual", 0, {"mean_wait_min": 4.5}, np.zeros((2, 1)))


@cache
def _app() -> Served:
    from support.served import Served, write_comparison

    # Places are counted in memory and the tables are read as they are asked for, so the folder has to stay.
    place = tempfile.TemporaryDirectory()
    served = Served(write_comparison(Path(place.name)))
    weakref.finalize(served, place.cleanup)
    return served


def _request(data: bytes) -> None:
    """Send a request: method, address and headers in the first line, by blanks, then the body.

    An answer of the server's own fault is one of the program.
    """
    first, _, body = data.partition(b"\n")
    method, _, rest = first.partition(b" ")
    address, *headers = rest.split(b" ")
    path, _, query = address.partition(b"?")
    status, sent, answer = _app().send(
        method.decode("latin-1") or "GET",
        path,
        query,
        [(header.partition(b":")[0], header.partition(b":")[2]) for header in headers],
        body,
    )
    assert status < 500, (status, answer)
    assert "content-security-policy" in sent
    assert b"Traceback" not in answer


_API = b"/api/v1/runs/served"
REQUESTS = (
    b"GET " + _API + b"/windows?origin=a&destination=c&arrive_by=08:30&earlier=30&later=30",
    b"GET " + _API + b"/vehicles?strategy=none&hour=8",
    b"GET " + _API + b"/trip-updates.pb?strategy=coordinated&at=08:00&date=2026-01-05",
    b"GET /api/v1/runs if-none-match:* accept-encoding:gzip",
    b"POST " + _API + b"/bookings content-type:application/json\n"
    b'{"origin": "a", "destination": "c", "leave_after": "07:00", "window_start_s": 25200}',
    b"DELETE " + _API + b"/bookings/1",
    b"HEAD /board?a=none&b=coordinated",
)


def _streets(data: bytes) -> None:
    """Read streets, as GeoJSON where the input begins like it and as GraphML elsewhere."""
    with _folder() as place:
        file = place / ("streets.geojson" if data[:1] in (b"{", b"[") else "streets.graphml")
        file.write_bytes(data)
        read_streets(file)


GEOJSON = (
    b'{"type":"FeatureCollection","features":['
    b'{"type":"Feature","properties":{"highway":"primary","oneway":"yes","maxspeed":"50"},'
    b'"geometry":{"type":"LineString","coordinates":[[10,1],[10.01,1],[10.02,1.01]]}},'
    b'{"type":"Feature","properties":{"highway":["service","motorway"],"length":100},'
    b'"geometry":{"type":"MultiLineString","coordinates":[[[10.01,1],[10.01,1.02]]]}},'
    b'{"type":"Feature","properties":{"from_stop_id":"A","to_stop_id":"B","length_m":1500.5},'
    b'"geometry":{"type":"LineString","coordinates":[[10,1,3],[10.02,1.01,4]]}},'
    b'{"type":"Feature","properties":{"stop_id":"A"},"geometry":{"type":"Point","coordinates":[10,1]}}]}'
)
GRAPHML = (
    b'<?xml version="1.0" encoding="utf-8"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    b'<key id="x" for="node" attr.name="x" attr.type="double"/>'
    b'<key id="y" for="node" attr.name="y" attr.type="double"/>'
    b'<key id="l" for="edge" attr.name="length" attr.type="double"/>'
    b'<key id="o" for="edge" attr.name="oneway" attr.type="string"/>'
    b'<key id="s" for="edge" attr.name="maxspeed" attr.type="string"/>'
    b'<key id="g" for="edge" attr.name="geometry" attr.type="string"/>'
    b'<graph edgedefault="directed"><node id="1"><data key="x">10</data><data key="y">1</data></node>'
    b'<node id="2"><data key="x">10.01</data><data key="y">1</data></node>'
    b'<edge source="1" target="2"><data key="l">1112.5</data><data key="o">False</data><data key="s">50</data>'
    b'<data key="g">LINESTRING (10 1, 10.005 1.001, 10.01 1)</data></edge></graph></graphml>'
)
OD = b"origin_stop_id,destination_stop_id,commuters\nA,B,10\nA,C,5.5\n"
COUNTS = b"""line_id,direction_id,stop_id,period_start,period_end,boardings,alightings
R,0,A,07:00:00,08:00:00,10,0
R,0,B,07:00:00,08:00:00,2,4
R,0,C,07:00:00,08:00:00,0,8
"""
OBSERVED = b"stop_id,time,boardings\nA,07:00:00,3\n"
RUNNING = b"from_stop_id,to_stop_id,departure,running_time_s\nA,B,07:00:00,300\n"
SETTINGS = (
    b"advisor.penetration=0.3",
    b"demand.flows.0.origin=A",
    b"period=15 min",
    b"service.vehicles.bus={seats: 3, capacity: 5}",
)


def targets() -> dict[str, Callable[[], Target]]:
    """Return how to make each target, by name; making one may simulate."""
    feed = {**FEED, **MORE_OF_A_FEED}
    return {
        "scenario": lambda: Target(_scenario, (SCENARIO.encode(), TINY.encode())),
        "setting": lambda: Target(_setting, SETTINGS),
        "feed": lambda: Target(lambda data: _table_of(feed, write_feed, data), _seeds_of(feed)),
        "zip": lambda: Target(_zip, (_zipped(),)),
        "folder": lambda: Target(lambda data: _table_of(FILES, write_network, data), _seeds_of(FILES)),
        "od": lambda: Target(_od, (OD,)),
        "counts": lambda: Target(_counts, (COUNTS,)),
        "observations": lambda: Target(_observed, (OBSERVED, RUNNING)),
        "run_folder": lambda: Target(_run_folder, _run_seeds()),
        "catalogue": lambda: Target(_catalogue, (_stored(),)),
        "streets": lambda: Target(_streets, (GEOJSON, GRAPHML)),
        "app": lambda: Target(_request, REQUESTS),
    }
