"""Batches, and the data that they are cut from."""

from espelho.training.batches.batch import Batch, Data
from espelho.training.batches.cuts import Cuts
from espelho.training.batches.lazy import LazyData
from espelho.training.batches.mapped import MappedData, mapped
from espelho.training.batches.memory import TensorData
from espelho.training.batches.paired import PairedData, UnpairedData
from espelho.training.batches.streamed import StreamedData

__all__ = [
    "Batch",
    "Cuts",
    "Data",
    "LazyData",
    "MappedData",
    "PairedData",
    "StreamedData",
    "TensorData",
    "UnpairedData",
    "mapped",
]
