"""`watch()`: the distributions of a torch model's gradients and weights, while it trains."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import ArgumentTypeError, MissingPackageError, UsageError
from tracklab.media.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracklab.sdk.run import Run

__all__ = ["Watches"]

_LOGS: Final = ("gradients", "parameters", "all", None)
_BINS: Final = 64


class Watches:
    """The hooks that a run has in models. State is one handle and one count per hook."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._hooks: list[tuple[Any, list[Any]]] = []

    def add(
        self,
        models: Any,
        *,
        log: str | None,
        log_freq: int,
        idx: int | None,
        log_graph: bool,
    ) -> None:
        """Put hooks into models; see `Run.watch`."""
        if log not in _LOGS:
            raise UsageError(
                f"watch() got log={log!r}. It takes 'gradients', 'parameters', 'all' or None."
            )
        if not isinstance(log_freq, int) or log_freq < 1:
            raise UsageError(
                f"watch() got log_freq={log_freq!r}. It takes an integer of 1 or more."
            )
        first = len(self._hooks) if idx is None else idx
        for number, model in enumerate(_modules(models), first):
            if any(model is known for known, _ in self._hooks):
                continue  # a cell of a notebook that runs again
            prefix = f"graph_{number}" if number else ""
            hooks: list[Any] = []
            if log in {"gradients", "all"}:
                hooks += self._on_gradients(model, prefix, log_freq)
            if log in {"parameters", "all"}:
                hooks.append(self._on_parameters(model, prefix, log_freq))
            self._hooks.append((model, hooks))
            if log_graph:
                self._run.summary[f"graph_{number}"] = _graph(model)

    def remove(self, models: Any | Sequence[Any] | None = None) -> None:
        """Take the hooks out of models; None means all."""
        chosen = None if models is None else _modules(models)
        for model, hooks in list(self._hooks):
            if chosen is None or any(model is one for one in chosen):
                for hook in hooks:
                    hook.remove()
                self._hooks = [entry for entry in self._hooks if entry[0] is not model]

    def _on_gradients(self, model: Any, prefix: str, every: int) -> list[Any]:
        return [
            parameter.register_hook(self._every(every, f"gradients/{prefix}{name}"))
            for name, parameter in model.named_parameters()
            if parameter.requires_grad
        ]

    def _on_parameters(self, model: Any, prefix: str, every: int) -> Any:
        calls = 0

        def hook(module: Any, _given: Any, _made: Any) -> None:
            nonlocal calls
            calls += 1
            if calls % every == 0:
                weights = module.named_parameters()
                self._log({f"parameters/{prefix}{name}": value for name, value in weights})

        return model.register_forward_hook(hook)

    def _every(self, every: int, key: str) -> Callable[[Any], None]:
        calls = 0

        def hook(gradient: Any) -> None:
            nonlocal calls
            calls += 1
            if calls % every == 0:
                self._log({key: gradient})

        return hook

    def _log(self, tensors: dict[str, Any]) -> None:
        if self._run.finished:
            return
        found = {key: histogram(tensor) for key, tensor in tensors.items()}
        self._run.log({key: value for key, value in found.items() if value}, commit=False)


def histogram(tensor: Any) -> Histogram | None:
    """Return the distribution of a tensor's finite values, counted where the tensor lies.

    Returns:
        None if no value is finite.
    """
    torch: Any = import_module("torch")
    flat = tensor.detach()
    flat = (flat.coalesce().values() if flat.is_sparse else flat).flatten().float()
    flat = flat[torch.isfinite(flat)]
    if flat.numel() == 0:
        return None
    least, largest = flat.min().item(), flat.max().item()
    if least == largest:
        least, largest = least - 0.5, largest + 0.5
    counts = torch.histc(flat, _BINS, min=least, max=largest).tolist()
    edges = torch.linspace(least, largest, _BINS + 1).tolist()
    return Histogram(np_histogram=([int(count) for count in counts], edges))


def _modules(models: Any) -> list[Any]:
    """Return the models as a list.

    Raises:
        MissingPackageError: torch is not installed.
        ArgumentTypeError: something is no torch model.
    """
    try:
        torch: Any = import_module("torch")
    except ImportError as error:
        raise MissingPackageError(
            "wandb.watch only works with pytorch, couldn't import torch. watch() got a "
            f"{type(models).__name__}; install torch: pip install 'tracklab-local[torch]'"
        ) from error
    chosen = list(models) if isinstance(models, list | tuple) else [models]
    for model in chosen:
        if not isinstance(model, torch.nn.Module):
            raise ArgumentTypeError(
                f"Expected a pytorch model (torch.nn.Module). Received {type(model)}. Write "
                "run.watch(model)."
            )
    return chosen


def _graph(model: Any) -> dict[str, Any]:
    """Return what a model is made of: each module's name, class and number of weights."""
    return {
        "nodes": [
            {
                "name": name or type(model).__name__,
                "class_name": type(module).__name__,
                "parameters": sum(part.numel() for part in module.parameters(recurse=False)),
            }
            for name, module in model.named_modules()
        ]
    }
