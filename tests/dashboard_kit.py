"""What the tests of the dashboard in a browser share: a page that is waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

WAIT_SECONDS = 40.0
_POLL_SECONDS = 0.1


class Page:
    """The dashboard in a browser."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        self.url = url
        self.api = httpx.Client(base_url=url, timeout=30.0)

    def open(self, path: str = "") -> None:
        """Show a page, and wait until it is alive: its first answer from the server is there."""
        self.browser.get(f"{self.url}/ui/{path}")
        self.until(lambda: "site demo" in self.text(".marks"), "the header tells of the site")

    def all(self, selector: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """What can be read in the first such element; empty where there is none."""
        script = "const one = document.querySelector(arguments[0]); return one ? one.innerText ?? one.textContent : '';"
        return str(self.browser.execute_script(script, selector))

    def click(self, selector: str, *, containing: str = "") -> None:
        """Press the first such button that can be seen."""

        def press() -> bool:
            for found in self.all(selector):
                if found.is_displayed() and containing in found.text:
                    found.click()
                    return True
            return False

        self.until(press, f"{selector} {containing} can be pressed")

    def say(self, text: str) -> None:
        """Say something in the chat, by keyboard."""
        self.one("#message").send_keys(text, Keys.ENTER)

    def until(self, is_so: Callable[[], Any], what: str, seconds: float = WAIT_SECONDS) -> Any:
        """Wait until something is so; whatever changes under way is looked at again."""
        waiting = WebDriverWait(
            self.browser, seconds, _POLL_SECONDS, ignored_exceptions=[StaleElementReferenceException]
        )
        return waiting.until(lambda _: is_so(), f"not seen: {what}")
