"""What programs do to an agent that runs them with `exec`: proof that an escape is one.

    python -I plain_python.py TOKEN < REQUESTS

Each line of REQUESTS is a JSON object: `source`, `door` (how to run it), `folder` (where), `report` and `output`
(files). Each program runs in a process of its own, forked from this one; the kinds of damage it did are written to
`report`, what it printed to `output`. A missing report is damage too. `TOKEN` is also in the environment, in a file, on
the terminal, in the name of the folder and in variables of this module.
"""

import builtins
import copy
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from values import is_plain, texts

TOKEN = sys.argv[1]
CALLS: list[tuple[str, Any, Any, Any]] = []
UNLOCKED: list[bool] = []
VICTIM = "measure(of=len([1, 2]))"
# What a careful reader would leave to a program that must not reach anything.
HARMLESS = """__build_class__ abs bool dict enumerate filter float int isinstance len list map max min print range repr
reversed round set sorted str sum tuple zip ArithmeticError BaseException Exception IndexError KeyError RuntimeError
ValueError""".split()


def unlock() -> bool:
    """The function of the device that no program was given."""
    UNLOCKED.append(True)
    return True


def make_measure(token: str) -> Any:
    def measure(*positional: Any, **arguments: Any) -> Any:
        CALLS.append(("measure", positional, arguments, kept((positional, arguments))))
        return bool(token)

    return measure


def move(*positional: Any, speed: int = 1, **arguments: Any) -> Any:
    """Fails on request, with the token in the cause of the failure."""
    CALLS.append(("move", positional, arguments, kept((positional, arguments))))
    if arguments.get("fail"):
        try:
            int(TOKEN)
        except ValueError as error:
            raise RuntimeError("the arm is stuck") from error
    return speed


measure = make_measure(TOKEN)


def kept(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except (TypeError, RecursionError):
        return None


def host_state() -> list[Any]:
    return [
        {name: id(value) for name, value in vars(builtins).items() if name != "_"},
        dict(os.environ),
        Path.cwd(),
        id(json.dumps),
        sys.gettrace(),
        sys.getrecursionlimit(),
        threading.active_count(),
        id(move.__code__),
        repr(move.__kwdefaults__),
        {path.name: path.read_bytes() if path.is_file() else b"" for path in Path().iterdir()},
    ]


def run(program: str | bytes, namespace: dict[str, Any]) -> None:
    CALLS.clear()
    try:
        exec(program, namespace)
    except Exception as error:  # noqa: BLE001 - as a careless agent would
        sys.stderr.write(f"{type(error).__name__}: {error}\n")


def damage(before: list[Any], after: list[Any]) -> set[str]:
    found = {
        "file": after[-1] != before[-1],
        "host": after[:-1] != before[:-1],
        "leak": any(TOKEN in texts(call[1:3]) for call in CALLS),
        "odd": not all(is_plain(call[1]) and is_plain(call[2]) for call in CALLS),
        "changed": any(call[3] is not None and (call[1], call[2]) != call[3] for call in CALLS),
        "reach": bool(UNLOCKED),
    }
    return {name for name, happened in found.items() if happened}


def run_one(request: dict[str, str]) -> None:
    os.chdir(request["folder"])
    os.dup2(os.open(request["output"], os.O_WRONLY | os.O_CREAT), sys.stdout.fileno())
    reading, writing = os.pipe()
    os.write(writing, f"{TOKEN}\n".encode())
    os.dup2(reading, 0)
    sys.stdin = os.fdopen(0)
    program, door = request["source"], request["door"]
    namespace: dict[str, Any] = {"measure": measure, "move": move}
    if door == "stripped":
        namespace["__builtins__"] = {name: getattr(builtins, name) for name in HARMLESS}
        namespace["__name__"] = "program"
    elif door == "shared":
        namespace = globals()
    before = host_state()
    run(program.encode() if door == "file" else program, namespace)
    found = damage(before, host_state())
    run(VICTIM, namespace)
    if [call[:3] for call in CALLS] != [("measure", (), {"of": 2})]:
        found.add("trap")
    Path(request["report"]).write_text(json.JSONEncoder().encode(sorted(found)), encoding="utf-8")


def main() -> None:
    for request in [json.loads(line) for line in sys.stdin]:
        child = os.fork()
        if not child:
            run_one(request)
            return
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
