"""The server's own specification, run against it: what it promises is tried with values that fit and that do not."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

from e2e.http_kit import HttpServer, http_server
from e2e.kit import home_in
from fake_model import FakeModel
from rejoinder.http.limits import Limits
from rejoinder.http.openapi import document

OPERATIONS = (("POST", "/agent"), ("GET", "/health"), ("GET", "/agent/health"), ("GET", "/openapi.json"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """A server with nothing but these tests."""
    with (
        home_in(tmp_path_factory.mktemp("user")) as home,
        FakeModel() as model,
        http_server(home, "--rate", "1000000", "--turns", "50", model=model) as served,
    ):
        yield served


def test_the_specification_is_the_one_that_is_served_and_names_everything(server: HttpServer) -> None:
    served = server.request("GET", "/openapi.json").json
    assert served == document(Limits(requests_a_minute=1_000_000, turns_at_once=50))
    assert {(method.upper(), path) for path, methods in served["paths"].items() for method in methods} == set(
        OPERATIONS
    )


@pytest.mark.parametrize(
    ("method", "path", "fitting"), [*((*each, True) for each in OPERATIONS), ("POST", "/agent", False)]
)
def test_the_server_does_what_its_specification_says(server: HttpServer, method: str, path: str, fitting: bool) -> None:
    # here and not above: it takes long to import, also for whoever runs other tests
    import schemathesis
    from schemathesis import GenerationMode

    operation = schemathesis.openapi.from_dict(document(Limits()))[path][method]
    mode = GenerationMode.POSITIVE if fitting else GenerationMode.NEGATIVE

    @hypothesis.settings(
        max_examples=12,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def keeps_its_word(case: Any) -> None:
        place = f"http://{server.place}"
        case.call_and_validate(base_url=place, headers={"Authorization": f"Bearer {server.keys['ann']}"})

    keeps_its_word()
