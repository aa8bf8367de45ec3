"""Whoever is told to leave as usual presses nothing: the page counts them, once, until they give it back."""

from __future__ import annotations

import pytest
from browser.conftest import PHONE
from browser.test_booking_a_plan_in_a_browser import WORDS, cards, settled

STAY = "/?from=a&to=c&mode=by&time=07:50"
"""A question whose answer is to leave as usual."""


def held(page) -> int:
    """Return how many bookings the server holds."""
    return page.evaluate("async () => (await fetch('api/v1/runs/planned/bookings')).json()")["booked"]


def counted(visitor, path: str = STAY):
    """Ask, and wait until the page has counted whoever asks."""
    page = visitor.go(path)
    page.wait_for_selector("#taken:not([hidden])")
    # From when a time is listed on, the cards are busy until they tell what is left.
    settled(page)
    return page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_leaving_as_usual_takes_one_of_the_places_that_its_card_shows(visit, planned_address, language):
    """168 were shown, and 134 once one was taken: those of the window in the middle of when people leave by habit.

    Asking takes one, giving it back frees one.
    """
    words, visitor = WORDS[language], visit(planned_address, viewport=PHONE)
    blank = visitor.go(f"/?lang={language}")
    before = held(blank)
    page = counted(visitor, f"{STAY}&lang={language}")
    card, (hours, left) = page.locator(".window.first"), cards(page)[0]
    assert words["why_usual"] in card.inner_text()
    assert words["counted"].split("{")[0] in card.inner_text()
    assert card.locator("button.act").is_hidden()
    # What is listed is the time that is on the card.
    assert f"a → c, {hours}" in page.inner_text("#taken-list")
    assert held(page) == before + 1
    page.click("#taken-list button")
    visitor.wait()
    assert page.locator("#taken").is_hidden()
    assert page.inner_text("#status") == words["given_back"]
    assert cards(page)[0] == (hours, left + 1)
    assert card.locator("button.act").is_visible()
    assert held(page) == before


def test_whoever_asks_again_is_counted_once(visit, planned_address):
    """Also where they ask while the page still counts them, and where they load it anew."""
    visitor = visit(planned_address)
    before = held(visitor.go("/"))
    page = counted(visitor)
    shown = cards(page)
    page.reload()
    visitor.wait()
    for _ in range(3):
        page.click("#ask button[type=submit]")
    visitor.wait()
    assert held(page) == before + 1
    assert page.locator("#taken-list li").count() == 1
    assert cards(page) == shown
    page.click("#taken-list button")
    visitor.wait()
    assert held(page) == before


def test_whoever_takes_another_time_after_all_is_counted_there_alone(visit, planned_address):
    visitor, words = visit(planned_address), WORDS["en"]
    before = held(visitor.go("/"))
    page = counted(visitor)
    usual, other = page.locator(".window").nth(0), page.locator(".window").nth(1)
    other.locator("button.act").click()
    visitor.wait()
    assert page.locator("#taken-list li").count() == 1
    assert other.locator(".time").inner_text() in page.inner_text("#taken-list")
    assert held(page) == before + 1
    assert words["counted"].split("{")[0] not in usual.inner_text()
    assert usual.locator("button.act").is_visible()
    # What they took stands, whatever they are told when they ask again.
    page.click("#ask button[type=submit]")
    visitor.wait()
    assert held(page) == before + 1
    page.click("#taken-list button")
    visitor.wait()
    assert held(page) == before


def test_where_the_server_refuses_to_count_they_can_do_it_themselves(visit, planned_address):
    visitor = visit(planned_address)
    refused = "Failed to load resource: net::ERR_FAILED"
    visitor.page.route("**/bookings", lambda route: route.abort())
    page = visitor.go(STAY)
    visitor.wait()
    assert page.locator("#taken").is_hidden()
    assert page.locator(".window.first button.act").is_enabled()
    assert visitor.complaints == [refused]
    visitor.complaints.clear()


def test_where_it_depends_on_the_moment_nobody_is_counted_without_being_asked(visit, planned_address):
    """The page does not know whether they keep to their moment or leave in the window that is told to all others."""
    visitor = visit(planned_address)
    before = held(visitor.go("/"))
    page = visitor.go("/?from=a&to=c&mode=by&time=07:45")
    visitor.wait()
    assert held(page) == before
    assert page.locator(".window.first button.act").is_visible()
