"""The pages as people use them: by keyboard, on a phone, in two languages, with a screen reader's eyes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from browser.conftest import PHONE
from support.served import HOSTILE

STATIC = Path(__file__).resolve().parents[2] / "sim" / "app" / "static"
WORDS = {name: json.loads((STATIC / f"{name}.json").read_text(encoding="utf-8")) for name in ("en", "zh")}
ANSWER = "/?from=a&to=c&mode=by&time=08:30&earlier=60&later=60"

VIEWS = {"commuter": ANSWER, "board": "/board?a=none&b=coordinated", "about": "/about", "programs": "/api"}


def until(page, wanted: str) -> None:
    """Wait until an expression is true; the page's policy lets no waiting script of playwright in."""
    for _ in range(600):
        if page.evaluate(wanted):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true: {wanted}")


def tab_to(page, wanted: str) -> None:
    """Press Tab until something has the focus, as somebody without a mouse does."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


def choose_stop(page, end: str, text: str) -> None:
    tab_to(page, f"#{end}")
    page.keyboard.type(text)
    page.wait_for_selector(f"#{end}-list:not([hidden])")
    page.keyboard.press("ArrowDown")
    assert page.get_attribute(f"#{end}", "aria-activedescendant") == f"{end}-0"
    page.keyboard.press("Enter")
    assert page.is_hidden(f"#{end}-list")


def places_left(page) -> list[int]:
    """Return how many places each window shown has left."""
    return [int(re.search(r"\d+", text).group()) for text in page.locator(".window .taking p").all_text_contents()]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_commuter_finds_and_takes_a_time_by_keyboard_on_a_phone(visit, language):
    visitor = visit(viewport=PHONE)
    page = visitor.go(f"/?lang={language}")
    words = WORDS[language]
    assert page.get_attribute("html", "lang").startswith(language)
    choose_stop(page, "from", "a")
    choose_stop(page, "to", "c")
    # At the end of the peak: vehicles leave full until half past nine, and have room after it.
    page.fill("#time", "10:00")
    tab_to(page, "#ask button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer:not([hidden])")
    # Whoever is told to leave as usual is counted after the answer.
    visitor.wait()
    assert page.inner_text("#answer-title") == words["answer_title"].replace("{from}", "a").replace("{to}", "c")
    assert page.evaluate("document.activeElement.id") == "answer-title"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    card = page.inner_text(".window")
    for key in ("door_to_door", "seat", "first_vehicle", "on_time", "sure", "others"):
        assert words[key] in card
    assert page.locator("#table tbody tr").count() == page.locator("#chart rect").count()
    left = places_left(page)
    assert 0 in left
    # Whoever goes on leaving as usual takes no place from others, as nobody here is advised.
    cards = page.locator(".window").all_text_contents()
    open_window = next(number for number, n in enumerate(left) if n > 0 and words["why_usual"] not in cards[number])
    tab_to(page, f".window:nth-child({open_window + 1}) .taking button")
    page.keyboard.press("Enter")
    visitor.wait()
    assert page.locator("#taken-list li").count() == 1
    others = left[open_window] - 1
    one_or_more = rf"{others} \{1 if others == 1 else 2}"
    expected = re.sub(r"\{n\|(.*?)\|(.*?)\}", one_or_more, words["taken"]).replace("{n}", str(others))
    assert page.inner_text("#status") == expected
    assert places_left(page)[open_window] == left[open_window] - 1
    assert "from=a" in page.url
    assert "lang" in page.url
    page.keyboard.press("Home")
    tab_to(page, "#taken-list button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#taken[hidden]", state="attached")
    assert page.inner_text("#status") == words["given_back"]
    page.reload()
    page.wait_for_selector("#answer:not([hidden])")
    visitor.wait()
    assert places_left(page) == left


def test_an_address_holds_the_whole_question(visit):
    page = visit().go("/?from=b&to=%3Cscript%3Ealert(1)%3C%2Fscript%3E&mode=after&time=07:15&earlier=30&later=45")
    page.wait_for_selector("#answer:not([hidden])")
    assert page.input_value("#to") == HOSTILE
    assert page.input_value("#mode") == "after"
    assert page.input_value("#time") == "07:15"
    assert page.input_value("#earlier") == "30"
    assert HOSTILE in page.inner_text("#answer-title")
    assert page.locator("main script").count() == 0
    # Whoever wishes to leave after some time has not to say when they usually leave.
    assert page.is_hidden("#usual")


def test_who_says_when_they_usually_leave_is_answered_from_there(visit):
    visitor = visit(viewport=PHONE)
    page = visitor.go(ANSWER)
    page.wait_for_selector("#answer:not([hidden])")
    assert WORDS["en"]["basis"].split("{")[1].split("}")[1].strip() in page.inner_text("#answer-basis")
    page.fill("#usual", "07:50")
    page.click("#ask button[type=submit]")
    until(page, "document.getElementById('answer-basis').textContent.includes('You usually leave 07:45')")
    assert "usual=07%3A50" in page.url
    usual = [card for card in page.locator(".windows .window").all_text_contents() if WORDS["en"]["tag_usual"] in card]
    assert any(WORDS["en"]["why_usual_told"] in card for card in usual)
    page.reload()
    page.wait_for_selector("#answer:not([hidden])")
    assert page.input_value("#usual") == "07:50"
    page.select_option("#mode", "after")
    assert page.is_hidden("#usual")
    page.select_option("#mode", "by")
    page.fill("#usual", "11:50")
    page.click("#ask button[type=submit]")
    # The status first says that times are looked for.
    until(page, "document.getElementById('status').textContent.includes('Is one of them mistyped?')")
    assert page.is_hidden("#answer")
    assert page.inner_text("#status") == WORDS["en"]["error_usual_too_late"]
    assert all("404" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


def with_fares(route, fares) -> None:
    """Answer as the app does, with other fares: the scenario of these tests has none."""
    answer = route.fetch().json()
    for window, fare in zip(answer["windows"], fares(answer["windows"]), strict=True):
        window["fare"] = fare
    route.fulfill(json={**answer, "currency": "CNY"})


def judged(route, verdict: str) -> None:
    """Answer as the app does, with one verdict on all windows but the usual one."""
    answer = route.fetch().json()
    for window in answer["windows"]:
        if not window["usual"]:
            window |= {"verdict": verdict, "useful": verdict.startswith("better")}
    answer["windows"].sort(key=lambda window: (not window["useful"], not window["usual"]))
    route.fulfill(json=answer)


@pytest.mark.parametrize(
    ("verdict", "said", "usual"),
    [
        ("better", "verdict_move", ""),
        ("better_for_all", "verdict_move_for_all", ""),
        ("dearer", "verdict_stay", ""),
        ("not_for_all", "verdict_stay_told", "&usual=08:16"),
    ],
)
def test_the_first_sentence_says_what_to_do_and_for_whom(visit, verdict, said, usual):
    """Whoever has not said when they usually leave is told a time also where others with their wish leave then."""
    visitor = visit()
    visitor.page.route("**/windows?*", lambda route: judged(route, verdict))
    page = visitor.go(ANSWER + usual)
    page.wait_for_selector("#answer:not([hidden])")
    span = page.locator(".window .time").first.inner_text()
    expected = re.sub(r"\{\w+\}", span, WORDS["en"][said])
    assert page.inner_text("#verdict") == expected
    tags = page.locator(".window .tag").all_inner_texts()
    assert WORDS["en"]["tag_smallest" if verdict == "better" else f"tag_{verdict}"] in tags


def test_fares_are_told_where_they_differ(visit):
    visitor = visit()
    visitor.page.route("**/windows?*", lambda route: with_fares(route, lambda windows: [5.0 for _ in windows]))
    page = visitor.go(ANSWER)
    page.wait_for_selector("#answer:not([hidden])")
    assert "Fare" not in page.inner_text("#answer")
    visitor = visit()
    visitor.page.route(
        "**/windows?*",
        lambda route: with_fares(route, lambda windows: [5.0 if window["usual"] else 2.5 for window in windows]),
    )
    page = visitor.go(ANSWER)
    page.wait_for_selector("#answer:not([hidden])")
    cards = page.locator("#windows .window").all_inner_texts()
    usual = [card for card in cards if WORDS["en"]["why_usual"] in card]
    others = [card for card in cards if card not in usual]
    assert all("5.00 CNY" in card and "than usual" not in card.split("Fare")[1].split("How sure")[0] for card in usual)
    assert all("2.50 CNY" in card and "2.50 less than usual" in card and "2.50 CNY cheaper" in card for card in others)
    assert others
    page.click("text=" + WORDS["en"]["as_table"] + " >> nth=-1")
    assert page.locator("#table thead th").last.inner_text() == "Fare"
    assert page.locator("#table tbody tr.usual td").last.inner_text() == "5.00 CNY"


def test_a_window_that_is_better_by_when_one_arrives_says_so(visit):
    """Alike but for 8 minutes less before the time wished, which the cost counts; "much as usual" was no answer."""

    def arriving_later(route) -> None:
        answer = route.fetch().json()
        (usual,) = [window for window in answer["windows"] if window["usual"]]
        alike = ("door_to_door_min", "load_factor", "denied_share", "on_time_share")
        for window in answer["windows"]:
            window.update({key: usual[key] for key in alike})
            later_min = (window["window_start_s"] - usual["window_start_s"]) / 60
            window["door_to_door_min"] -= 0 if window["usual"] else later_min - 8
        answer["arrive_by_s"] = usual["window_end_s"] + 60 * (usual["door_to_door_min"] + 20)
        route.fulfill(json=answer)

    visitor = visit()
    visitor.page.route("**/windows?*", arriving_later)
    page = visitor.go(ANSWER)
    page.wait_for_selector("#answer:not([hidden])")
    others = [
        card for card in page.locator("#windows .window").all_inner_texts() if WORDS["en"]["why_usual"] not in card
    ]
    assert others
    assert all(WORDS["en"]["why_less_early"].replace("{n}", "8") in card for card in others)


def test_no_spread_begins_below_a_journey_without_a_wait(visit):
    """Few long waits make the standard deviation wide; catches `mostly 1 to 32` for a ride of 6 minutes."""

    def waiting_long(route) -> None:
        answer = route.fetch().json()
        for window in answer["windows"]:
            window |= {"door_to_door_min": 17.0, "wait_min": 9.0, "door_to_door_sd_min": 7.6}
        route.fulfill(json=answer)

    visitor = visit()
    visitor.page.route("**/windows?*", waiting_long)
    page = visitor.go(ANSWER)
    page.wait_for_selector("#answer:not([hidden])")
    assert WORDS["en"]["mostly"].replace("{low}", "8").replace("{high}", "32") in page.inner_text(".window")


def test_stops_are_chosen_by_tapping_the_map(visit):
    page = visit(viewport=PHONE).go("/")
    page.locator("#map svg").scroll_into_view_if_needed()
    box = page.locator("#map svg").bounding_box()
    for share in (0.06, 0.94):
        page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
    assert page.input_value("#from") == "a"
    assert page.input_value("#to") == "c"


def test_a_part_of_the_map_can_be_tapped_from_near_and_a_drag_chooses_nothing(visit):
    page = visit(viewport=PHONE).go("/")
    drawn = page.locator("#map svg")
    whole = drawn.get_attribute("viewBox")
    for _ in range(3):
        page.click("#closer")
    drawn.scroll_into_view_if_needed()
    box = drawn.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    near = drawn.get_attribute("viewBox")
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 60, middle[1], steps=4)
    page.mouse.up()
    assert drawn.get_attribute("viewBox") != near
    assert page.input_value("#from") == ""
    # Dragged to the left, the part to the right has come; its last stop is the end of the line.
    page.locator("#map .map-held").focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.mouse.click(box["x"] + box["width"] * 0.9, middle[1])
    assert page.input_value("#from") == "c"
    page.click("#whole")
    assert [float(one) for one in drawn.get_attribute("viewBox").split()] == [float(one) for one in whole.split()]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("asked", "key", "values"),
    [
        ("from=c&to=a&time=08:30", "error_journey_back_alone", {"from": "c", "to": "a"}),
        ("from=a&to=a&time=08:30", "error_same_stop", {}),
        ("from=a&to=c&time=03:00", "error_nearest_time", {"first": "05:45", "last": "06:00"}),
    ],
)
def test_a_wrong_question_is_told_where_a_screen_reader_hears_it(visit, asked, key, values, language):
    """In the reader's language; catches the English sentence of the API on the Chinese page."""
    visitor = visit()
    page = visitor.go(f"/?{asked}&mode=by&lang={language}")
    told = WORDS[language][key]
    for name, value in values.items():
        told = told.replace(f"{{{name}}}", value)
    until(page, f"document.getElementById('status').textContent === {json.dumps(told)}")
    assert page.get_attribute("#status", "aria-live") == "polite"
    # The browser itself notes the answer 404 in its console; that is what was asked for here.
    assert all("404" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", VIEWS.values(), ids=VIEWS.keys())
def test_axe_finds_nothing(visit, path, language, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(viewport=PHONE, color_scheme=scheme).go(f"{path}{'&' if '?' in path else '?'}lang={language}")
    if path == ANSWER:
        page.wait_for_selector("#answer:not([hidden])")
    for summary in page.locator("summary").all():
        if summary.is_visible():
            summary.click()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found] == []


@pytest.mark.parametrize("path", VIEWS.values(), ids=VIEWS.keys())
def test_no_view_is_wider_than_a_phone(visit, path):
    """With all that can be opened; catches an address of the API that is not broken."""
    page = visit(viewport=PHONE).go(path)
    for summary in page.locator("summary").all():
        if summary.is_visible():
            summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def board(visitor, query: str = "a=none&b=coordinated&s=27000"):
    page = visitor.go(f"/board?{query}")
    page.wait_for_selector("#maps figure")
    until(page, "[...document.querySelectorAll('#maps canvas')].some(one => Number(one.dataset.vehicles) > 0)")
    return page


def test_the_slider_moves_the_day(visit):
    page = board(visit())
    assert page.inner_text("#clock-shown") == "07:30"
    page.focus("#clock")
    for _ in range(15):
        page.keyboard.press("ArrowRight")
    assert page.inner_text("#clock-shown") == "07:45"
    assert "07:45" in page.inner_text("#fullest")
    until(page, "location.search.includes('s=27900')")
    page.evaluate("document.getElementById('clock').blur()")
    page.click("#play")
    until(page, "document.getElementById('clock-shown').textContent > '07:50'")
    page.click("#play")
    assert page.get_attribute("#play", "aria-pressed") == "false"


def test_nothing_moves_by_itself_where_that_is_asked_for(visit):
    page = board(visit(reduced_motion="reduce"))
    page.click("#play")
    assert page.inner_text("#clock-shown") == "07:45"
    page.wait_for_timeout(300)
    assert page.inner_text("#clock-shown") == "07:45"


@pytest.mark.parametrize(
    ("name", "in_english", "in_chinese"),
    [
        ("2", "line 2", "2 路"),
        ("B12", "line B12", "B12 路"),
        ("1号线", "1号线", "1号线"),
        ("Line 1", "Line 1", "Line 1"),
        ("Corridor", "Corridor", "Corridor"),
    ],
)
def test_a_line_that_has_a_name_is_not_called_a_line_once_more(visit, name, in_english, in_chinese):
    """Catches `line 1号线` and `1号线 路`."""
    for language, wanted in (("en", in_english), ("zh", in_chinese)):
        page = visit().go(f"/about?lang={language}")
        said = page.evaluate(
            """async (name) => (await import("/static/common.js")).lineWords(name)""",
            name,
        )
        assert said == wanted


def test_strategies_stand_side_by_side_and_differ(visit):
    page = board(visit(viewport={"width": 1280, "height": 900}))
    assert page.locator("#maps figure").count() == 2
    left, right = (page.locator("#maps figure").nth(place).bounding_box() for place in (0, 1))
    assert left["y"] == right["y"]
    assert left["x"] < right["x"]
    assert page.locator("#line-figures figure").count() == 2
    page.select_option("#show", "difference")
    until(page, "document.querySelectorAll('#maps figure').length === 1")
    assert "show=difference" in page.url
    page.select_option("#other", "")
    until(page, "document.querySelectorAll('#line-figures figure').length === 1")
    assert page.is_disabled("#show")
    assert page.locator("#maps figure").count() == 1


# Chromium lets a page start ten downloads by itself and asks before the eleventh: no visitor here takes more than nine.
@pytest.mark.parametrize("figures", [range(0, 2), range(2, 4), range(4, 7)], ids=["maps", "loads", "rest"])
def test_every_figure_can_be_taken_away(visit, tmp_path, figures):
    page = board(visit())
    assert page.locator("figure").count() == 7
    for number in figures:
        take_away(page, page.locator("figure").nth(number), tmp_path)


def take_away(page, figure, folder: Path) -> None:
    """Download a figure in all its forms, and make sure that each holds what it says it is."""
    for kind in ("PNG", "SVG", "CSV"):
        content = taken(page, figure.get_by_text(kind, exact=True), folder / f"taken.{kind.lower()}")
        if kind == "PNG":
            assert content[:8] == b"\x89PNG\r\n\x1a\n"
            assert len(content) > 500
        elif kind == "SVG":
            assert content.startswith(b"<svg")
            assert b'xmlns="http://www.w3.org/2000/svg"' in content
            assert b"var(--" not in content
            assert b"class=" not in content
            assert b"<script" not in content
        else:
            lines = content.decode("utf-8").splitlines()
            assert len(lines) > 1
            assert all(len(line.split(",")) == len(lines[0].split(",")) for line in lines)


def taken(page, button, file: Path) -> bytes:
    """Press a button that gives a file, and return what is in it."""
    with page.expect_download() as waited:
        button.click()
    waited.value.save_as(file)
    return file.read_bytes()


def test_the_commuters_views_can_be_taken_away(visit, tmp_path):
    page = visit(viewport=PHONE).go(ANSWER)
    page.wait_for_selector("#answer:not([hidden])")
    assert page.locator("figure").count() == 2
    for place in range(2):
        take_away(page, page.locator("figure").nth(place), tmp_path)
    page.locator("#table").evaluate("table => (table.closest('details').open = true)")
    rows = taken(page, page.locator("#table .exports button"), tmp_path / "windows.csv").decode().splitlines()
    assert len(rows) == 1 + page.locator("#table tbody tr").count()
    assert rows[0].startswith("window_start,window_end,vehicle_due,shift_min,")
    assert [row.split(",")[0] for row in rows[1:]] == sorted(row.split(",")[0] for row in rows[1:])
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_commuters_answer_is_one_file_that_can_be_mailed(visit, chromium, tmp_path):
    page = visit().go(ANSWER)
    page.wait_for_selector("#answer:not([hidden])")
    verdict = page.inner_text("#verdict")
    text = taken(page, page.locator("#mail"), tmp_path / "answer.html").decode("utf-8")
    assert "<script" not in text
    assert not re.search(r"(?:src|href)=", text)
    asked: list[str] = []
    opened = chromium.new_page()
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto((tmp_path / "answer.html").as_uri())
    assert opened.inner_text("#verdict") == verdict
    assert opened.locator("figure svg").count() == 2
    assert opened.locator(".window").count() > 1
    # What stays on this device does not go into the mail, nor what cannot be pressed there.
    assert opened.locator("#last, #taken, button, input").count() == 0
    assert asked == [(tmp_path / "answer.html").as_uri()]
    opened.close()


def test_the_whole_board_is_one_file_that_can_be_mailed(visit, chromium, tmp_path):
    page = board(visit())
    with page.expect_download() as waited:
        page.click("#mail")
    file = tmp_path / "board.html"
    waited.value.save_as(file)
    text = file.read_text(encoding="utf-8")
    assert "<script" not in text
    assert not re.search(r"(?:src|href)=", text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    asked: list[str] = []
    opened = chromium.new_page()
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(file.as_uri())
    assert opened.locator("figure svg").count() >= 6
    assert opened.locator("table").count() >= 3
    assert asked == [file.as_uri()]
    opened.close()


def test_ten_thousand_vehicles_are_drawn(visit):
    page = board(visit())
    drawn = page.evaluate(
        """async () => {
            const { Scene, paint } = await import("/static/boardmap.js");
            const places = Array.from({ length: 100 }, (_, row) => row);
            const names = places.map(String);
            const stops = { id: names, name: names, x: places.map((place) => place * 100), y: places };
            const network = { stops, nodes: { x: [], y: [] }, links: [], lines: [], width: 10000, height: 100 };
            const scene = new Scene(network, { directions: [], period_s: 900 });
            const trip = (_, n) => [0, 0, 80, 30, 0, n % 99, 0, 10, 40, (n % 99) + 1, 100, 10, 0];
            scene.setTrips({ trips: Array.from({ length: 10000 }, trip) });
            return paint(document.querySelector("#maps canvas"), scene, 60, null);
        }"""
    )
    assert drawn == 10_000
