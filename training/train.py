"""Trains the bundled generator: tokenizer, model, checkpoints, curves.

python -m training.train --out build/model --minutes 60            two cores
python -m training.train --out build/model --minutes 1 --tiny      the same pipeline in little, for tests
python -m training.train --out $OUT --minutes 18 --device cuda --layers 8 --width 384 --heads 6 --feed-forward 1024 --rows 128
"""

from __future__ import annotations

import argparse
import json
import time
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 - the name everyone knows
from tokenizers import Tokenizer

from training.lexicon import read_lexicon
from training.mixture import blocks, split_families, texts
from training.model import ModelShape, TinyLlama
from training.optimizer import Muon
from training.stream import Batch, make_batch
from training.tokenizer import load_tokenizer, train_tokenizer

CHECKPOINT_SECONDS = 180.0
REPORT_EVERY = 20


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for tokenizer, checkpoint and log")
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="time limit; the learning rate falls to zero at its end"
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vocabulary", type=int, default=3072)
    parser.add_argument("--width", type=int, default=224)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=7)
    parser.add_argument("--feed-forward", type=int, default=576)
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--learning-rate", type=float, default=0.004)
    parser.add_argument(
        "--word-vectors", type=Path, help=".npz of an encoder's word vectors to start the embeddings from"
    )
    parser.add_argument("--tiny", action="store_true", help="a model of seconds, to test the pipeline")
    return parser.parse_args()


def start_embeddings(model: TinyLlama, tokenizer: Tokenizer, path: Path) -> int:
    """Start the embeddings of whole words from an encoder's word vectors, so that "shut" begins near "close". Returns how many."""
    import numpy as np

    data = np.load(path, allow_pickle=False)
    vectors = {str(word): vector for word, vector in zip(data["words"], data["vectors"], strict=True)}
    matched = []
    for token, index in tokenizer.get_vocab().items():
        word = token.removeprefix("Ġ")
        if len(word) >= 3 and word.isascii() and word.isalpha() and word in vectors:
            matched.append((index, vectors[word]))
    table = torch.tensor(np.stack([vector for _, vector in matched]))
    table = table - table.mean(0)
    _, _, directions = torch.linalg.svd(table, full_matrices=False)
    projected = table @ directions[: model.shape.width].T
    projected *= 0.02 / projected.std()
    with torch.no_grad():
        model.embedding.weight[torch.tensor([index for index, _ in matched])] = projected
    return len(matched)


def evaluate(model: TinyLlama, batches: list[Batch], device: str) -> tuple[float, float]:
    """Return loss and the share of answers whose every token is right when the right prefix is given."""
    losses, right, total = [], 0, 0
    with torch.no_grad():
        for batch in batches:
            hidden = model(batch.tokens.to(device), batch.positions.to(device), batch.mask.to(device))
            targets = batch.targets.to(device)
            logits = model.logits(hidden[targets >= 0])
            wanted = targets[targets >= 0]
            losses.append(F.cross_entropy(logits.float(), wanted).item())
            good = torch.ones_like(targets, dtype=torch.bool)
            good[targets >= 0] = logits.argmax(-1) == wanted
            for row in range(targets.shape[0]):
                in_answer, all_good = False, True
                for is_target, is_good in zip((targets[row] >= 0).tolist(), good[row].tolist(), strict=True):
                    if is_target:
                        in_answer, all_good = True, all_good and is_good
                    elif in_answer:
                        total, right = total + 1, right + all_good
                        in_answer, all_good = False, True
    return sum(losses) / len(losses), right / max(total, 1)


def main() -> None:
    arguments = parse_arguments()
    if arguments.tiny:
        arguments.width, arguments.layers, arguments.heads, arguments.feed_forward = 64, 3, 4, 128
        arguments.rows, arguments.vocabulary = 4, 1024
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    training, held_out = split_families(read_lexicon())
    print(
        f"{len(training)} families to train on, {len(held_out)} held out: {[family.names[0] for family in held_out]}",
        flush=True,
    )
    tokenizer_path = arguments.out / "tokenizer.json"
    if not tokenizer_path.exists():
        tokenizer = train_tokenizer(
            texts(training + held_out, "tokenizer", 300 if arguments.tiny else 9000), arguments.vocabulary
        )
        tokenizer.save(str(tokenizer_path))
    tokenizer = load_tokenizer(tokenizer_path)
    shape = ModelShape(
        tokenizer.get_vocab_size(), arguments.width, arguments.layers, arguments.heads, arguments.feed_forward
    )
    model = TinyLlama(shape)
    if arguments.word_vectors:
        print(
            f"{start_embeddings(model, tokenizer, arguments.word_vectors)} embeddings start from word vectors",
            flush=True,
        )
    model.to(arguments.device)
    matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and "embedding" not in name]
    others = [p for name, p in model.named_parameters() if p.dim() != 2 or "embedding" in name]
    muon = Muon(matrices, lr=arguments.learning_rate)
    adam = torch.optim.AdamW(others, lr=arguments.learning_rate * 0.75, betas=(0.9, 0.97), weight_decay=0.0)
    base_rates = (arguments.learning_rate, arguments.learning_rate * 0.75)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters", flush=True)

    step, spent, tokens_seen = 0, 0.0, 0
    checkpoint_path = arguments.out / "checkpoint.pt"
    log_path = arguments.out / "log.jsonl"
    if checkpoint_path.exists():
        saved = torch.load(checkpoint_path, map_location=arguments.device, weights_only=True)
        model.load_state_dict(saved["model"])
        muon.load_state_dict(saved["muon"])
        adam.load_state_dict(saved["adam"])
        step, spent, tokens_seen = saved["step"], saved["spent"], saved["tokens"]
        print(f"going on from step {step}", flush=True)

    def save() -> None:
        temporary = checkpoint_path.with_suffix(".tmp")
        torch.save(
            {
                "model": model.state_dict(), "muon": muon.state_dict(), "adam": adam.state_dict(),
                "shape": asdict(shape), "step": step, "spent": spent, "tokens": tokens_seen, "seed": arguments.seed,
            },
            temporary,
        )  # fmt: skip
        temporary.replace(checkpoint_path)

    seen_check = [
        make_batch(blocks(training, f"check-{n}"), tokenizer, 16, arguments.length) for n in range(2)
    ]
    held_check = (
        [make_batch(blocks(held_out, f"held-{n}"), tokenizer, 16, arguments.length) for n in range(2)]
        if held_out
        else []
    )
    autocast = torch.autocast(arguments.device.split(":")[0], dtype=torch.bfloat16)
    stream = blocks(training, f"{arguments.seed}-{step}")
    limit = arguments.minutes * 60
    last_save, began, running, since = spent, time.perf_counter() - spent, 0.0, 0
    while spent < limit:
        progress = spent / limit
        rate = min(1.0, (step + 1) / 40) * min(1.0, (1.0 - progress) / 0.45)
        for optimizer, base in ((muon, base_rates[0]), (adam, base_rates[1])):
            for group in optimizer.param_groups:
                group["lr"] = base * rate
        batch = make_batch(stream, tokenizer, arguments.rows, arguments.length)
        with autocast if arguments.device != "none" else nullcontext():
            hidden = model(
                batch.tokens.to(arguments.device),
                batch.positions.to(arguments.device),
                batch.mask.to(arguments.device),
            )
            targets = batch.targets.to(arguments.device)
            chosen = targets >= 0
            logits = model.logits(hidden[chosen])
        loss = F.cross_entropy(logits.float(), targets[chosen])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        muon.step()
        adam.step()
        muon.zero_grad(set_to_none=True)
        adam.zero_grad(set_to_none=True)
        step += 1
        tokens_seen += int((batch.positions > 0).sum()) + arguments.rows
        running, since = running + loss.item(), since + 1
        spent = time.perf_counter() - began
        if step % REPORT_EVERY == 0:
            entry = {
                "step": step,
                "seconds": round(spent),
                "tokens": tokens_seen,
                "loss": round(running / since, 4),
            }
            if step % (REPORT_EVERY * 10) == 0:
                with autocast:
                    entry["seen_loss"], entry["seen_exact"] = (
                        round(value, 4) for value in evaluate(model, seen_check, arguments.device)
                    )
                    if held_check:
                        entry["held_loss"], entry["held_exact"] = (
                            round(value, 4) for value in evaluate(model, held_check, arguments.device)
                        )
            running, since = 0.0, 0
            print(json.dumps(entry), flush=True)
            with log_path.open("a") as log:
                log.write(json.dumps(entry) + "\n")
        if spent - last_save > CHECKPOINT_SECONDS:
            save()
            last_save = spent
    save()
    print(f"done: {step} steps, {tokens_seen / 1e6:.1f} M tokens, {spent / 60:.1f} minutes", flush=True)


if __name__ == "__main__":
    main()
