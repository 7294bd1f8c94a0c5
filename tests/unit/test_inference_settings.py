from __future__ import annotations

from pathlib import Path

import pytest

from inference.openai_model import OpenAICompatibleModel
from inference.ports import ModelError
from inference.settings import BUNDLED_MODEL, InferenceSettings, cache_directory, open_model


def test_without_variables_the_bundled_files_are_used() -> None:
    settings = InferenceSettings.from_environment({"HOME": "/home/someone", "PARLEY_MODEL": ""})
    assert settings.model_path == BUNDLED_MODEL
    assert settings.encoder_path == cache_directory({}) / "all-minilm-l6-v2-q8_0.gguf"
    assert settings.finder_path == cache_directory({}) / "parley-finder-q8_0.gguf"
    assert settings.router_path == cache_directory({}) / "parley-router-q8_0.gguf"
    assert settings.base_url is None


def test_an_empty_environment_is_not_the_process_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_MODEL", "/elsewhere.gguf")
    assert InferenceSettings.from_environment({}).model_path == BUNDLED_MODEL
    assert InferenceSettings.from_environment().model_path == Path("/elsewhere.gguf")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"PARLEY_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, Path("/a")),
        ({"XDG_CACHE_HOME": "/b"}, Path("/b/parley")),
        ({}, Path.home() / ".cache" / "parley"),
    ],
)
def test_the_cache_is_where_people_expect_it(environment: dict[str, str], expected: Path) -> None:
    assert cache_directory(environment) == expected


def test_variables_choose_files_and_endpoint() -> None:
    settings = InferenceSettings.from_environment(
        {
            "PARLEY_MODEL": "/m.gguf",
            "PARLEY_ENCODER": "/e.gguf",
            "PARLEY_OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
            "PARLEY_OPENAI_API_KEY": "secret",
            "PARLEY_OPENAI_MODEL": "big",
            "PARLEY_OPENAI_GRAMMAR": "1",
            "PARLEY_THREADS": "3",
        }
    )
    assert (settings.model_path, settings.encoder_path) == (Path("/m.gguf"), Path("/e.gguf"))
    assert settings.finder_path == settings.router_path == settings.encoder_path
    assert settings.grammar_supported
    assert settings.threads == 3
    model = open_model(settings)
    assert isinstance(model, OpenAICompatibleModel)
    assert model.name == "big"
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("threads", ["0", "-1", "many", "1.5"])
def test_a_thread_count_that_is_none_is_refused(threads: str) -> None:
    with pytest.raises(ModelError, match="PARLEY_THREADS"):
        InferenceSettings.from_environment({"PARLEY_THREADS": threads})


@pytest.mark.model
def test_a_missing_local_model_is_reported_when_opened(tmp_path: Path) -> None:
    settings = InferenceSettings.from_environment({"PARLEY_MODEL": str(tmp_path / "absent.gguf")})
    with pytest.raises(ModelError, match=r"absent\.gguf"):
        open_model(settings)
