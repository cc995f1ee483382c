"""Which machine, program and source this is: the facts a run writes down once.

Which process it is says `tracklab.storage.identity`. Promised to `init()`: no process is
started, nothing is imported that is not loaded anyway, and what cannot be found out is None.
On Linux all of it is read from a few small files.
"""

from __future__ import annotations

import os
import platform
import sys

from tracklab.monitors import kernel
from tracklab.monitors.git import find_repository
from tracklab.records.secrets import masked_arguments

__all__ = ["VARIABLES", "cpu_model", "facts", "memory_gb", "program", "variables"]

#: Variables that decide how a job runs, and that hold no secret. `*` ends a name that goes on.
VARIABLES = (
    "CONDA_DEFAULT_ENV", "CUBLAS_WORKSPACE_CONFIG", "CUDA_DEVICE_ORDER", "CUDA_HOME",
    "CUDA_LAUNCH_BLOCKING", "CUDA_VISIBLE_DEVICES", "GROUP_RANK", "GROUP_WORLD_SIZE",
    "HF_DATASETS_OFFLINE", "HF_HUB_OFFLINE", "HIP_VISIBLE_DEVICES", "LOCAL_RANK",
    "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "MKL_NUM_THREADS", "NCCL_*",
    "NODE_RANK", "NUMEXPR_NUM_THREADS", "OMPI_COMM_WORLD_*", "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS", "PBS_JOBID", "PBS_JOBNAME", "PMI_RANK", "PMI_SIZE", "PYTHONHASHSEED",
    "PYTHONPATH", "PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF", "RANK",
    "ROCR_VISIBLE_DEVICES", "SLURM_*", "TF_CPP_MIN_LOG_LEVEL", "TF_DETERMINISTIC_OPS",
    "TF_FORCE_GPU_ALLOW_GROWTH", "TOKENIZERS_PARALLELISM", "TORCHELASTIC_RUN_ID",
    "TORCH_*", "VIRTUAL_ENV", "WORLD_SIZE", "XLA_FLAGS",
)  # fmt: skip
_NAMES = frozenset(name for name in VARIABLES if name[-1] != "*")
_STARTS = tuple(name[:-1] for name in VARIABLES if name[-1] == "*")
_MAX_VALUE = 1000  # characters; SLURM lists every node of a job in some


def facts(*, git: bool = True) -> dict[str, object]:
    """Return what a run's metadata says about where it ran.

    Args:
        git: whether to look for a repository around the working directory.

    Returns:
        `program`, `python_version`, `git_commit`, `git` with `branch` and `remote` where there
        is a repository, and `environment` with `platform`, `cpu_model`, `cpu_count` (logical),
        `memory_gb` and the `variables` that are set.

    Cost: about 0.4 ms.
    """
    repository = find_repository() if git else None
    source = {"branch": repository.branch, "remote": repository.remote} if repository else {}
    return {
        "program": program(),
        "python_version": platform.python_version(),
        "git_commit": repository.commit if repository else None,
        **({"git": source} if source else {}),
        "environment": {
            "platform": _platform(),
            "cpu_model": cpu_model(),
            "cpu_count": os.cpu_count(),
            "memory_gb": memory_gb(),
            "variables": variables(),
        },
    }


def variables() -> dict[str, str]:
    """Return the variables of `VARIABLES` that are set, secrets and what is too long hidden."""
    return {
        name: masked_arguments([f"{name}={value}"])[0].partition("=")[2][:_MAX_VALUE]
        for name, value in sorted(os.environ.items())
        if name in _NAMES or name.startswith(_STARTS)
    }


def program() -> str | None:
    """Return the script that runs, or `-m` and the module; None in an interactive session."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None and spec.name:
        return f"-m {spec.name.removesuffix('.__main__')}"
    path = getattr(main, "__file__", None)
    return None if path is None else os.fspath(path)


def cpu_model() -> str | None:
    """Return the processor's name as the kernel gives it; None where it gives none (ARM)."""
    for line in (kernel.text("/proc/cpuinfo") or "").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return None


def memory_gb() -> float | None:
    """Return the machine's memory in GB (10^9 bytes), to 0.1."""
    try:
        size_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    return round(size_bytes / 1e9, 1)


def _platform() -> str:
    """Return system, release and machine. `platform.platform()` would scan the interpreter."""
    return f"{platform.system()}-{platform.release()}-{platform.machine()}"
