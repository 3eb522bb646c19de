"""Trains the network that reads the letters of passports, and writes it where the program looks for it.

    python3 -m venv /tmp/training
    /tmp/training/bin/pip install numpy pillow opencv-python-headless onnxruntime -r tests/training/requirements.txt
    apt-get install fonts-ocr-b fonts-liberation fonts-dejavu
    nice /tmp/training/bin/python -m tests.training.train_mrz_letters --minutes 25
    nice /tmp/training/bin/python -m tests.training.train_mrz_letters --minutes 25 --begin 1 --to FILE

Two cores do a round in about half an hour, one of them drawing lines; `--begin` goes on from the weights that the last
round left beside the network, with other lines. Nothing but drawn lines is learnt from.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from pathlib import Path

import numpy
import torch
from torch import Tensor, nn

from bot.documents.mrz_letters import CHARACTERS, FRAME, HEIGHT, NOTHING
from tests.training.drawn_lines import WIDTH, some_piece

MODEL = Path(__file__).parents[2] / "bot/documents/models/mrz_letters.onnx"
SEED = 9303
BATCH = 64
HIGHEST_RATE = 3e-3


class Letters(nn.Module):
    """Four steps that look at strokes, one that joins the rows, and two that look to both sides."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = nn.Sequential(
            _step(1, 20),
            nn.MaxPool2d(2),
            _step(20, 40),
            nn.MaxPool2d(2),
            _step(40, 56),
            nn.MaxPool2d((2, 1)),
            _step(56, 80),
            nn.Conv2d(80, 96, (HEIGHT // 8, 3), padding=(0, 1), bias=False),
            nn.BatchNorm2d(96),
            nn.ReLU(),
        )
        self.said = nn.Sequential(
            nn.Conv1d(96, 96, 3, padding=1),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Conv1d(96, len(CHARACTERS) + 1, 3, padding=1),
        )

    def forward(self, lines: Tensor) -> Tensor:
        """Lines (count, 1, HEIGHT, width) to logarithms of chances (count, width / FRAME, classes)."""
        return torch.log_softmax(self.said(self.seen(lines).squeeze(2)).transpose(1, 2), dim=2)


def _step(taken: int, given: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(taken, given, 3, padding=1, bias=False), nn.BatchNorm2d(given), nn.ReLU())


def _draw(seed: int, drawn: multiprocessing.Queue[tuple[numpy.ndarray, numpy.ndarray]]) -> None:
    """Draw batches for ever."""
    chance = numpy.random.default_rng(seed)
    while True:
        pieces, classes = zip(*(some_piece(chance) for _ in range(BATCH)), strict=True)
        drawn.put((numpy.stack(pieces).astype(numpy.float16), numpy.stack(classes).astype(numpy.int8)))


def train(minutes: float, to: Path, begin: int) -> None:
    """Train for so long, writing the network every few minutes and at the end; `begin` counts the rounds before."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    context = multiprocessing.get_context("spawn")
    drawn = context.Queue(maxsize=8)
    context.Process(target=_draw, args=(SEED + begin, drawn), daemon=True).start()
    network = Letters()
    if begin:
        network.load_state_dict(torch.load(to.with_suffix(".pt")))
    weights = torch.ones(NOTHING + 1)
    weights[NOTHING] = 0.6
    judge = nn.NLLLoss(weight=weights)
    learner = torch.optim.AdamW(network.parameters(), lr=HIGHEST_RATE, weight_decay=1e-3)
    began, step, mean, right = time.monotonic(), 0, 3.6, 0.0
    while (spent := (time.monotonic() - began) / 60 / minutes) < 1:
        # Up quickly, then down along half a cosine, by the clock.
        rate = min(1.0, spent / 0.04 + 0.02) * (0.5 + 0.5 * numpy.cos(numpy.pi * spent)) + 0.003
        for group in learner.param_groups:
            group["lr"] = HIGHEST_RATE * rate * (0.5 if begin else 1)
        pieces, classes = drawn.get()
        lines, wanted = torch.from_numpy(pieces.astype(numpy.float32))[:, None], torch.from_numpy(classes).long()
        said = network(lines)
        loss = judge(said.reshape(-1, NOTHING + 1), wanted.reshape(-1))
        learner.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        learner.step()
        mean += 0.02 * (loss.item() - mean)
        letters = wanted != NOTHING
        right += 0.02 * ((said.argmax(2) == wanted)[letters].float().mean().item() - right)
        step += 1
        if step % 50 == 0:
            print(f"{spent:6.1%} step {step} loss {mean:.3f} letters {right:.4f}", flush=True)
        if step % 300 == 0:
            write(network, to)
    write(network, to)


def write(network: Letters, to: Path) -> None:
    """The network as ONNX, and its weights beside it for going on later."""
    network.eval()
    torch.save(network.state_dict(), to.with_suffix(".pt"))
    torch.onnx.export(
        network,
        (torch.zeros(2, 1, HEIGHT, WIDTH),),
        str(to),
        input_names=["lines"],
        output_names=["opinions"],
        dynamic_axes={"lines": {0: "count", 3: "width"}, "opinions": {0: "count", 1: "frames"}},
        opset_version=17,
        dynamo=False,
    )
    network.train()


def main() -> None:
    """Train as asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--to", type=Path, default=MODEL)
    parser.add_argument("--begin", type=int, default=0, help="go on from the weights of so many rounds before")
    arguments = parser.parse_args()
    assert WIDTH % FRAME == 0
    train(arguments.minutes, arguments.to, arguments.begin)


if __name__ == "__main__":
    main()
