"""The checkup: reads, now and then during training, the signals that the doctor judges by."""

from espelho.training.checkup.checkup import Checkup

__all__ = ["Checkup"]
