"""A real browser, Debian's Chromium, on pages opened from files; what it would fetch, log or ask a person is written down."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import reports
from probes.results import Results

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@dataclass
class Visit:
    """An open page, and whatever it did that a page must not do."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def state(self) -> str:
        """The fragment of the address as a reader would copy it."""
        found: str = self.page.evaluate("decodeURIComponent(location.hash)")
        return found

    def shown(self) -> list[str]:
        """The providers that the matrix shows, in order."""
        found: list[str] = self.page.eval_on_selector_all(
            "table.matrix tbody tr", "rows => rows.filter(row => !row.hidden).map(row => row.dataset.id)"
        )
        return found


Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of module scope: while it runs, no event loop of a test may."""
    executable = next((found for name in NAMES if (found := shutil.which(name))), None)
    if executable is None:
        if os.environ.get("KEYCAP_REQUIRE_BROWSER"):
            pytest.fail("KEYCAP_REQUIRE_BROWSER is set and no Chromium is on PATH")
        pytest.skip("no Chromium on PATH (apt-get install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """`visit(path, fragment, width=…, scheme=…, javascript=…)` opens a page; faults fail the test when it ends."""
    visits: list[Visit] = []

    def open_(path: Path, fragment: str = "", *, width: int = 1440, height: int = 900, **more: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        visited = Visit(context.new_page())
        visits.append(visited)
        page, faults = visited.page, visited.faults
        page.on("console", lambda message: faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: None if request.url.startswith(("file:", "data:,")) else faults.append(f"asked: {request.url}"))
        page.goto(f"{path.as_uri()}{fragment}")
        return visited

    yield open_
    faults = [fault for each in visits for fault in each.faults]
    for each in visits:
        each.page.context.close()
    assert faults == []


@pytest.fixture(scope="session")
def real_pages(real: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this checkout's report."""
    folder = tmp_path_factory.mktemp("real")
    reports.render(real, folder)
    return folder


@pytest.fixture(scope="session")
def invented_pages(invented: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the invented report."""
    folder = tmp_path_factory.mktemp("invented")
    reports.render(invented, folder)
    return folder
