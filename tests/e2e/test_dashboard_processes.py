"""The dashboard beside a coordinator of its own process, looking inside an agent of another."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.e2e.test_cli_processes import process, wait_for
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.model, pytest.mark.broker, pytest.mark.xdist_group("site")]


def test_a_coordinator_serves_pages_with_its_map_and_with_a_look_inside_an_agent(
    tmp_path: Path, broker: str
) -> None:
    port, inside = free_port(), f"http://127.0.0.1:{free_port()}"
    log = tmp_path / "coordinator.log"
    shared = {"PARLEY_BROKER_URL": broker, "PARLEY_STATE_DIR": str(tmp_path), "PARLEY_SITE": "dashboard"}
    with ExitStack() as stack:
        child = stack.enter_context(
            process(
                log, "coordinator", "--port", str(port), "--open-enrolment", "--site-file", "examples/site.yaml",
                "--inspect", f"robot-1={inside}", **shared,
            )
        )  # fmt: skip
        agent_log = tmp_path / "agent.log"
        agent = stack.enter_context(
            process(
                agent_log, "agent", "--spec", "firmware_api_specs/warehouse/kestrel.td.json",
                "--device-id", "robot-1", "--inspect-port", inside.rpartition(":")[2], **shared,
            )
        )  # fmt: skip
        site = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20.0))
        page = wait_for("the page", lambda: site.get("/ui/"), child, log)
        assert page.is_success, f"{page.text}\n{log.read_text()}"
        assert site.get("/").headers["location"] == "/ui/"
        picture = site.get("/ui/floor.json").json()
        assert "shelf 4" in [place["name"] for place in picture["places"]]
        assert "cold store" in [zone["name"] for zone in picture["zones"]]

        def is_there() -> bool:
            return any(one["is_available"] for one in site.get("/v1/devices").json()["devices"])

        wait_for("the device", is_there, agent, agent_log)
        goal = site.post("/v1/goals", json={"goal": "robot-1, move to shelf 3."}).json()["goal_id"]
        wait_for(
            "the goal's end",
            lambda: site.get(f"/v1/goals/{goal}").json()["seconds"],
            child,
            log,
        )
        found = httpx.get(f"{inside}/inspection").json()
        assert "move" in found["program"]
        assert found["verdicts"]
        assert found["states"][-1] == "end"
        # What is inside never came to the coordinator.
        name = found["functions"][0].partition("(")[0]
        for path in (f"/v1/goals/{goal}", "/v1/devices", "/ui/floor.json"):
            assert name not in site.get(path).text
        assert site.get("/ui/device/robot-1").is_success


def test_without_pages_there_are_none(tmp_path: Path, broker: str) -> None:
    port, log = free_port(), tmp_path / "coordinator.log"
    shared = {"PARLEY_BROKER_URL": broker, "PARLEY_STATE_DIR": str(tmp_path), "PARLEY_SITE": "no-pages"}
    with process(log, "coordinator", "--port", str(port), "--no-pages", **shared) as child:
        url = f"http://127.0.0.1:{port}"
        assert wait_for("the API", lambda: httpx.get(f"{url}/v1/site"), child, log).is_success
        assert httpx.get(f"{url}/ui/").status_code == 404
