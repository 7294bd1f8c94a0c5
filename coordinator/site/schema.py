"""The JSON Schema of site files, kept beside the models it is made from.

python -m coordinator.site.schema           write it
python -m coordinator.site.schema --check   fail where it is not that of the models
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from coordinator.site.model import Site

SCHEMA_FILE = Path(__file__).with_name("site.schema.json")


def schema_text() -> str:
    """Return the schema as the file is to hold it."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Site.model_json_schema(by_alias=True),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check the file; returns the exit code."""
    if arguments == ["--check"]:
        if SCHEMA_FILE.read_text("utf-8") == schema_text():
            return 0
        sys.stderr.write(f"{SCHEMA_FILE} is out of date: run python -m coordinator.site.schema\n")
        return 1
    SCHEMA_FILE.write_text(schema_text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
