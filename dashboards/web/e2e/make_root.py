"""Write a data directory as real work would leave it, with times in the past.

The journeys and whoever looks at the pages need runs that have a history: learning curves with
noise, a run that crashed, one that met a NaN, checkpoints, LLM calls, console output. The SDK
stamps lines with the present time, so these are written in the documented format directly;
`make_gallery` adds runs that the SDK writes.

    python make_root.py DIRECTORY [--runs N] [--seed S]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import socket
import time
from datetime import datetime, timezone
from pathlib import Path

from make_gallery import make_gallery
from search import make_search

HOST = socket.gethostname()
BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
DEAD_PID = 4_000_001  # above the kernel's largest process id: certainly nobody's
HOUR = 3600.0


def rfc(epoch: float) -> str:
    stamp = datetime.fromtimestamp(epoch, timezone.utc)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class RunWriter:
    """One run's files, line by line."""

    def __init__(self, root: Path, project: str, run_id: str, name: str, started: float) -> None:
        self.path = root / project / run_id
        self.path.mkdir(parents=True)
        self.project, self.run_id, self.name, self.started = project, run_id, name, started
        self.writer = f"{HOST}-{DEAD_PID}-0"
        self.seq = 0
        self.files: dict[str, list[str]] = {}
        self.summary: dict[str, object] = {}
        self.meta: dict[str, object] = {}

    def _add(self, stream: str, record: dict[str, object]) -> None:
        if stream not in self.files:
            self.files[stream] = [self._header(stream)]
        self.files[stream].append(json.dumps(record))

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    def _header(self, stream: str) -> str:
        data: dict[str, object] = {
            "schema": 1,
            "stream": stream,
            "segment": 0,
            "started": rfc(self.started),
            "project": self.project,
            "host": HOST,
            "pid": DEAD_PID,
            "boot_id": BOOT,
            "process_start": self.started,
            "attempt": 0,
            "resource": {"service.name": self.project, "service.instance.id": self.run_id},
        }
        head = {
            "run_id": self.run_id,
            "writer": self.writer,
            "seq": self._next(),
            "timestamp": rfc(self.started),
            "level": "INFO",
            "logger": "tracklab.segment",
            "message": "segment",
            "data": data,
        }
        data["pad"] = " " * max(0, 1100 - len(json.dumps(head)))
        return json.dumps(head)

    def row(self, step: int, at: float, values: dict[str, object]) -> None:
        nonfinite = {
            key: str(value).replace("nan", "NaN")
            for key, value in values.items()
            if isinstance(value, float) and not math.isfinite(value)
        }
        clean = {key: None if key in nonfinite else value for key, value in values.items()}
        record: dict[str, object] = {
            "_timestamp": at,
            "_step": step,
            "_runtime": at - self.started,
            "_run_id": self.run_id,
            "_seq": self._next(),
            **clean,
        }
        if nonfinite:
            record["_nonfinite"] = nonfinite
        self._add("history", record)
        self.summary |= {key: nonfinite.get(key, value) for key, value in values.items()}
        self.summary |= {"_step": step, "_timestamp": at, "_runtime": at - self.started}

    def system(self, at: float, values: dict[str, object]) -> None:
        self._add(
            "system_metrics",
            {
                "_timestamp": at,
                "_runtime": at - self.started,
                "_run_id": self.run_id,
                "_seq": self._next(),
                **values,
            },
        )

    def event(
        self,
        at: float,
        logger: str,
        message: str,
        data: dict[str, object],
        level: str = "INFO",
        stream: str = "events",
    ) -> None:
        self._add(
            stream,
            {
                "timestamp": rfc(at),
                "level": level,
                "logger": logger,
                "message": message,
                "run_id": self.run_id,
                "seq": self._next(),
                "data": data,
            },
        )

    def close(
        self,
        config: dict[str, object],
        ended: float | None,
        status: str,
        tags: list[str],
        exit_code: int | None,
        console: tuple[str, str],
    ) -> None:
        meta = {
            "format": 1,
            "run_id": self.run_id,
            "project": self.project,
            "name": self.name,
            "start_time": rfc(self.started),
            "end_time": rfc(ended) if ended else None,
            "status": status,
            "exit_code": exit_code,
            "tags": tags,
            "notes": "",
            "group": None,
            "job_type": "train",
            "host": HOST,
            "pid": DEAD_PID,
            "boot_id": BOOT,
            "process_start": self.started,
            "writer": self.writer,
            "git_commit": f"{random.getrandbits(160):040x}",
            "python_version": "3.12.4",
            "program": "train.py",
            "argv": ["--config", "configs/base.yaml"],
            "tracklab_version": "0.1.0",
            "environment": {"platform": "Linux-6.8-x86_64", "cpu_count": 16, "memory_gb": 128.0},
        }
        (self.path / "metadata.json").write_text(json.dumps(meta))
        (self.path / "summary.json").write_text(json.dumps(self.summary))
        # JSON is YAML: no writer for the latter is needed here.
        (self.path / "config.yaml").write_text(json.dumps(config, indent=1))
        (self.path / "run.lock").touch()
        for stream, lines in self.files.items():
            (self.path / f"{stream}.jsonl").write_text("\n".join(lines) + "\n")
        logs = self.path / "logs"
        logs.mkdir()
        (logs / "stdout.log").write_text(console[0])
        (logs / "stderr.log").write_text(console[1])
        written = ended or float(str(self.summary["_timestamp"]))
        for path in [*self.path.rglob("*"), self.path]:
            os.utime(path, (written, written))


def console_text(steps: int, losses: list[float], *, crash: bool) -> tuple[str, str]:
    out = [
        "\x1b[1mTrackLab demo training\x1b[0m",
        "loading \x1b[36mconfigs/base.yaml\x1b[0m",
        "parameters: \x1b[33m6.74e9\x1b[0m, device: \x1b[32mcuda:0\x1b[0m",
    ]
    for step in range(0, steps, 20):
        loss = losses[min(step, len(losses) - 1)]
        colour = "32" if loss < 1 else "33" if loss < 2 else "31"
        out.append(
            f"step {step:>6}  loss \x1b[{colour}m{loss:.4f}\x1b[0m  lr \x1b[2m3.0e-04\x1b[0m"
        )
        if step % 200 == 0:
            bar = "".join(
                f"\revaluating {done:3d}%|{'#' * (done // 5):<20}|" for done in range(0, 101, 10)
            )
            out.append(bar)
            out.append("\x1b[34mval\x1b[0m done")
    err = ["\x1b[33mUserWarning:\x1b[0m the tokenizer was forked; parallelism is off"]
    if crash:
        err += [
            "Traceback (most recent call last):",
            '  File "train.py", line 214, in <module>',
            "    loss.backward()",
            "\x1b[31;1mRuntimeError: CUDA error: device-side assert triggered\x1b[0m",
        ]
    return "\n".join(out) + "\n", "\n".join(err) + "\n"


def histogram(rng: random.Random, centre: float, width: float) -> dict[str, object]:
    edges = [centre + width * (index / 16 - 2) for index in range(65)]
    counts = [
        int(800 * math.exp(-(((edge - centre) / width) ** 2) * 2) + rng.random() * 30)
        for edge in edges[:-1]
    ]
    return {"_type": "histogram", "values": counts, "bins": edges}


SAMPLES = [
    "Once upon a time, the model did not know any words at all.",
    "Once upon a time there was a a a the of of small river that that.",
    "Once upon a time there was a small river that wanted to see the sea.",
    "Once upon a time there was a small river that wanted to see the sea. It asked every hill for the way, and each hill sent it a little further down.",
]


def training_run(
    root: Path,
    rng: random.Random,
    project: str,
    index: int,
    started: float,
    *,
    steps: int,
    kind: str,
) -> None:
    names = [
        "swift",
        "amber",
        "quiet",
        "brisk",
        "lunar",
        "coral",
        "misty",
        "noble",
        "rapid",
        "sage",
    ]
    things = ["fox", "river", "maple", "comet", "harbor", "falcon", "meadow", "ember"]
    name = f"{rng.choice(names)}-{rng.choice(things)}-{index}"
    run = RunWriter(root, project, f"{rng.getrandbits(40):010x}"[:8], name, started)
    lr = rng.choice([1e-4, 3e-4, 1e-3])
    size = rng.choice(["1.3B", "7B"])
    config = {
        "model": {"name": f"llama-{size}", "hidden": 4096 if size == "7B" else 2048, "layers": 32},
        "optimizer": {"name": rng.choice(["adamw", "lion"]), "lr": lr, "weight_decay": 0.1},
        "batch_size": rng.choice([128, 256]),
        "seed": index,
        "max_steps": steps,
        "dtype": "bf16",
    }
    floor = (0.62 if size == "7B" else 0.78) + 0.08 * rng.random()
    speed = 0.0035 * (lr / 3e-4) ** 0.5
    per_step = 0.9 + 0.3 * rng.random()
    run.event(started, "tracklab.lifecycle", "start", {"host": HOST, "pid": DEAD_PID})
    run.event(
        started + 0.01,
        "tracklab.config",
        "config",
        {"op": "init", "values": config, "source": "init"},
    )
    noise, grad, losses, at, done = 0.0, 1.0, [], started, 0
    stop = int(steps * (0.58 if kind == "crashed" else 0.71 if kind == "failed" else 1))
    for step in range(stop):
        at = started + step * per_step + rng.random() * 0.1
        noise = 0.9 * noise + 0.1 * rng.gauss(0, 0.35)
        loss = (
            floor + (3.2 - floor) * math.exp(-step * speed) + 0.12 * noise + 0.03 * rng.gauss(0, 1)
        )
        if rng.random() < 0.0012:
            loss += 1.5 * rng.random()
        grad = 0.95 * grad + 0.05 * (0.4 + rng.random() * 1.4)
        losses.append(loss)
        warm = min(1.0, step / 200)
        values: dict[str, object] = {
            "train/loss": round(loss, 6),
            "train/grad_norm": round(grad * (1 + 2 * math.exp(-step / 80)), 5),
            "train/lr": lr * warm * (0.5 + 0.5 * math.cos(math.pi * step / steps)),
            "train/accuracy": round(
                1 - math.exp(-step * speed) * 0.9 - 0.12 + 0.02 * rng.gauss(0, 1), 5
            ),
            "perf/tokens_per_s": round(41_000 * (1 + 0.02 * rng.gauss(0, 1)), 1),
            "perf/step_s": round(per_step * (1 + 0.05 * rng.random()), 4),
        }
        if kind == "nan" and stop * 0.8 < step < stop * 0.8 + 9:
            values["train/loss"] = math.nan
        if step % 50 == 0:
            values |= {
                "val/loss": round(loss + 0.05 + 0.02 * rng.gauss(0, 1), 5),
                "val/perplexity": round(math.exp(min(loss + 0.05, 6)), 4),
            }
        if step % 150 == 0:
            values |= {
                "weights/attention": histogram(
                    rng, 0.1 * math.log1p(step / 200), 0.4 + 0.3 * math.exp(-step / 900)
                ),
                "weights/mlp": histogram(rng, -0.05, 0.3 + 0.0002 * step),
                "samples/story": SAMPLES[min(step * 4 // steps, 3)] + f" (step {step})",
            }
        run.row(step, at, values)
        done = step
        if step % 500 == 499:
            failed = rng.random() < 0.08
            took = 4.1 + 2 * rng.random() + (9 if rng.random() < 0.1 else 0)
            data: dict[str, object] = {
                "metric_type": "timer",
                "operation": "save",
                "duration": round(took, 4),
                "size": int(13.4e9 if size == "7B" else 2.6e9) + rng.randrange(10**7),
                "success": not failed,
                "module": "checkpoint",
                "step": step,
                "path": f"checkpoints/step-{step}.pt",
            }
            if failed:
                data["error_type"] = "OSError"
            run.event(
                at, "tracklab.checkpoint", "checkpoint_save", data, "ERROR" if failed else "INFO"
            )
    if kind == "nan":
        run.event(
            started + stop * 0.8 * per_step,
            "tracklab.alert",
            "train/loss is NaN",
            {"title": "train/loss is NaN", "rule": "nonfinite", "key": "train/loss"},
            "WARNING",
        )
    system_rows(run, rng, started, at)
    for moment in range(0, int(at - started), 600):
        run.event(
            started + moment, "app.train", f"epoch {moment // 600} done", {"epoch": moment // 600}
        )
    code: int | None = 0
    status = "finished"
    if kind == "failed":
        code, status = 1, "failed"
        run.event(
            at,
            "tracklab.exception",
            "CUDA error: device-side assert triggered",
            {
                "exception": {
                    "type": "RuntimeError",
                    "frames": [{"file": "train.py", "line": 214, "name": "step"}],
                }
            },
            "ERROR",
        )
    if kind == "crashed":
        code, status = None, "running"
    else:
        run.event(
            at + 1,
            "tracklab.lifecycle",
            "finish",
            {"state": status, "exit_code": code, "duration_s": at - started},
        )
    tags = [tag for tag in ("baseline", "sweep-3", size) if rng.random() < 0.5]
    run.close(
        config,
        None if kind == "crashed" else at + 1,
        status,
        tags,
        code,
        console_text(done, losses, crash=kind == "failed"),
    )


def system_rows(run: RunWriter, rng: random.Random, started: float, ended: float) -> None:
    every = max(5.0, (ended - started) / 400)
    read = written = sent = received = 0
    busy, at = 88.0, started
    while at < ended:
        busy = min(99, max(20, busy + rng.gauss(0, 4)))
        idle = rng.random() < 0.05
        cores = [
            round(min(100, max(0, rng.gauss(72 if core < 6 else 22, 14))), 1) for core in range(16)
        ]
        read += int(rng.random() * 5e8)
        written += int(rng.random() * 1.2e8 * (12 if idle else 1))
        sent += int(rng.random() * 2e6)
        received += int(rng.random() * 9e6)
        row: dict[str, object] = {
            "cpu_percent": round(sum(cores) / 16, 1),
            "cpu_percent_per_core": cores,
            "load_1m": round(6 + rng.random() * 3, 2),
            "memory_percent": round(41 + 9 * (at - started) / (ended - started) + rng.random(), 2),
            "memory_used_bytes": int(52e9 + rng.random() * 2e9),
            "memory_available_bytes": int(70e9),
            "swap_percent": 0.4,
            "disk_usage": round(61 + 3 * (at - started) / (ended - started), 2),
            "disk_read_bytes": read,
            "disk_write_bytes": written,
            "net_sent_bytes": sent,
            "net_received_bytes": received,
            "process_cpu_percent": round(380 + rng.gauss(0, 30), 1),
            "process_rss_bytes": int(21e9 + rng.random() * 1e9),
            "process_threads": 61,
        }
        for gpu in range(4):
            load = 3.0 if idle else min(100, busy + rng.gauss(0, 3))
            row |= {
                f"gpu.{gpu}.utilization_percent": round(load, 1),
                f"gpu.{gpu}.memory_used_bytes": int(68e9 + gpu * 1e9),
                f"gpu.{gpu}.memory_total_bytes": int(80e9),
                f"gpu.{gpu}.temperature_celsius": round(48 + load * 0.25 + gpu, 1),
                f"gpu.{gpu}.power_watts": round(110 + load * 5.4, 1),
            }
        run.system(at, row)
        at += every


def service_run(root: Path, rng: random.Random, started: float, calls: int) -> None:
    run = RunWriter(
        root, "rag-service", f"{rng.getrandbits(40):010x}"[:8], "support-assistant", started
    )
    models = [
        ("gpt-4o-mini", "openai", 0.9, 5),
        ("claude-haiku", "anthropic", 1.1, 3),
        ("llama-3.1-70b", "vllm", 2.4, 2),
    ]
    config = {"retriever": {"top_k": 8, "index": "faq-v3"}, "temperature": 0.2}
    run.event(started, "tracklab.lifecycle", "start", {"host": HOST, "pid": DEAD_PID})
    at, answered = started, 0
    for index in range(calls):
        at += rng.expovariate(calls / (9 * HOUR))
        model, provider, centre, _ = rng.choices(models, [weight for *_, weight in models])[0]
        burst = 5 * HOUR < at - started < 5.3 * HOUR and provider == "vllm"
        failed = rng.random() < (0.5 if burst else 0.011)
        took = rng.lognormvariate(math.log(centre * (2.2 if burst else 1)), 0.55)
        prompt, completion = rng.randrange(300, 4200), rng.randrange(20, 700)
        data: dict[str, object] = {
            "metric_type": "timer",
            "model": model,
            "provider": provider,
            "operation": rng.choice(["chat", "chat", "chat", "embeddings"]),
            "response_time": round(took, 4),
            "ttft": round(took * (0.12 + 0.1 * rng.random()), 4),
            "success": not failed,
            "tokens": {"prompt": prompt, "completion": 0 if failed else completion},
            "finish_reasons": [] if failed else ["stop"],
        }
        if provider != "vllm" and not failed:
            data["cost_usd"] = (prompt * 0.15 + completion * 0.6) / 1e6
        if failed:
            data |= {
                "error_type": rng.choice(["RateLimitError", "APITimeoutError"]),
                "error": "upstream did not answer in time",
            }
        elif index % 7 == 0:
            data |= {
                "request": [
                    {"role": "user", "content": "How do I move my subscription to another account?"}
                ],
                "response": "Open Settings, choose Billing, then Transfer. The new owner confirms by mail.",
            }
        run.event(at, "tracklab.llm", "llm_call", data, "ERROR" if failed else "INFO", stream="llm")
        answered += not failed
        if index % 40 == 0:
            run.row(
                index // 40,
                at,
                {"service/answered": answered, "service/queue": rng.randrange(0, 14)},
            )
    system_rows(run, rng, started, at)
    run.event(
        at,
        "tracklab.lifecycle",
        "finish",
        {"state": "finished", "exit_code": 0, "duration_s": at - started},
    )
    run.close(config, at, "finished", ["production"], 0, ("listening on 8080\n", ""))


def hostile_run(root: Path, started: float) -> None:
    """Everything a run may name, made of what must never run."""
    attack = '<img src=x onerror="window.hacked=1">'
    run = RunWriter(root, "hostile", "hostile1", attack, started)
    run.event(started, "tracklab.lifecycle", "start", {})
    run.event(
        started, "tracklab.alert", attack, {"title": attack, "__proto__": {"hacked": 1}}, "ERROR"
    )
    for step in range(40):
        values: dict[str, object] = {
            attack: float(step),
            "__proto__": 1.0,
            "constructor/prototype": 2.0,
            "=cmd|' /C calc'!A0": 3.0,
            "javascript:window.hacked=1": f"{attack} {step}",
            "a,b\\c": 0.5 * step,
        }
        run.row(step, started + step, values)
    out = f"{attack}\n\x1b]8;;javascript:window.hacked=1\x07click\x1b]8;;\x07\n\x1b[31m<script>window.hacked=1</script>\n\x1b[2J\x1b[H\x9b31mdone\n"
    run.event(started + 41, "tracklab.lifecycle", "finish", {"state": "finished", "exit_code": 0})
    run.close(
        {attack: attack, "__proto__": {"polluted": True}},
        started + 41,
        "finished",
        [attack[:30]],
        0,
        (out, out),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    random.seed(asked.seed)
    now = time.time()
    kinds = {1: "nan", 2: "failed", 4: "crashed"}
    for index in range(asked.runs):
        started = now - (asked.runs - index) * 5.3 * HOUR - rng.random() * HOUR
        training_run(
            asked.directory,
            rng,
            "llm-sft",
            index,
            started,
            steps=asked.steps,
            kind=kinds.get(asked.runs - index, "good"),
        )
    for index in range(5):
        training_run(
            asked.directory,
            rng,
            "vision/cifar",
            index,
            now - (40 + index * 9) * HOUR,
            steps=600,
            kind="good",
        )
    service_run(asked.directory, rng, now - 10 * HOUR, 3000)
    hostile_run(asked.directory, now - 90 * 24 * HOUR)
    make_gallery(asked.directory)
    make_search(asked.directory)


if __name__ == "__main__":
    main()
    os.sync()
