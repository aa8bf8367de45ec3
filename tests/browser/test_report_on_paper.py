"""The report as a sheet of paper: the first page alone on one, and nothing beyond its edge."""

from __future__ import annotations

A4_LESS_MARGINS_PX = {"width": 680, "height": 1009}
"""210 by 297 mm with margins of 15 mm, 96 px to the inch."""


def test_nothing_lies_beyond_the_edge_of_the_sheet(chromium, run_folder):
    """Would catch: one table wider than the sheet, for which a browser prints all of the report smaller."""
    page = chromium.new_page(viewport=A4_LESS_MARGINS_PX)
    page.goto((run_folder / "report.html").as_uri())
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
