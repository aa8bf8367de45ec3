"""The JSON API against its own description, with requests that nobody would think of, good ones and bad ones.

Few of them each time; `HYPOTHESIS_PROFILE=thorough` tries more than 5,000.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans
from schemathesis import GenerationMode
from support.served import GENEROUS, write_comparison

from sim.api.serving import forecast_of
from sim.app import RunLibrary, create_app

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
ALL_CASES = 5500 if THOROUGH else 250
"""What is aimed at; operations that take nothing have few requests to try."""

LEAST_CASES = 5000 if THOROUGH else 125


@pytest.fixture(scope="module")
def operations(tmp_path_factory) -> list[Any]:
    folder = write_comparison(tmp_path_factory.mktemp("described"))
    app = create_app(RunLibrary(folder), forecast_of, limits=GENEROUS)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    return [found.ok() for found in schema.get_all_operations()]


def test_every_answer_is_one_that_the_description_promises(operations):
    assert len(operations) >= 12
    checks = schemathesis.checks.CHECKS.get_by_names(list(CHECKS))
    assert len(checks) == len(CHECKS)
    known = {"run": "served", "strategy": "none", "origin": "a", "destination": "c"}
    tried = 0
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @given(case=operation.as_strategy(generation_mode=mode), known_names=booleans())
            @settings(
                max_examples=-(-ALL_CASES // (2 * len(operations))),
                suppress_health_check=list(HealthCheck),
                deadline=None,
            )
            def answers(case: Any, known_names: bool) -> None:
                nonlocal tried
                tried += 1
                # Invented names lead nowhere: some requests go on to what there is.
                for place in (case.path_parameters, case.query):
                    for name in known.keys() & dict(place or {}).keys() if known_names else ():
                        place[name] = known[name]
                response = case.call()
                case.validate_response(response, checks=checks)
                assert "content-security-policy" in {name.lower() for name in response.headers}
                assert b"Traceback" not in response.content

            try:
                answers()
            except Exception as error:
                if type(error).__name__ not in {"Unsatisfiable", "SkipTest"}:
                    raise
    assert tried >= LEAST_CASES
