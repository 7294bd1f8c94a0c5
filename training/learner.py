"""One training run: model, optimizers, how far it has come, and its files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict

import torch
import torch.nn.functional as F  # noqa: N812 - the name everyone knows
from tokenizers import Tokenizer
from torch import Tensor

from training.export_gguf import TYPES, export
from training.model import ModelShape, TinyLlama
from training.optimizer import Muon
from training.schedule import Schedule
from training.start import Start
from training.stream import Batch
from training.word_vectors import starting_rows

Forward = Callable[[Tensor, Tensor, Tensor], Tensor]


class Run:
    """What one run of `training.train` learns with; `arguments` are that command's."""

    def __init__(self, arguments: argparse.Namespace, tokenizer: Tokenizer, start: Start | None) -> None:
        self.arguments = arguments
        self.device = arguments.device
        if start is None:
            shape = ModelShape(
                tokenizer.get_vocab_size(),
                arguments.width,
                arguments.layers,
                arguments.heads,
                arguments.feed_forward,
            )
            self.model, self.tokens = TinyLlama(shape), 0
        else:
            self.model, self.tokens = TinyLlama(start.shape), start.tokens
            self.model.load_state_dict(start.weights)
        if arguments.word_vectors and start is None:
            ids, rows = starting_rows(tokenizer, arguments.word_vectors, self.model.shape.width)
            with torch.no_grad():
                self.model.embedding.weight[torch.tensor(ids)] = torch.from_numpy(rows)
            print(f"{len(ids)} embeddings start from word vectors", flush=True)
        self.model.to(self.device)
        matrices = [
            p for name, p in self.model.named_parameters() if p.dim() == 2 and "embedding" not in name
        ]
        others = [p for name, p in self.model.named_parameters() if p.dim() != 2 or "embedding" in name]
        rate = arguments.learning_rate
        self.muon = Muon(matrices, lr=rate)
        self.adam = torch.optim.AdamW(others, lr=rate * 0.75, betas=(0.9, 0.97), weight_decay=0.0)
        self.step, self.spent_seconds = 0, 0.0
        self.checkpoint = arguments.out / "checkpoint.pt"
        self.forward: Forward = torch.compile(self.model) if arguments.compile else self.model
        self.schedule = Schedule(arguments.minutes, arguments.steps, arguments.stop_at)
        print(f"{sum(p.numel() for p in self.model.parameters()) / 1e6:.2f} M parameters", flush=True)

    def load(self) -> None:
        """Go on from the checkpoint, if there is one.

        Raises:
            SystemExit: the checkpoint is of a model of another shape.
        """
        if not self.checkpoint.exists():
            return
        saved = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        if saved["shape"] != asdict(self.model.shape):
            raise SystemExit(
                f"{self.checkpoint} holds a model of shape {saved['shape']}, but {asdict(self.model.shape)} is asked for."
                " Ask for the same shape, or choose another --out."
            )
        self.model.load_state_dict(saved["model"])
        self.muon.load_state_dict(saved["muon"])
        self.adam.load_state_dict(saved["adam"])
        self.step, self.spent_seconds, self.tokens = saved["step"], saved["spent"], saved["tokens"]
        print(f"going on from step {self.step}", flush=True)

    def save(self) -> None:
        """Write the checkpoint, atomically."""
        temporary = self.checkpoint.with_suffix(".tmp")
        torch.save(
            {
                "model": self.model.state_dict(),
                "muon": self.muon.state_dict(),
                "adam": self.adam.state_dict(),
                "shape": asdict(self.model.shape),
                "step": self.step,
                "spent": self.spent_seconds,
                "tokens": self.tokens,
                "seed": self.arguments.seed,
            },
            temporary,
        )
        temporary.replace(self.checkpoint)

    def predict(self, batch: Batch, forward: Forward | None = None) -> tuple[Tensor, Tensor]:
        """Return logits and wanted tokens at the answer positions of a batch.

        Only steps go through the compiled model: batches of another size would have it compiled again.
        """
        batch = batch.to(self.device)
        wanted = batch.targets >= 0
        with torch.autocast(self.device.split(":")[0], dtype=torch.bfloat16):
            hidden = (self.model if forward is None else forward)(batch.tokens, batch.positions, batch.mask())
            logits = self.model.logits(hidden[wanted])
        return logits.float(), batch.targets[wanted]

    def learn(self, batch: Batch) -> float:
        """Take one step; returns the loss."""
        scale = self.schedule.rate(self.step, self.spent_seconds)
        for optimizer, factor in ((self.muon, 1.0), (self.adam, 0.75)):
            for group in optimizer.param_groups:
                group["lr"] = self.arguments.learning_rate * factor * scale
        logits, wanted = self.predict(batch, self.forward)
        loss = F.cross_entropy(logits, wanted)
        loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in (self.muon, self.adam):
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.tokens += int((batch.positions > 0).sum())
        return loss.item()

    @property
    def is_finished(self) -> bool:
        """Whether the schedule is at its end."""
        return self.schedule.progress(self.step, self.spent_seconds) >= 1.0

    def export_missing(self) -> None:
        """Write the GGUF files that are not there or are of an older checkpoint."""
        written = self.checkpoint.stat().st_mtime_ns
        for tensor_type in TYPES:
            path = self.arguments.out / f"model-{tensor_type}.gguf"
            if not path.exists() or path.stat().st_mtime_ns < written:
                export(self.arguments.out, path, tensor_type)
