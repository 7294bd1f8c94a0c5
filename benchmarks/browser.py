"""A real browser without a window, for measurements, for pictures and for tests: Debian's Chromium, driven by Selenium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from protocol.errors import OperatorError

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
LAPTOP = (1440, 900)
PHONE = (400, 850)


@contextmanager
def open_browser(size: tuple[int, int] = LAPTOP) -> Iterator[webdriver.Chrome]:
    """Open a browser; it is closed with the context.

    Args:
        size: of what is seen of the page, in pixels.

    Raises:
        OperatorError: there is none.
    """
    driver = shutil.which("chromedriver")
    if driver is None:
        raise OperatorError(
            "There is no chromedriver.", remedy="Run: scripts/system-packages python3 --tests"
        )
    options = webdriver.ChromeOptions()
    for option in _OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # Named, so that Selenium does not look for one on the network.
    browser = webdriver.Chrome(options=options, service=Service(driver))
    try:
        resize(browser, size)
        yield browser
    finally:
        browser.quit()


def resize(browser: webdriver.Chrome, size: tuple[int, int]) -> None:
    """Give the page another size, in pixels; one as narrow as a phone's is one, with a phone's width."""
    width, height = size
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )


def violations(browser: webdriver.Chrome) -> list[str]:
    """Return what axe, the checker of accessibility, finds wrong with the page that is shown: how bad, what, and where."""
    browser.execute_script(files("axe_core_python").joinpath("axe.min.js").read_text("utf-8"))
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run({resultTypes: ['violations']}).then(done, (error) => done({error: String(error)}));"
    )
    if "error" in found:
        raise RuntimeError(found["error"])
    return [
        f"{rule['impact']}: {rule['id']}: {place['html'][:200]}"
        for rule in found["violations"]
        for place in rule["nodes"]
    ]
