"""Train nothing, but log as if: a living run for the journeys, written through the SDK.

python live_writer.py DIRECTORY SECONDS
"""

from __future__ import annotations

import math
import random
import sys
import time

import tracklab


def main() -> None:
    root, seconds = sys.argv[1], float(sys.argv[2])
    config = {
        "model": {"name": "llama-7B", "hidden": 4096},
        "optimizer": {"name": "adamw", "lr": 3e-4},
        "batch_size": 256,
        "seed": 99,
    }
    run = tracklab.init(
        project="llm-sft",
        name="live-lark-99",
        id="liverun1",
        dir=root,
        config=config,
        tags=["live"],
    )
    began, step, noise = time.monotonic(), 0, 0.0
    while time.monotonic() - began < seconds:
        noise = 0.9 * noise + 0.1 * random.gauss(0, 0.35)
        loss = 0.66 + 2.5 * math.exp(-step * 0.01) + 0.12 * noise
        run.log(
            {
                "train/loss": loss,
                "train/accuracy": 1 - loss / 4,
                "perf/tokens_per_s": 40_000 + random.gauss(0, 300),
            },
            step=step,
        )
        if step % 10 == 0:
            run.log(
                {"val/loss": loss + 0.05, "samples/story": f"Once upon a time, at step {step}."},
                step=step,
            )
            print(f"step {step:>6}  loss \x1b[32m{loss:.4f}\x1b[0m", flush=True)
        step += 1
        time.sleep(0.15)
    run.finish()


if __name__ == "__main__":
    main()
