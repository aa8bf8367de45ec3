"""The report as a sheet of paper: the first page alone on one, and nothing beyond its edge."""

from __future__ import annotations

import re

A4_LESS_MARGINS_PX = {"width": 680, "height": 1009}
"""210 by 297 mm with margins of 15 mm, 96 px to the inch."""


def test_nothing_lies_beyond_the_edge_of_the_sheet(chromium, run_folder):
    """Would catch: one table wider than the sheet, for which a browser prints all of the report smaller."""
    page = chromium.new_page(viewport=A4_LESS_MARGINS_PX)
    page.goto((run_folder / "report.html").as_uri())
    page.get_by_label("everything").check()
    page.emulate_media(media="print")
    beyond = page.evaluate(
        """width => [...document.querySelectorAll("main *")]
            .filter(each => each.getBoundingClientRect().right > width + 1 && !each.closest("svg"))
            .map(each => each.tagName + " " + each.textContent.slice(0, 40))""",
        A4_LESS_MARGINS_PX["width"],
    )
    assert beyond == []
    assert page.evaluate("document.querySelectorAll('table').length") > 3
    page.close()


def test_the_answer_fits_the_first_sheet(chromium, run_folder):
    page = chromium.new_page(viewport=A4_LESS_MARGINS_PX)
    page.goto((run_folder / "report.html").as_uri())
    page.emulate_media(media="print")
    height_px = page.evaluate("document.querySelector('.brief').getBoundingClientRect().bottom + window.scrollY")
    assert height_px <= A4_LESS_MARGINS_PX["height"]
    page.close()


def sheets(page, paper: str = "A4") -> int:
    """Count the sheets that the page prints on."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper, prefer_css_page_size=True)))


def shown(page) -> list[str]:
    """Name the sections of which something is printed."""
    page.emulate_media(media="print")
    ids = page.evaluate(
        """[...document.querySelectorAll("details.section > div")]
            .filter(each => each.getBoundingClientRect().height > 0 && each.checkVisibility()).map(each => each.id)"""
    )
    page.emulate_media(media="null")
    return ids


def test_the_reader_chooses_what_comes_on_paper(chromium, run_folder):
    """The first page is what is mailed, so it is all that is printed unless more is asked for."""
    page = chromium.new_page(viewport=A4_LESS_MARGINS_PX)
    page.goto((run_folder / "report.html").as_uri())
    assert (shown(page), sheets(page), sheets(page, "Letter")) == ([], 1, 1)
    page.get_by_label("and the sections that are open below").check()
    assert shown(page) == ["map"]
    page.get_by_text("The answer with its intervals").click()
    assert shown(page) == ["map", "findings"]
    some = sheets(page)
    page.get_by_label("everything").check()
    everything = page.evaluate("[...document.querySelectorAll('details.section > div')].map(each => each.id)")
    assert shown(page) == everything
    assert 1 < some < sheets(page)
    page.close()


def test_the_choice_itself_is_not_printed(chromium, run_folder):
    page = chromium.new_page(viewport=A4_LESS_MARGINS_PX)
    page.goto((run_folder / "report.html").as_uri())
    choice, note = page.get_by_role("group", name="On paper"), page.get_by_text("First page of a report")
    assert (choice.is_visible(), note.is_visible()) == (True, False)
    page.emulate_media(media="print")
    assert (choice.is_visible(), note.is_visible()) == (False, True)
    page.close()
