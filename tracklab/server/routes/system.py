"""The machine this server runs on, read when somebody asks: no sampler is behind it."""

import os
import platform

from fastapi import APIRouter
from starlette.responses import Response

from tracklab.monitors import host
from tracklab.server.replies import json_reply
from tracklab.server.services import Asked
from tracklab.server.shapes import Accelerators, MachineFacts, ProcessorRow, SystemRow
from tracklab.storage.identity import this_process

router = APIRouter(prefix="/api", tags=["system"])

_PROCESSOR = ("cpu_", "load_", "tasks_", "pressure_cpu_", "container_cpu_")


@router.get("/system/info", responses={200: {"model": MachineFacts}})
async def info() -> Response:
    """Return what this machine is."""
    facts = MachineFacts(
        hostname=this_process().host,
        platform=platform.platform(),
        cpu_model=host.cpu_model(),
        cpu_count=os.cpu_count(),
        memory_gb=host.memory_gb(),
        python_version=platform.python_version(),
        boot_id=this_process().boot_id,
    )
    return json_reply(facts)


@router.get("/system/metrics", responses={200: {"model": SystemRow}})
@router.get("/system/status", responses={200: {"model": SystemRow}})
async def metrics(asked: Asked) -> Response:
    """Return one system row of this machine; the same names and units as logged ones."""
    return json_reply(await asked.machine.sample())


@router.get("/hardware/cpu", responses={200: {"model": ProcessorRow}})
async def cpu(asked: Asked) -> Response:
    """Return the processor's part of the system row."""
    row = await asked.machine.sample()
    kept = {key: value for key, value in row.items() if key.startswith(_PROCESSOR)}
    return json_reply(
        {"timestamp": row["timestamp"], "model": host.cpu_model(), "count": os.cpu_count()} | kept
    )


@router.get("/hardware/accelerators", responses={200: {"model": Accelerators}})
async def accelerators(asked: Asked) -> Response:
    """Return each accelerator with its present numbers; an empty list without any."""
    return json_reply({"accelerators": await asked.machine.accelerators()})
