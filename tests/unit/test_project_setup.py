"""The set-up: what the lock holds, which Python is refused, what apt is asked for."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org"}


def executable(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def system_packages(
    python: Path | str, path: str | None = None, *arguments: str
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({"PATH": path} if path else {})
    return subprocess.run(
        ["/bin/bash", "scripts/system-packages", str(python), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_lock_names_public_hosts_only() -> None:
    text = Path("uv.lock").read_text("utf-8")
    assert set(re.findall(r"\w+://([^/\"]*)", text)) == PUBLIC_HOSTS
    assert "file:" not in text
    assert not re.search(r"\"(/|\.\./)", text)


def test_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))
    lock = tomllib.loads(Path("uv.lock").read_text("utf-8"))
    own = next(package for package in lock["package"] if package["name"] == "parley")
    locked = {(entry["name"], entry.get("specifier", "")) for entry in own["metadata"]["requires-dist"]}
    for group, entries in own["metadata"]["requires-dev"].items():
        locked |= {(f"{group}/{entry['name']}", entry.get("specifier", "")) for entry in entries}
    wanted = set(map(split, project["project"]["dependencies"]))
    for group, requirements in project["dependency-groups"].items():
        wanted |= {(f"{group}/{name}", version) for name, version in map(split, requirements)}
    assert locked == wanted


def split(requirement: str) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Za-z0-9_.-]+?)(?:\[.*\])?([<>=!~].*)?", requirement)
    assert match is not None
    return match[1].lower().replace("_", "-"), match[2] or ""


def test_training_takes_the_wheel_that_the_encoder_is_made_of() -> None:
    lines = Path("training/encoder_wheel.txt").read_text("utf-8").splitlines()
    requirements = [line for line in lines if not line.startswith("#")]
    # Importing inference.encoder_setup would load llama.cpp.
    source = Path("inference/encoder_setup.py").read_text("utf-8")
    values = dict(re.findall(r'^(PACKAGE|_WHEEL_SHA256) = "(.+)"$', source, re.MULTILINE))
    assert requirements == [f"{values['PACKAGE']} --hash=sha256:{values['_WHEEL_SHA256']}"]


def test_make_and_image_install_the_same_uv() -> None:
    wanted = re.search(r"^UV_VERSION := (\S+)$", Path("Makefile").read_text("utf-8"), re.MULTILINE)
    assert wanted is not None
    assert f"uv=={wanted[1]}" in Path("Dockerfile").read_text("utf-8")


def test_continuous_integration_runs_what_people_run() -> None:
    assert os.access(".ci/run", os.X_OK)
    lines = Path(".ci/run").read_text("utf-8").splitlines()
    assert "set -euo pipefail" in lines
    assert lines[-2:] == ["make check", "make test"]


def test_make_help_lists_every_public_target() -> None:
    result = subprocess.run(["make", "-s", "help"], capture_output=True, text=True, check=True)
    for target in ("help", "setup", "demo", "test", "test-training", "training-venv", "check"):
        assert f"make {target}" in result.stdout


def test_a_complete_system_is_left_alone(tmp_path: Path) -> None:
    executable(tmp_path / "apt-get", "#!/bin/bash\necho called >&2; exit 9\n")
    executable(tmp_path / "g++", "#!/bin/bash\n")
    executable(tmp_path / "mosquitto", "#!/bin/bash\n")
    result = system_packages(sys.executable, f"{tmp_path}:{os.environ['PATH']}")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_node_and_a_browser_are_wanted_for_the_tests_alone(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    log = tmp_path / "log"
    for name in ("g++", "mosquitto"):
        executable(programs / name, "#!/bin/bash\n")
    executable(programs / "apt-get", f'#!/bin/bash\necho "apt-get $*" >> {log}\n')
    executable(programs / "sudo", '#!/bin/bash\nexec "$@"\n')
    for name in ("id", "env", "python3"):
        (programs / name).symlink_to(shutil.which(name) or name)
    assert system_packages(sys.executable, str(programs)).returncode == 0
    assert not log.exists()
    assert system_packages(sys.executable, str(programs), "--tests").returncode == 0
    assert log.read_text().splitlines()[-1].endswith(" nodejs npm chromium chromium-driver")


def test_an_old_python_is_refused_with_the_way_out(tmp_path: Path) -> None:
    old = executable(tmp_path / "python3", '#!/bin/bash\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n')
    result = system_packages(old)
    assert result.returncode == 1
    assert "Python 3.9.2 is not supported" in result.stderr
    assert "make PYTHON=" in result.stderr


def test_a_missing_python_is_named() -> None:
    result = system_packages("python-that-is-not-there")
    assert result.returncode == 1
    assert "python-that-is-not-there was not found" in result.stderr


@pytest.mark.parametrize("user", ["root", "other"])
def test_apt_is_updated_first_and_sudo_is_for_others(tmp_path: Path, user: str) -> None:
    # A Python whose venv module lacks ensurepip, as Debian's does before python3-venv is there.
    python = executable(
        tmp_path / "python3",
        f'#!/bin/bash\ncase "$2" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n',
    )
    log = tmp_path / "log"
    executable(tmp_path / "apt-get", f'#!/bin/bash\necho "apt-get $*" >> {log}\n')
    executable(tmp_path / "sudo", f'#!/bin/bash\necho sudo >> {log}\nexec "$@"\n')
    executable(tmp_path / "id", f"#!/bin/bash\necho {0 if user == 'root' else 1000}\n")
    result = system_packages(python, f"{tmp_path}:{os.environ['PATH']}")
    assert result.returncode == 0, result.stderr
    calls = log.read_text().splitlines()
    commands = [call for call in calls if call != "sudo"]
    assert commands[0].startswith("apt-get update")
    assert commands[1].startswith("apt-get install")
    assert f"python3.{sys.version_info.minor}-venv" in commands[1]
    assert calls.count("sudo") == (0 if user == "root" else 2)
