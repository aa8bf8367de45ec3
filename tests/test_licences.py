"""The bill of materials names everything that is installed, with the licence that it has."""

from __future__ import annotations

from importlib import metadata

import pytest

from studies.licences import LICENCES, licence_of_network, requirements

NAMED = sorted({name for wanted in requirements().values() for name, _ in wanted})
WORDS = {"MIT": "MIT", "BSD-3-Clause": "BSD", "Apache-2.0": "Apache", "PSF (matplotlib)": "Python Software Foundation"}


@pytest.mark.parametrize("name", NAMED)
def test_a_library_has_the_licence_that_the_page_names(name):
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        pytest.skip(f"{name} is not installed here")
    said = [found.get("License-Expression") or "", *found.get_all("Classifier", []), found.get("License") or ""]
    assert WORDS[LICENCES[name]] in " ".join(said)


def test_no_library_is_named_that_is_not_used():
    assert set(LICENCES) == set(NAMED)


def test_licences_of_data_are_read_from_their_source():
    assert (
        licence_of_network("- From: x. Licence: MIT, full text.\n- And y. Licence:\n  Apache-2.0. Only")
        == "MIT, Apache-2.0"
    )
    assert licence_of_network("Made up.") == "nothing of others in it; MIT"
