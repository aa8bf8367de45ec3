"""Import a made-up feed of five million stop times, and measure time and memory.

Usage: ``python benchmarks/large_feed.py [--stop-times 5000000] [--folder DIR]``. The feed is written
into the folder (a temporary one by default) once, then ``network import`` runs in a process of its
own, for all dates and for one date. Aim: two minutes and 6 GB on two cores.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

STOPS_PER_TRIP = 40
TRIPS_PER_ROUTE = 500
SERVICES = ("weekday", "weekday_school", "saturday", "sunday")


def clock(seconds: int) -> str:
    """Write seconds after midnight as HH:MM:SS."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def write_feed(path: Path, stop_times: int) -> None:
    """Write the feed: routes of 40 stops in a row on a grid of streets, every 100th time blank."""
    trips = stop_times // STOPS_PER_TRIP
    routes = max(trips // TRIPS_PER_ROUTE, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(
            "agency.txt", "agency_id,agency_name,agency_url,agency_timezone\na,A,https://example.org,UTC\n"
        )
        stops = (
            f"s{route}_{number},Stop {number} of {route},{40 + route * 0.002:.6f},{10 + number * 0.004:.6f}\n"
            for route in range(routes)
            for number in range(STOPS_PER_TRIP)
        )
        archive.writestr("stops.txt", "stop_id,stop_name,stop_lat,stop_lon\n" + "".join(stops))
        lines = (f"r{route},a,{route},,3\n" for route in range(routes))
        archive.writestr(
            "routes.txt", "route_id,agency_id,route_short_name,route_long_name,route_type\n" + "".join(lines)
        )
        days = ("1,1,1,1,1,0,0", "1,1,1,1,1,0,0", "0,0,0,0,0,1,0", "0,0,0,0,0,0,1")
        weeks = (f"{name},{flags},20260101,20261231\n" for name, flags in zip(SERVICES, days, strict=True))
        header = "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        archive.writestr("calendar.txt", header + "".join(weeks))
        rows = (
            f"r{trip % routes},{SERVICES[trip // routes % 4]},t{trip},{trip // routes % 2}\n" for trip in range(trips)
        )
        archive.writestr("trips.txt", "route_id,service_id,trip_id,direction_id\n" + "".join(rows))
        with archive.open("stop_times.txt", "w", force_zip64=True) as file:
            file.write(b"trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n")
            for trip in range(trips):
                file.write(rows_of_trip(trip, routes).encode())


def rows_of_trip(trip: int, routes: int) -> str:
    """Return the stop times of a trip; they leave between 05:00 and 23:00 and run up to 26:00."""
    route, backwards = trip % routes, trip // routes % 2
    start = 5 * 3600 + trip * 7919 % (18 * 3600)
    rows = []
    for number in range(STOPS_PER_TRIP):
        arrival = start + number * 95
        blank = 0 < number < STOPS_PER_TRIP - 1 and (trip + number) % 100 == 0
        times = "," if blank else f"{clock(arrival)},{clock(arrival + 20)}"
        place = STOPS_PER_TRIP - 1 - number if backwards else number
        rows.append(f"t{trip},{times},s{route}_{place},{number + 1},0,0\n")
    return "".join(rows)


def measure(feed: Path, out: Path, *options: str) -> tuple[float, float, float]:
    """Run the import; return seconds, seconds of processor time and the peak memory in GB."""
    code = "import sys; from sim.cli.main import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "network", "import", str(feed), "--out", str(out), *options]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    before = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - before
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return seconds, cpu, now.ru_maxrss / 1024**2


def main() -> None:
    """Read the command line, write the feed and print what was measured."""
    parser = argparse.ArgumentParser(description="Measure the import of a large feed.")
    parser.add_argument("--stop-times", type=int, default=5_000_000)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        feed = folder / f"large_{arguments.stop_times}.zip"
        if not feed.exists():
            write_feed(feed, arguments.stop_times)
        print(f"feed          {feed.stat().st_size / 1024**2:.0f} MB, {arguments.stop_times:,} stop times")
        # The smaller one first, because the peak of all processes so far is what can be read.
        for name, options in (("one weekday", ["--date", "2026-03-04"]), ("all dates", [])):
            seconds, cpu, peak_gb = measure(feed, folder / "net", *options)
            print(f"{name:<13} {seconds:.1f} s ({cpu:.1f} s of one processor), peak {peak_gb:.2f} GB")


if __name__ == "__main__":
    main()
