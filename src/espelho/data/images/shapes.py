"""Shapes of samples: which are pictures, and where a picture has its channels."""

__all__ = ["SMALLEST_SIDE", "channel_axis", "image_shape"]

SMALLEST_SIDE = 4
CHANNELS = (1, 3)


def image_shape(sample_shape: tuple[int, ...] | None) -> tuple[int, int] | None:
    """Return height and width if samples of that shape are pictures, else nothing.

    ``(height, width)`` of at least four pixels a side (what is narrower is a sequence),
    ``(channels, height, width)``, or channels last with one or three channels.
    """
    if sample_shape is None or len(sample_shape) not in (2, 3) or min(sample_shape) < 1:
        return None
    if len(sample_shape) == 2:
        height, width = sample_shape
        return (height, width) if min(height, width) >= SMALLEST_SIDE else None
    if _channels_last(sample_shape):
        return sample_shape[0], sample_shape[1]
    return sample_shape[1], sample_shape[2]


def channel_axis(sample_shape: tuple[int, ...]) -> int | None:
    """Return which axis of a picture its channels are, if it has such an axis."""
    if len(sample_shape) == 2:
        return None
    return 2 if _channels_last(sample_shape) else 0


def _channels_last(sample_shape: tuple[int, ...]) -> bool:
    return sample_shape[-1] in CHANNELS and sample_shape[0] not in CHANNELS
