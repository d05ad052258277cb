"""What every test shares: the long tests, the seed, and how Hypothesis runs."""

from __future__ import annotations

import zlib

import hypothesis
import numpy as np
import pytest

_DEFAULT_SEED = 1

# Every run draws the same examples, so that a failure of CI is a failure here. `--long` draws new
# ones each time, and many; it prints how to repeat a failure.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("long", max_examples=2000, deadline=None, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("stopline")
    group.addoption("--long", action="store_true", help="run the tests that take minutes, too")
    group.addoption(
        "--seed", type=int, default=_DEFAULT_SEED, help="for the `rng` fixture [%(default)s]"
    )


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--hypothesis-profile", default=None):
        hypothesis.settings.load_profile("long" if config.getoption("--long") else "ci")


def pytest_report_header(config: pytest.Config) -> str:
    profile = hypothesis.settings.get_current_profile_name()
    return (
        f"stopline: --seed {config.getoption('--seed')}, hypothesis profile {profile}, long tests "
        f"{'run' if config.getoption('--long') else 'skipped (run them with --long)'}"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes; run with --long"))


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Chance that is the test's own: it depends on `--seed` and the test's name, not on order."""
    own = zlib.crc32(request.node.nodeid.encode())
    return np.random.default_rng([request.config.getoption("--seed"), own])
