"""The dashboard in a real browser, over a simulated hall whose robots are asked, stopped and broken on it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome, Keys

from benchmarks.browser import LAPTOP, PHONE, open_browser, resize, violations
from benchmarks.hall import running_hall
from tests.dashboard_kit import Page

# One browser at a time is enough for the machine.
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.model,
    pytest.mark.broker,
    pytest.mark.xdist_group("dashboard"),
]

SHELF_CHECK = "Let the robots check if there are vacant spaces on shelves 1, 2, 3 and 4."


@pytest.fixture(scope="module")
def hall() -> Iterator[str]:
    with running_hall() as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Chrome, hall: str) -> Iterator[Page]:
    resize(browser, LAPTOP)
    shown = Page(browser, hall)
    shown.open()
    yield shown
    shown.api.close()
    wrong = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert not wrong, json.dumps(wrong, indent=1)


def lit(page: Page) -> str:
    return page.text(".machine .lit")


def test_a_goal_from_the_chat_is_followed_on_every_page(page: Page) -> None:
    page.say(SHELF_CHECK)
    page.until(lambda: "Sent to robot-" in page.text(".message.theirs .steps"), "steps while they happen")
    page.until(lambda: page.all("#map .mover.working"), "a robot that works on the map")
    page.until(lambda: "working" in page.text("#devices"), "a device that works")
    where = page.one("#map .mover.working").get_attribute("style")
    page.until(
        lambda: page.one("#map .mover").get_attribute("style") != where, "a robot that moves on the map"
    )
    page.until(lambda: "vacant" in page.text(".message.theirs .answer"), "the answer")
    page.until(lambda: "completed" in page.text("#goals .row"), "the goal in the list")

    page.click("#goals .row a")
    page.until(lambda: len(page.all(".flow .sub.good")) == 4, "four subtasks that are done")
    assert "Answer:" in page.text(".flow")
    page.until(lambda: "coordinator to robot-" in page.text(".transcript"), "what was said")
    assert "someone at the dashboard" in page.text(".transcript")
    device = page.text(".flow .sub a")

    page.click(".flow .sub a")
    page.until(lambda: lit(page) == "end", "the state in which the run has ended, lit")
    assert page.text("h1") == device
    inside = page.text("section[aria-labelledby=inside-title]")
    assert "(" in page.text("section[aria-labelledby=inside-title] code")
    assert "It may run" in inside
    assert "=" in page.text("pre")

    page.browser.back()
    page.browser.back()
    page.until(lambda: SHELF_CHECK in page.text(".messages"), "what was said before, after coming back")


def test_the_state_is_lit_while_it_runs_and_a_device_can_be_paused(page: Page) -> None:
    page.open("device/robot-2")
    page.click("button", containing="Pause")
    page.until(lambda: "paused" in page.text(".wide"), "that it is paused")
    page.click("button", containing="Resume")
    page.until(lambda: "idle" in page.text(".wide"), "that it goes on")
    page.api.post("/v1/goals", json={"goal": "Move robot-2 to shelf 12."})
    page.until(lambda: lit(page) == "call pending", "the call that is pending, lit")
    page.click("button", containing="Cancel")
    page.until(lambda: lit(page) == "cancelled", "that it was cancelled")


def test_a_device_s_question_is_answered_with_a_button_and_in_the_chat(page: Page) -> None:
    page.api.post("/v1/goals", json={"goal": "robot-1, become an access point."})
    page.until(lambda: "robot-1 asks" in page.text(".questions"), "the question")
    page.click(".question button", containing="Allow")
    page.until(lambda: not page.all(".question"), "that the question is gone")
    page.until(lambda: "completed" in page.text("#goals .row"), "that it was done")

    page.say("robot-2, become an access point.")
    page.until(lambda: page.all(".question"), "the question")
    page.until(
        lambda: "robot-2" in page.text(".message.theirs:last-child .answer"), "the question in the chat"
    )
    page.say("no")
    page.until(lambda: "not allow" in page.text(".messages").casefold(), "that it was not allowed")
    page.until(lambda: not page.all(".question"), "that the question is gone")


def test_the_emergency_stop_is_one_press_away_and_is_released_by_another(page: Page) -> None:
    page.click("header button.danger", containing="Emergency stop")
    page.until(lambda: page.text(".stopped-banner"), "the banner")
    page.until(lambda: page.all("#devices .dot.stopped"), "devices that are stopped")
    assert page.api.get("/v1/estop").json()["engaged"] is True
    page.click("header button.danger", containing="Release")
    page.until(lambda: not page.all(".stopped-banner"), "that the banner is gone")
    assert page.api.get("/v1/estop").json()["engaged"] is False


def test_robots_and_aisles_are_broken_and_mended_with_buttons(page: Page) -> None:
    page.click(".faults summary")
    page.click(".faults button", containing="It dies")
    page.until(lambda: page.all("#map .mover.lost.faulty"), "the robot that is out of order")
    page.click(".faults button", containing="It is mended")
    page.until(lambda: not page.all("#map .mover.faulty"), "that it is well again")
    page.click(".faults button", containing="Block aisle B")
    page.until(lambda: page.all("#map .lane.closed"), "the closed lanes")
    page.click(".faults button", containing="Clear aisle B")
    page.until(lambda: not page.all("#map .lane.closed"), "that they are open again")


def test_what_is_out_of_use_and_what_stands_still_is_seen_and_ended_by_keyboard(page: Page) -> None:
    page.api.post("/v1/site/close", json={"place": "aisle B", "by": "a test"})
    page.say("stop everything")
    page.until(lambda: len(page.all(".conditions button")) == 2, "a button for each")
    page.until(lambda: page.all("#map .lane.closed"), "the closed lanes")
    page.until(lambda: len(page.all("#map .place.shut")) == 4, "the shelves that cannot be reached")
    page.until(lambda: len(page.all("#map .mover.stopped")) >= 4, "robots that stand still")
    assert "Aisle B is out of use" in page.text(".conditions")
    assert not violations(page.browser)
    page.one("[data-act='standstill resume']").send_keys(Keys.ENTER)
    page.until(lambda: not page.all("[data-act='standstill resume']"), "that they go on")
    focused = page.browser.switch_to.active_element.get_attribute("id")
    assert focused == "map", "the focus stays in its part of the page"
    page.until(lambda: not page.all("#map .mover.stopped"), "that no robot stands still")
    page.one("[data-act='place reopen']").send_keys(Keys.ENTER)
    page.until(lambda: not page.all(".conditions"), "that all is in use again")
    page.until(lambda: not page.all("#map .shut, #map .lane.closed"), "the open aisle")


def test_a_standing_goal_is_paused_resumed_and_cancelled(page: Page) -> None:
    page.say("Every day at 9 let the robots check the shelves.")
    page.until(lambda: page.all("[data-act='standing pause']"), "the standing goal")
    page.click("[data-act='standing pause']")
    page.click("[data-act='standing resume']")
    page.until(lambda: page.all("[data-act='standing pause']"), "that it goes on")
    page.click("[data-act='standing cancel']")
    page.until(lambda: not page.all("[data-act='standing cancel']"), "that it is gone")


def test_the_keyboard_alone_is_enough_and_the_focus_stays_while_lists_change(page: Page) -> None:
    body = page.one("body")
    body.send_keys(Keys.TAB)
    assert page.browser.switch_to.active_element.text == "Skip to the content"
    seen = set()
    for _ in range(40):
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        active = page.browser.switch_to.active_element
        seen.add(active.text or active.get_attribute("aria-label"))
        outline = page.browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", active.get_attribute("outerHTML")
        if active.text == "robot-3":
            break
    assert {"Your message", "Send", "Emergency stop", "The floor as a table", "Break something"} <= seen
    page.api.post("/v1/devices/robot-3/pause", json={"by": "a test"})
    page.until(lambda: "stopped" in page.text("#devices [data-key=robot-3]"), "the device's new state")
    assert page.browser.switch_to.active_element.text == "robot-3"
    page.api.post("/v1/devices/robot-3/resume", json={"by": "a test"})


def test_the_map_is_a_table_for_whoever_does_not_see_it(page: Page) -> None:
    page.until(lambda: page.all("#map .mover"), "the robots")
    page.click("#map .floor-map summary")
    page.until(lambda: len(page.all("#map tbody tr")) == 5, "a row for each robot and for the drone")
    assert "robot-1" in page.text("#map tbody")
    assert "at pad of drone-1 (32.0, 13.0 m)" in page.text("#map tbody")
    assert len(page.all("#map .mover path.body")) == 1, "what flies has a shape of its own"
    assert " m)" in page.text("#map tbody")


def test_less_motion_where_that_is_asked_for(page: Page) -> None:
    page.until(lambda: page.all("#map .mover"), "the robots")

    def duration() -> str:
        script = "return getComputedStyle(document.querySelector('.mover')).transitionDuration"
        return str(page.browser.execute_script(script))

    assert duration() == "0.25s"
    reduce = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", reduce)
    assert duration() == "0s"
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_on_a_phone_one_part_is_shown_at_a_time(page: Page) -> None:
    resize(page.browser, PHONE)
    for name in ("map", "goals", "devices", "chat"):
        page.click(f".tabs [data-tab={name}]")
        page.until(
            lambda name=name: [one.get_attribute("id") for one in page.all(".grid > section") if one.is_displayed()] == [name],
            f"{name} alone",
        )  # fmt: skip
        width = page.browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= PHONE[0], f"{name} is {width} pixels wide"


@pytest.mark.parametrize("light", ["light", "dark"])
def test_axe_finds_nothing_wrong(page: Page, light: str) -> None:
    goals = page.api.get("/v1/goals").json()["goals"]
    if not goals:
        page.say("Move robot-4 to shelf 1.")
        page.until(lambda: page.all("#goals .row a"), "a goal")
        goals = page.api.get("/v1/goals").json()["goals"]
    page.browser.execute_script(
        "localStorage.setItem('parley-dark', arguments[0])", str(light == "dark").lower()
    )
    found = {}
    for path in ("", f"goal/{goals[-1]['goal_id']}", "device/robot-4"):
        page.open(path)
        page.until(
            lambda: ("body--dark" in (page.one("body").get_attribute("class") or "")) is (light == "dark"),
            light,
        )
        page.until(lambda: not page.all("#map") or page.all("#map .mover"), "the map")
        found[path] = violations(page.browser)
    page.browser.execute_script("localStorage.removeItem('parley-dark')")
    assert not any(found.values()), json.dumps(found, indent=1)
