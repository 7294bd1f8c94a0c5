"""Which model and encoder to use: environment variables first, what ships with Parley otherwise."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inference.ports import Encoder, LanguageModel, ModelError, Reader
from inference.routing import Router

BUNDLED_MODEL = Path(__file__).parent / "weights" / "parley.gguf"
"""The language model in this repository."""

DEFAULT_TIMEOUT_SECONDS = 60.0

ENCODER_ADAPTERS = Path(__file__).parent / "weights" / "encoder_adapters.safetensors"
"""The thin matrices of the tuned encoder, and in their metadata the fields of its `Choice`."""

FINDER_ADAPTERS = Path(__file__).parent / "weights" / "finder_adapters.safetensors"
"""The same of the finder, with which agents find functions; what the coordinator judges by is fitted on the other encoder."""

ROUTER_ADAPTERS = Path(__file__).parent / "weights" / "router_adapters.safetensors"
"""The same of what tells devices apart at homes: a finder that has seen no sentence for a single device."""

READER_WEIGHTS = Path(__file__).parent / "weights" / "reader.safetensors"
"""What makes a reader of the encoder's original weights, and its pointers."""

ENCODER_FILE_NAME = "all-minilm-l6-v2-q8_0.gguf"
"""The file that `parley setup encoder` writes into the cache directory."""

FINDER_FILE_NAME = "parley-finder-q8_0.gguf"
ROUTER_FILE_NAME = "parley-router-q8_0.gguf"
READER_FILE_NAME = "parley-reader-q8_0.gguf"
"""The other files that it writes there."""


@dataclass(frozen=True, slots=True)
class InferenceSettings:
    """What the environment says about models.

    Attributes:
        model_path: GGUF file of the language model (`PARLEY_MODEL`).
        encoder_path: GGUF file of the coordinator's encoder (`PARLEY_ENCODER`).
        finder_path: GGUF file of the encoder that finds functions; `PARLEY_ENCODER` names it too.
        router_path: GGUF file of the encoder that tells devices apart at homes; `PARLEY_ENCODER` names it too.
        reader_path: GGUF file of the reader.
        base_url: OpenAI-compatible endpoint to use instead of `model_path` (`PARLEY_OPENAI_BASE_URL`), or None.
        api_key: its key (`PARLEY_OPENAI_API_KEY`); endpoints on one's own machine often want none.
        remote_model: the model's name there (`PARLEY_OPENAI_MODEL`).
        grammar_supported: the endpoint is a llama.cpp server, so grammars can be sent (`PARLEY_OPENAI_GRAMMAR=1`).
        timeout_seconds: longest wait for one answer of the endpoint (`PARLEY_OPENAI_TIMEOUT_SECONDS`).
        threads: CPU threads for the local language model (`PARLEY_THREADS`).
    """

    model_path: Path
    encoder_path: Path
    finder_path: Path
    router_path: Path
    reader_path: Path
    base_url: str | None = None
    api_key: str = field(default="", repr=False)
    remote_model: str = "default"
    grammar_supported: bool = False
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    threads: int = 2

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> InferenceSettings:
        """Read the settings; variables that are empty count as unset.

        Raises:
            ModelError: a variable's value cannot be used.
        """
        given = os.environ if environment is None else environment
        values = {key: value for key, value in given.items() if value}
        threads = values.get("PARLEY_THREADS", "2")
        if not threads.isdecimal() or int(threads) < 1:
            raise ModelError(f"PARLEY_THREADS is {threads!r}.", "Set it to a whole number of at least 1.")
        encoder = Path(values["PARLEY_ENCODER"]).expanduser() if "PARLEY_ENCODER" in values else None
        return cls(
            model_path=Path(values.get("PARLEY_MODEL", BUNDLED_MODEL)).expanduser(),
            encoder_path=encoder or cache_directory(values) / ENCODER_FILE_NAME,
            finder_path=encoder or cache_directory(values) / FINDER_FILE_NAME,
            router_path=encoder or cache_directory(values) / ROUTER_FILE_NAME,
            reader_path=cache_directory(values) / READER_FILE_NAME,
            base_url=values.get("PARLEY_OPENAI_BASE_URL"),
            api_key=values.get("PARLEY_OPENAI_API_KEY", ""),
            remote_model=values.get("PARLEY_OPENAI_MODEL", "default"),
            grammar_supported=values.get("PARLEY_OPENAI_GRAMMAR", "0").lower() in {"1", "true", "yes"},
            timeout_seconds=_timeout_seconds(values),
            threads=int(threads),
        )


def _timeout_seconds(values: Mapping[str, str]) -> float:
    given = values.get("PARLEY_OPENAI_TIMEOUT_SECONDS", str(DEFAULT_TIMEOUT_SECONDS))
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds) or seconds <= 0:
        raise ModelError(
            f"PARLEY_OPENAI_TIMEOUT_SECONDS is {given!r}.",
            "Set it to a number of seconds above 0, such as 120.",
        )
    return seconds


def cache_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Return the directory for files that can be made again: `$PARLEY_CACHE`, else the user's cache."""
    values = os.environ if environment is None else environment
    if chosen := values.get("PARLEY_CACHE"):
        return Path(chosen).expanduser()
    if base := values.get("XDG_CACHE_HOME"):
        return Path(base).expanduser() / "parley"
    return Path("~/.cache/parley").expanduser()


# The implementations are imported where they are opened: llama.cpp takes half a second to import, and a process
# that talks to a remote endpoint, or to a scripted model in a test, has no use for it.
def open_model(settings: InferenceSettings) -> LanguageModel:
    """Open the language model that `settings` name: the endpoint if one is set, else the local file.

    Raises:
        ModelError: the local file is missing or unusable.
    """
    if settings.base_url is not None:
        from inference.openai_model import OpenAICompatibleModel  # noqa: PLC0415

        return OpenAICompatibleModel(
            settings.base_url,
            settings.api_key,
            settings.remote_model,
            grammar_supported=settings.grammar_supported,
            timeout_seconds=settings.timeout_seconds,
        )
    from inference.llama_cpp_model import LlamaCppModel  # noqa: PLC0415

    return LlamaCppModel(settings.model_path, threads=settings.threads)


def open_encoder(settings: InferenceSettings) -> Encoder:
    """Open the coordinator's encoder, which plans, routes and tells apart what messages are.

    Raises:
        ModelError: the file is missing, altered or unusable.
    """
    from inference.encoder import LlamaCppEncoder  # noqa: PLC0415

    return LlamaCppEncoder(settings.encoder_path)


def open_finder(settings: InferenceSettings) -> Encoder:
    """Open the encoder that finds the functions of a device.

    Raises:
        ModelError: the file is missing, altered or unusable.
    """
    from inference.encoder import LlamaCppEncoder  # noqa: PLC0415

    return LlamaCppEncoder(settings.finder_path)


def open_router_encoder(settings: InferenceSettings) -> Encoder:
    """Open the encoder that tells devices apart at homes.

    Raises:
        ModelError: the file is missing, altered or unusable.
    """
    from inference.encoder import LlamaCppEncoder  # noqa: PLC0415

    return LlamaCppEncoder(settings.router_path)


def open_router(settings: InferenceSettings, encoder: Encoder | None = None) -> Router | None:
    """Open what composes plans and routes parts of goals; None where an endpoint plans, whose model can do without.

    Args:
        settings: which encoder, and whether an endpoint plans.
        encoder: the coordinator's, where it is open already.

    Raises:
        ModelError: an encoder's file is missing, altered or unusable.
    """
    if settings.base_url is not None:
        return None
    from inference.plan_composition import PlanComposer  # noqa: PLC0415

    return PlanComposer(encoder or open_encoder(settings), open_router_encoder(settings))


def open_reader(settings: InferenceSettings, finder: Encoder) -> Reader | None:
    """Open the reader; None where an endpoint writes the programs, whose model needs no help to read.

    Args:
        settings: which file, and whether an endpoint writes the programs.
        finder: the encoder that finds the functions; it helps to understand choices that nobody names.

    Raises:
        ModelError: a file is missing or unusable.
    """
    if settings.base_url is not None:
        return None
    from inference.choice_likeness import LikenessReader  # noqa: PLC0415
    from inference.reader import LlamaCppReader  # noqa: PLC0415

    return LikenessReader(LlamaCppReader(settings.reader_path), finder)
