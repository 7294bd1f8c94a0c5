"""Where the parts of a site keep their state."""

from __future__ import annotations

import os
from pathlib import Path

from protocol.errors import InputError
from protocol.topics import Topics


def state_folder(chosen: Path | None, site: str, part: str) -> Path:
    """Return where one part of a site keeps its state: below `chosen`, else below the user's state directory.

    Raises:
        InputError: the site's name cannot be used.
    """
    Topics(site)
    if site in {".", ".."}:
        raise InputError("site", site, "a name that can be a folder's too")
    base = chosen or Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "parley"
    return base / site / part
