"""The doctor: rules that say when a training goes wrong, from figures alone.

`examine` takes a history and the signals that were read during training, and returns a
`Diagnosis`: named verdicts, each with its epoch and step, the evidence and the remedy. The rules
know no network, no data and no torch.
"""

from espelho.training.doctor.diagnosis import Diagnosis, Verdict
from espelho.training.doctor.examine import ILLNESSES, examine
from espelho.training.doctor.signals import Signals

__all__ = ["ILLNESSES", "Diagnosis", "Signals", "Verdict", "examine"]
