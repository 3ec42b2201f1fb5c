"""Pictures of what a model makes while it learns: their option, and their callback."""

from typing import Any

import click

from espelho.training.callbacks.base import Callback

__all__ = ["picture_callbacks", "picture_options"]

_NAME = "pictures_every"


def picture_options(cls: type) -> list[click.Option]:
    """Return the option that says how often pictures are drawn, if a model makes any samples.

    Parameters
    ----------
    cls
        The estimator class.
    """
    if not _makes_samples(cls):
        return []
    return [
        click.Option(
            ["--pictures-every", _NAME],
            type=click.IntRange(min=0),
            help="Epochs from one picture of samples to the next, in RUN/pictures and one after "
            "the other in the report; 0 for none. Of images, and of samples of two columns.  "
            "[default: 1 at first, and more and more]",
        )
    ]


def picture_callbacks(cls: type, options: dict[str, Any]) -> tuple[Callback, ...]:
    """Return what draws the pictures that were asked for, if any.

    Parameters
    ----------
    cls
        The estimator class.
    options
        What the command was told; what is about pictures is removed.
    """
    every = options.pop(_NAME, None)
    if not _makes_samples(cls) or every == 0:
        return ()
    from espelho.training.callbacks.sample_pictures import SamplePictures

    return (SamplePictures(every=every),)


def _makes_samples(cls: type) -> bool:
    from espelho.estimators.generators.base import BaseGenerator
    from espelho.estimators.translators.base import BaseTranslator

    return issubclass(cls, BaseGenerator | BaseTranslator)
