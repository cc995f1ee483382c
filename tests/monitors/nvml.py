"""A driver library that answers from a table, with the names and errors of `pynvml`.

The answers were written down in the form the real library gives them: milliwatts, kilobytes
per second, structures with attributes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


class NVMLError(Exception):
    """What every refused question raises."""


@dataclass
class Card:
    """One card: an answer per question; a question without answer is refused."""

    answers: dict[str, Any] = field(default_factory=dict)
    lost: bool = False


class FakeNvml:
    """Stands in for the module `pynvml`: questions are attributes, cards are handles."""

    NVMLError = NVMLError
    NVML_TEMPERATURE_GPU = 0
    NVML_CLOCK_SM = 1
    NVML_CLOCK_MEM = 2
    NVML_MEMORY_ERROR_TYPE_CORRECTED = 0
    NVML_MEMORY_ERROR_TYPE_UNCORRECTED = 1
    NVML_VOLATILE_ECC = 0
    NVML_PCIE_UTIL_TX_BYTES = 0
    NVML_PCIE_UTIL_RX_BYTES = 1

    def __init__(self, *cards: Card) -> None:
        self.cards = cards

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802  # NVML's own name
        """Return how many cards the driver knows, lost ones included."""
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Card:  # noqa: N802  # NVML's own name
        """Return a card, refused if it is lost, as NVML does."""
        if self.cards[index].lost:
            raise NVMLError
        return self.cards[index]

    def nvmlSystemGetDriverVersion(self) -> str:  # noqa: N802  # NVML's own name
        """Return the driver's version."""
        return "575.57.08"

    def __getattr__(self, question: str) -> Any:
        """Answer any other question from the card's table; arguments choose in a list."""

        def ask(card: Card, *arguments: int) -> Any:
            if question not in card.answers:
                raise NVMLError
            answer = card.answers[question]
            return answer[arguments[0]] if arguments and isinstance(answer, list) else answer

        return ask


def data_centre_card() -> Card:
    """Return a passively cooled card that is training: no fan, ECC on."""
    return Card(
        {
            "nvmlDeviceGetUUID": "GPU-2f1c0ad0-0000-4000-8000-000000000001",
            "nvmlDeviceGetName": "NVIDIA H100 80GB HBM3",
            "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=97, memory=41),
            "nvmlDeviceGetMemoryInfo": SimpleNamespace(used=40 * 2**30, total=80 * 2**30),
            "nvmlDeviceGetTemperature": 61,
            "nvmlDeviceGetPowerUsage": 540_200,
            "nvmlDeviceGetEnforcedPowerLimit": 700_000,
            "nvmlDeviceGetClockInfo": [1980, 1965, 2619],
            "nvmlDeviceGetTotalEccErrors": [3, 0],
            "nvmlDeviceGetPcieThroughput": [12_000, 34_000],
            "nvmlDeviceGetComputeRunningProcesses": [
                SimpleNamespace(pid=4242, usedGpuMemory=39 * 2**30),
                SimpleNamespace(pid=17, usedGpuMemory=None),
            ],
        }
    )


def idle_desktop_card() -> Card:
    """Return a card at rest with a fan and no ECC: what it does measure is zero."""
    return Card(
        {
            "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=0, memory=0),
            "nvmlDeviceGetMemoryInfo": SimpleNamespace(used=0, total=24 * 2**30),
            "nvmlDeviceGetFanSpeed": 0,
            "nvmlDeviceGetPowerUsage": 0,
            "nvmlDeviceGetGraphicsRunningProcesses": [
                SimpleNamespace(pid=900, usedGpuMemory=12 * 2**20)
            ],
        }
    )
