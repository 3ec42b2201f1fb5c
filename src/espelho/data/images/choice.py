"""What is asked of images besides their pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from espelho.errors import SettingError

__all__ = ["ImageChoice"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageChoice:
    """What is asked of images besides their pixels.

    Parameters
    ----------
    size : tuple of int or None
        The height and width to bring them to, in pixels.
    cut : tuple of int or None
        The height and width of the part of each that is taken, after that: in training drawn
        anew in each epoch, elsewhere the middle.
    skip_damaged : bool
        Whether damaged files are left out, with a warning, instead of being errors.
    side : {"left", "right"}, optional
        The half that is taken of each before all else.
    """

    size: tuple[int, int] | None = None
    cut: tuple[int, int] | None = None
    skip_damaged: bool = False
    side: Literal["left", "right"] | None = None

    @classmethod
    def of(
        cls,
        resize: Sequence[int] | None,
        cut: Sequence[int] | None = None,
        *,
        skip_damaged: bool,
    ) -> "ImageChoice":
        """Return a choice as `espelho.data.files.read` is given it.

        Raises
        ------
        SettingError
            If `resize` or `cut` is not two positive whole numbers, or a part is larger than
            the whole.
        """
        size, part = _pair("resize", resize), _pair("cut", cut)
        if size and part and (part[0] > size[0] or part[1] > size[1]):
            raise SettingError(
                f"cut={part} is larger than resize={size}, which it is cut from. Make it smaller."
            )
        return cls(size=size, cut=part, skip_damaged=skip_damaged)

    def refuse(self, where: str) -> None:
        """Refuse to be asked of what holds no images.

        Raises
        ------
        SettingError
            If anything is asked.
        """
        asked = {
            "resize": self.size is not None,
            "cut": self.cut is not None,
            "skip_damaged": self.skip_damaged,
        }
        for name in (name for name, given in asked.items() if given):
            raise SettingError(
                f"{name}= is about images in a folder or an archive, but {where} is none."
            )


def _pair(name: str, sizes: Sequence[int] | None) -> tuple[int, int] | None:
    if sizes is None:
        return None
    size = tuple(sizes)
    if len(size) != 2 or not all(n >= 1 and n == int(n) for n in size):
        raise SettingError(
            f"{name} must be a height and a width in pixels, as (64, 64), got {sizes!r}."
        )
    return int(size[0]), int(size[1])
