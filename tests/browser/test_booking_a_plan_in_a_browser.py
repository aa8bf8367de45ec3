"""Places of a run that holds a plan, as a commuter sees them before and after they take a time."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from browser.conftest import PHONE, served
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim

STATIC = Path(__file__).resolve().parents[2] / "sim" / "app" / "static"
WORDS = {name: json.loads((STATIC / f"{name}.json").read_text(encoding="utf-8")) for name in ("en", "zh")}


def settled(page) -> None:
    """Wait for the cards: places are counted anew after each time that is taken or given back."""
    page.wait_for_selector("#answer:not([hidden]):not([aria-busy=true])")


def cards(page) -> list[tuple[str, int]]:
    """Return the time on each card with how many places it says are left."""
    shown = page.locator(".window")
    times, said = shown.locator(".time").all_text_contents(), shown.locator(".taking p").all_text_contents()
    return [(time, int(re.search(r"\d+", text).group())) for time, text in zip(times, said, strict=True)]


def test_cards_that_are_shown_go_on_telling_what_is_left(visit, planned_address):
    """Windows lead to the same vehicles: the others went on telling what was left before one was taken, and the card of
    the one that was given back said that it was taken.
    """
    page = visit(planned_address).go("/?from=a&to=c&mode=by&time=07:10&earlier=30&later=30")
    page.wait_for_selector("#answer:not([hidden])")
    before = cards(page)
    first = page.locator(".window.first .taking")
    said = first.inner_text()
    first.locator("button").click()
    page.wait_for_selector("#taken:not([hidden])")
    settled(page)
    now = dict(cards(page))
    page.reload()
    page.wait_for_selector("#answer:not([hidden])")
    assert dict(cards(page)) == now != dict(before)
    page.click("#taken-list button")
    page.wait_for_selector("#taken[hidden]", state="attached")
    settled(page)
    assert cards(page) == before
    for _ in range(2):
        first.locator("button").click()
        page.wait_for_selector("#taken:not([hidden])")
        settled(page)
        assert first.locator("button").is_disabled()
        page.click("#taken-list button")
        page.wait_for_selector("#taken[hidden]", state="attached")
        settled(page)
        assert first.inner_text() == said


def test_places_that_were_counted_earlier_do_not_stand_over_later_ones(visit, planned_address):
    """A slow answer about the time that was taken came after the one about giving it back, and the card believed it."""
    page = visit(planned_address).go("/?from=a&to=c&mode=by&time=07:10&earlier=30&later=30")
    page.wait_for_selector("#answer:not([hidden])")
    before, late = cards(page), []

    def hold(route) -> None:
        if late:
            route.continue_()
        else:
            late.append((route, route.fetch()))

    page.route("**/windows?*", hold)
    page.locator(".window.first .taking button").click()
    page.wait_for_selector("#taken:not([hidden])")
    page.wait_for_function("document.getElementById('answer').ariaBusy === 'true'")
    page.click("#taken-list button")
    settled(page)
    assert cards(page) == before
    route, answer = late.pop()
    with page.expect_response("**/windows?*"):
        route.fulfill(response=answer)
    page.evaluate("() => new Promise((done) => setTimeout(done, 200))")
    assert cards(page) == before


def test_a_card_of_leaving_as_usual_says_when_no_place_is_left(visit, planned_address):
    """It said only that 0 places were left, and the answer above it to leave as usual and to take a place."""
    visitor, words, numbers = visit(planned_address, viewport=PHONE), WORDS["en"], []
    page = visitor.go("/?from=a&to=c&mode=by&time=07:50")
    page.wait_for_selector("#taken:not([hidden])")
    page.click("#taken-list button")
    page.wait_for_selector("#taken[hidden]", state="attached")
    settled(page)
    (hours, left), *_ = cards(page)
    assert words["tag_full"] not in page.inner_text(".window.first")
    bookings = f"{planned_address}/api/v1/runs/planned/bookings"
    asked = "origin=a&destination=c&arrive_by=07:50&earlier=60&later=60"
    known = visitor.context.request.get(f"{planned_address}/api/v1/runs/planned/windows?{asked}").json()
    start_s = known["usual_start_s"]
    wish = {"origin": "a", "destination": "c", "arrive_by": "07:50", "window_start_s": start_s}
    for _ in range(left):
        booked = visitor.context.request.post(bookings, data={**wish, "as_usual": True})
        numbers.append(booked.json()["booking_id"])
    page.reload()
    page.wait_for_selector("#taken:not([hidden])")
    settled(page)
    assert hours in page.inner_text(".window.first")
    assert words["tag_full"] in page.inner_text(".window.first")
    assert page.inner_text("#verdict") == words["verdict_stay_full"].replace("{usual}", hours)
    assert words["counted_without"] in page.inner_text(".window.first")
    page.click("#taken-list button")
    page.wait_for_selector("#taken[hidden]", state="attached")
    for number in numbers:
        visitor.context.request.delete(f"{bookings}/{number}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_whoever_walks_all_the_way_is_told_of_no_seat_and_no_places(visit, language, tmp_path):
    """They were told to find a seat, and of 1,000,000 places."""
    line = bus_line("L", ["a", "b"], [600], departures=[25200.0, 28800.0])
    stops = [{"id": "a", "x": 0, "y": 0}, {"id": "b", "x": 300, "y": 0}]
    scenario = world(
        [line],
        [flow("a", "b", 25200, 28800, 20)],
        {"bus": INSTANT_BUS},
        network={"lines": [line], "stops": stops},
        journeys={"longest_walk": 400},
    )
    sim.run(scenario).write(tmp_path / "walks")
    words = WORDS[language]
    with served(tmp_path) as address:
        page = visit(address, viewport=PHONE).go(f"/?from=a&to=b&mode=by&time=07:30&lang={language}")
        page.wait_for_selector("#answer:not([hidden])")
        card = page.locator(".window.first")
        assert words["on_foot"] in card.inner_text()
        assert not any(words[name] in card.inner_text() for name in ("level_seat", "seat", "first_vehicle"))
        assert card.locator(".taking p").inner_text() == ""
        card.locator("button.act").click()
        page.wait_for_selector("#taken:not([hidden])")
        settled(page)
        assert card.locator(".taking p").inner_text() == words["taken_on_foot"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_whoever_does_not_say_when_they_leave_reads_at_which_moments_to_stay(visit, planned_address, language):
    """Once they say it, the page tells them one thing: to leave as usual, or the window."""
    page = visit(planned_address, viewport=PHONE).go(f"/?from=a&to=c&mode=by&time=07:45&lang={language}")
    page.wait_for_selector("#answer:not([hidden])")
    asked = "origin=a&destination=c&arrive_by=07:45&earlier=60&later=60"
    answer = page.evaluate(f"async () => (await fetch('api/v1/runs/planned/windows?{asked}')).json()")
    told = page.inner_text("#verdict")
    assert answer["keep_between_s"]
    first_s, last_s = answer["keep_between_s"][0]
    clocks = [f"{int(time_s) // 3600:02d}:{int(time_s) % 3600 // 60:02d}" for time_s in (first_s, last_s)]
    assert " – ".join(clocks) in told
    parts = re.split(r"\{\w+\}", WORDS[language]["verdict_stay_if"])
    unless = re.split(r"\{\w+\}", WORDS[language]["verdict_move_unless"])
    assert all(part in told for part in parts) or all(part in told for part in unless)
    middle_s = int(first_s + last_s) // 2
    usual = f"{middle_s // 3600:02d}:{middle_s % 3600 // 60:02d}"
    said = visit(planned_address, viewport=PHONE).go(f"/?from=a&to=c&mode=by&time=07:45&usual={usual}&lang={language}")
    said.wait_for_selector("#answer:not([hidden])")
    assert said.inner_text("#verdict") == WORDS[language]["verdict_stay_told"]
