"""The table of system names: complete, and unambiguous in both translations."""

from __future__ import annotations

import pytest

from tracklab.records.system import FIELDS, GPU_FIELDS, SystemField, system_field


def test_a_gpu_name_is_translated_with_its_index() -> None:
    """The index moves into the other tools' names."""
    field = system_field("gpu.3.power_watts")

    assert field == SystemField("W", "hw.gpu.3.power", "system.gpu.3.powerWatts")


@pytest.mark.parametrize(
    ("name", "otel"),
    [
        ("gpu.0.mig.2.memory_used_bytes", "hw.gpu.0.mig.2.memory.usage"),
        ("amd.1.power_watts", "hw.gpu.amd.1.power"),
    ],
)
def test_other_devices_have_names_of_their_own(name: str, otel: str) -> None:
    """A part of a card and another maker's card are no card that wandb would know."""
    field = system_field(name)

    assert field is not None
    assert (field.otel, field.wandb) == (otel, None)


@pytest.mark.parametrize("name", ["loss", "gpu.0.loss", "gpu.x.power_watts", "gpu.0", ""])
def test_a_name_that_no_monitor_writes_has_no_meaning(name: str) -> None:
    """A user's own name in a system row is left alone."""
    assert system_field(name) is None


@pytest.mark.parametrize("table", [FIELDS, GPU_FIELDS])
def test_no_two_names_share_a_translation(table: dict[str, SystemField]) -> None:
    """Both translations can be turned round; a list per core shares its total's name."""
    fields = [field for name, field in table.items() if not name.endswith("_per_core")]
    wandb = [field.wandb for field in fields if field.wandb]

    assert len({field.otel for field in fields}) == len(fields)
    assert len(set(wandb)) == len(wandb)


@pytest.mark.parametrize(
    ("name", "ours", "otel", "wandb"),
    [
        ("memory_percent", 42.0, 0.42, 42.0),
        ("process_rss_bytes", 512 * 2**20, 512 * 2**20, 512.0),
        ("disk_used_bytes", 3 * 2**30, 3 * 2**30, 3.0),
        ("gpu.0.sm_clock_mhz", 1965, 1.965e9, 1965),
    ],
)
def test_scales_lead_to_the_units_of_the_other_tools(
    name: str, ours: float, otel: float, wandb: float
) -> None:
    """Ratios and hertz for OpenTelemetry; percent, MiB and GiB for wandb."""
    field = system_field(name)

    assert field is not None
    assert ours * field.otel_scale == pytest.approx(otel)
    assert ours * field.wandb_scale == pytest.approx(wandb)
