from __future__ import annotations

import math
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from inference.llama_cpp_model import LlamaCppModel
from inference.ports import ModelError, Prompt, PromptStyle
from tests.tiny_gguf import END, QUESTION, write_tiny_llama

pytestmark = pytest.mark.model  # real llama.cpp, on tiny files made here

CALLS = r"""
root ::= call (";" call)*
call ::= [A-C] "( " [0-9] ")"
"""


def ask(text: str) -> Prompt:
    return Prompt(compact=f"{QUESTION}{text}", system="Be brief.", user=text)


@pytest.fixture(scope="module")
def tiny_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_llama(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture
def tiny(tiny_path: Path) -> LlamaCppModel:
    return LlamaCppModel(tiny_path, threads=1, context_tokens=256)


def test_a_model_trained_on_compact_prompts_takes_no_examples(tiny: LlamaCppModel) -> None:
    assert tiny.style is PromptStyle.COMPACT
    assert not tiny.takes_examples


def test_the_answer_obeys_the_grammar(tiny: LlamaCppModel) -> None:
    for question in ("go", "come back", "移动"):
        generation = tiny.generate(ask(question), grammar=CALLS, maximum_tokens=24)
        first_call = generation.text[:5]
        assert re.fullmatch(r"[A-C]\( \d\)", first_call), generation.text


def test_a_closed_grammar_ends_the_answer(tiny: LlamaCppModel) -> None:
    generation = tiny.generate(ask("go"), grammar='root ::= "move" "!"')
    assert generation.text == "move!"
    assert generation.completion_tokens < 160


def test_the_same_prompt_gives_the_same_answer_with_and_without_cache(tiny: LlamaCppModel) -> None:
    first = tiny.generate(ask("move to shelf 3"), maximum_tokens=20)
    tiny.generate(ask("something else"), maximum_tokens=20)
    again = tiny.generate(ask("move to shelf 3"), maximum_tokens=20)
    assert again.text == first.text
    assert again.confidence == pytest.approx(first.confidence, rel=1e-3)


def test_a_shared_beginning_is_not_evaluated_twice(tiny: LlamaCppModel) -> None:
    beginning = "the documents of this device that never change: " * 2
    first = tiny.generate(ask(beginning + "go"), maximum_tokens=4)
    second = tiny.generate(ask(beginning + "stop"), maximum_tokens=4)
    assert first.cached_tokens == 0
    assert second.cached_tokens == 1 + len(beginning)
    assert second.prompt_tokens == second.cached_tokens + len("stop")
    repeated = tiny.generate(ask(beginning + "stop"), maximum_tokens=4)
    assert repeated.cached_tokens == repeated.prompt_tokens - 1


def test_confidence_is_the_smallest_probability_without_the_grammar(tiny_path: Path) -> None:
    model = LlamaCppModel(tiny_path, threads=1, context_tokens=256)
    generation = model.generate(ask("go"), grammar='root ::= "Z"', maximum_tokens=1)
    reference = llama_cpp.Llama(str(tiny_path), n_ctx=256, logits_all=True, verbose=False)
    tokens = reference.tokenize(f"{QUESTION}go".encode(), add_bos=False, special=True)
    reference.eval(tokens)
    logits = np.array(reference.scores[len(tokens) - 1], dtype=np.float64)
    expected = math.exp(logits[ord("Z")] - logits.max()) / np.exp(logits - logits.max()).sum()
    assert generation.confidence == pytest.approx(expected, rel=1e-3)
    free = model.generate(ask("go"), maximum_tokens=1)
    assert free.confidence is not None
    assert free.confidence >= expected


def test_stop_texts_end_the_answer_and_are_left_out(tiny: LlamaCppModel) -> None:
    assert tiny.generate(ask("go"), grammar='root ::= "move;move"', stop=[";"]).text == "move"


def test_output_that_never_becomes_valid_utf8_stops_at_the_cap(tiny_path: Path) -> None:
    for seed in range(3):
        path = write_tiny_llama(tiny_path.with_name(f"tiny-{seed}.gguf"), seed=seed)
        model = LlamaCppModel(path, threads=1, context_tokens=64)
        endless = model.generate(ask("go"), grammar="root ::= [\U00010000-\U0010ffff]+", maximum_tokens=10)
        assert endless.completion_tokens <= 10
        assert model.generate(ask("go"), grammar='root ::= "move"').text == "move"


def test_the_context_is_never_overfilled(tiny_path: Path) -> None:
    model = LlamaCppModel(tiny_path, threads=1, context_tokens=256)
    generation = model.generate(ask("x" * 240), grammar="root ::= [a-z]+", maximum_tokens=1000)
    assert generation.prompt_tokens + generation.completion_tokens <= 256
    with pytest.raises(ModelError, match="context holds 256"):
        model.generate(ask("x" * 300))
    assert model.generate(ask("go"), grammar='root ::= "move"').text == "move"


def test_a_failed_evaluation_is_reported_and_the_next_prompt_starts_afresh(
    tiny: LlamaCppModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tiny.generate(ask("go"), maximum_tokens=8)

    def fail(tokens: list[int]) -> None:
        raise RuntimeError("llama_decode returned 1")

    with monkeypatch.context() as patch:
        patch.setattr(tiny._llama, "eval", fail)
        with pytest.raises(ModelError, match="Try again"):
            tiny.generate(ask("go on"))
    after = tiny.generate(ask("go"), maximum_tokens=8)
    assert (after.text, after.cached_tokens) == (before.text, 0)


def test_a_broken_grammar_is_an_error_and_not_a_crash(tiny: LlamaCppModel) -> None:
    with pytest.raises(ModelError, match="grammar"):
        tiny.generate(ask("go"), grammar="root ::= undefined-rule")


def test_callers_in_several_threads_do_not_mix(tiny: LlamaCppModel) -> None:
    questions = [f"question {number}" for number in range(8)]
    alone = [tiny.generate(ask(question), maximum_tokens=6).text for question in questions]
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda question: tiny.generate(ask(question), maximum_tokens=6).text, questions)
        )
    assert together == alone


def test_a_missing_file_names_the_path_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.gguf") as caught:
        LlamaCppModel(tmp_path / "absent.gguf")
    assert "PARLEY_MODEL" in caught.value.remedy


@pytest.mark.parametrize("kept", [0, 3, 200, 4000])
def test_a_truncated_file_is_refused(tiny_path: Path, tmp_path: Path, kept: int) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(tiny_path.read_bytes()[:kept])
    with pytest.raises(ModelError, match=r"broken\.gguf"):
        LlamaCppModel(broken)


def test_other_files_are_asked_through_their_chat_template(tmp_path: Path) -> None:
    template = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    path = write_tiny_llama(tmp_path / "chat.gguf", style=None, chat_template=template)
    model = LlamaCppModel(path, threads=1, context_tokens=256)
    assert model.style is PromptStyle.INSTRUCT
    assert model.takes_examples
    generation = model.generate(ask("go"), maximum_tokens=1)
    assert generation.prompt_tokens == len("[system]Be brief.[user]go")


def test_a_template_without_a_system_role_gets_one_message(tmp_path: Path) -> None:
    template = (
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
        "[{{ m.role }}]{{ m.content }}{% endfor %}"
    )
    path = write_tiny_llama(tmp_path / "chat.gguf", style=None, chat_template=template)
    generation = LlamaCppModel(path, threads=1, context_tokens=256).generate(ask("go"), maximum_tokens=1)
    assert generation.prompt_tokens == len("[user]Be brief.\n\ngo")


def test_without_a_template_the_prompt_is_plain_text(tmp_path: Path) -> None:
    path = write_tiny_llama(tmp_path / "plain.gguf", style=None)
    generation = LlamaCppModel(path, threads=1, context_tokens=256).generate(ask(END), maximum_tokens=1)
    assert generation.prompt_tokens == len(f"Be brief.\n\n{END}\n")


def test_loading_and_writing_leave_the_standard_streams_alone(
    tiny_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    LlamaCppModel(tiny_path, threads=1, context_tokens=64).generate(ask("go"), maximum_tokens=2)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""
