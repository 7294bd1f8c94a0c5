"""What people do with the pages' buttons: each is one call of the coordinator's API."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from dashboard.api import Api
from dashboard.conversations import WHO

_PATHS: Final = {
    **{f"goal {act}": f"/v1/goals/{{}}/{act}" for act in ("pause", "resume", "cancel")},
    **{f"device {act}": f"/v1/devices/{{}}/{act}" for act in ("pause", "resume", "cancel")},
    **{f"standing {act}": f"/v1/standing/{{}}/{act}" for act in ("pause", "resume", "cancel")},
    "standstill resume": "/v1/site/standstills/{}/resume",
    "approve": "/v1/approvals/{}",
    "deny": "/v1/approvals/{}",
}


async def perform(api: Api, act: str, of: str) -> None:
    """Do what a button says.

    Args:
        api: the coordinator's.
        act: such as `goal pause`, `standing cancel`, `approve`, `place reopen`, `stop` or `release`.
        of: of which goal, device, standing goal, question, place or standstill; empty for the site.

    Raises:
        ApiError: the coordinator does not do it.
        KeyError: there is no such button.
    """
    if act == "stop":
        await api.post("/v1/estop", {"by": WHO})
    elif act == "release":
        await api.delete("/v1/estop", by=WHO)
    elif act == "place reopen":
        await api.post("/v1/site/reopen", {"place": of, "by": WHO})
    else:
        decision = {"decision": act} if act in {"approve", "deny"} else {}
        await api.post(_PATHS[act].format(quote(of, safe="")), {"by": WHO, **decision})
