"""Sounds: samples as WAV files of 16 bit, and files as they are."""

from __future__ import annotations

import wave
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.value import BatchableMedia

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from tracklab.media.value import Place

__all__ = ["Audio"]

_SAMPLE_BYTES: Final = 2
#: They are 32 bits of a file.
_MAX_BYTES_PER_S: Final = 2**32 - 1
_MAX_CHANNELS: Final = 1024


class Audio(BatchableMedia):
    """A sound to log: `run.log({"speech": Audio(samples, sample_rate=16_000)})`.

    Args:
        data_or_path: the path of a sound file, or samples of shape `(n,)` or `(n, channels)`:
            floats of -1 to 1 (others are cut there), or integers of 16 or 32 bit.
        sample_rate: samples per second; needed for samples.
        caption: a text under it.

    Raises:
        UsageError: `sample_rate` is missing or too small or large, or the samples have another
            shape.
        ArgumentTypeError: the samples are numbers of another type, or `sample_rate` is no number.
        FileNotFoundError: there is no such file.
    """

    _type = "audio-file"
    _folder = "audio"

    def __init__(
        self, data_or_path: Any, sample_rate: int | None = None, caption: str | None = None
    ) -> None:
        super().__init__(caption)
        self.sample_rate = sample_rate
        self.duration_s: float | None = None
        if isinstance(data_or_path, str | Path):
            self._open(data_or_path)
        elif sample_rate is None:
            raise UsageError(
                'Argument "sample_rate" is required when instantiating Audio with raw data. Write '
                "Audio(samples, sample_rate=16_000)."
            )
        else:
            samples = _samples(data_or_path)
            _check_rate(sample_rate, channels=samples[0].size)
            self._content = _wav(samples, sample_rate)
            self._ending = ".wav"
            self.duration_s = len(samples) / float(sample_rate)

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and self.caption == getattr(other, "caption", None)

    __hash__ = None  # type: ignore[assignment] # as of all media

    @classmethod
    def batch(cls, values: Sequence[Self], place: Place) -> dict[str, Any]:
        """Return the record that stands for a list of sounds."""
        captions = [value.caption for value in values]
        return {
            "_type": "audio",
            "count": len(values),
            "audio": [value.to_record(place) for value in values],
            "sampleRates": [value.sample_rate for value in values],
            "durations": [value.duration_s for value in values],
            **({"captions": [text or "" for text in captions]} if any(captions) else {}),
        }


def _check_rate(rate: Any, *, channels: int) -> None:
    advice = "It takes samples per second, such as sample_rate=16_000."
    if isinstance(rate, bool | str | bytes) or not hasattr(rate, "__float__"):
        raise ArgumentTypeError(f"Audio() got the sample_rate {rate!r}. {advice}")
    most = _MAX_BYTES_PER_S // (_SAMPLE_BYTES * channels)
    if not 1 <= rate <= most:  # so that NaN is refused, too
        raise UsageError(
            f"Audio() got the sample_rate {rate!r}, and a file takes 1 to {most:,}. {advice}"
        )


def _samples(data: Any) -> Any:
    """Return samples of 16 bit, shape `(n,)` or `(n, channels)`."""
    import numpy as np  # noqa: PLC0415 - only someone who logs arrays pays for numpy

    array = np.asarray(data.detach().cpu() if hasattr(data, "detach") else data)
    channels = array.shape[1] if array.ndim == 2 else 1  # noqa: PLR2004 - samples, channels
    if array.ndim not in {1, 2} or not array.size or channels > _MAX_CHANNELS:
        raise UsageError(
            f"Audio() takes samples of shape (n,) or (n, channels), {_MAX_CHANNELS} channels at "
            f"most; got {list(array.shape)}. Write samples.T where channels come first."
        )
    if array.dtype.kind == "f":
        # As libsndfile does it: to 32 bit, of which the upper half is kept.
        scaled = np.rint(np.nan_to_num(array.astype(np.float64)) * 2**31)
        return (np.clip(scaled, -(2**31), 2**31 - 1).astype(np.int64) >> 16).astype("<i2")
    if array.dtype == np.int32:
        return (array >> 16).astype("<i2")
    if array.dtype == np.int16:
        return array.astype("<i2")
    raise ArgumentTypeError(
        f"Audio() cannot tell the loudness of samples of type {array.dtype}. It takes floats of -1 "
        "to 1, int16 or int32; write samples.astype('float32')."
    )


def _wav(samples: Any, sample_rate: int) -> bytes:
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(_SAMPLE_BYTES)
        file.setframerate(sample_rate)
        file.writeframes(samples.tobytes())
    return buffer.getvalue()
