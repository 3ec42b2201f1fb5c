"""Small models and callbacks that the laws of training are tried on."""

import copy

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from espelho import Callback
from espelho.networks.dense import TiedLinear, dense
from espelho.training.batches import Batch, TensorData
from espelho.training.plan import Phase, Stage, Trainable
from espelho.training.recipe import Recipe
from espelho.training.snapshot import Snapshot
from espelho.training.trainer import Trainer


def squared_error(x, x_hat):
    return (x - x_hat).square().flatten(1).sum(1).mean()


class Mirror(Trainable):
    """One network that gives back what it is given, by one phase."""

    def __init__(self, network=None, **phase):
        super().__init__()
        self.network = dense((3, 2, 3), "tanh", "linear") if network is None else network
        self._phase = phase

    def plan(self):
        return (Stage(Phase("reconstruct", [self.network], self.error, **self._phase)),)

    def error(self, batch):
        return {"squared_error": squared_error(batch.x, self.network(batch.x))}


class TwoPlayers(Trainable):
    """A generator and a discriminator of numbers, each paying its non-saturating loss."""

    def __init__(self, *, discriminate=None, generate=None, **stage):
        super().__init__()
        self.generator = dense((2, 8, 1), "tanh", "linear")
        self.discriminator = dense((1, 8, 1), "tanh", "linear")
        self._options = discriminate or {}, generate or {}
        self._stage = stage
        self.calls = []

    def plan(self):
        first, second = self._options
        return (
            Stage(
                Phase("discriminate", [self.discriminator], self.discriminate, **first),
                Phase("generate", [self.generator], self.generate, **second),
                **self._stage,
            ),
        )

    def draw(self, n):
        return self.generator(torch.randn(n, 2, dtype=next(self.parameters()).dtype))

    def discriminate(self, batch):
        self.calls.append("discriminate")
        real, fake = self.discriminator(batch.x), self.discriminator(self.draw(len(batch.x)))
        return {"real": F.softplus(-real).mean(), "fake": F.softplus(fake).mean()}

    def generate(self, batch):
        self.calls.append("generate")
        return {"fool": F.softplus(-self.discriminator(self.draw(len(batch.x)))).mean()}


class Busy(Trainable):
    """Dropout, batch norm, spectral norm, and an encoder that two phases own."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(4, 6, bias=False), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.3),
            nn.Linear(6, 2),
        )  # fmt: skip
        self.decoder = dense((2, 6, 4), "tanh", "linear")
        self.judge = spectral_norm(nn.Linear(2, 1))

    def plan(self):
        return (
            Stage(
                Phase("reconstruct", [self.encoder, self.decoder], self.reconstruct),
                Phase("confuse", [self.encoder, self.judge], self.confuse, learning_rate=0.02),
            ),
        )

    def reconstruct(self, batch):
        corrupted = batch.x + 0.1 * torch.randn_like(batch.x)
        return {"squared_error": squared_error(batch.x, self.decoder(self.encoder(corrupted)))}

    def confuse(self, batch):
        drawn = torch.randn(len(batch.x), 2, dtype=batch.x.dtype)
        return {
            "real": F.softplus(-self.judge(drawn)).mean(),
            "fake": F.softplus(self.judge(self.encoder(batch.x))).mean(),
        }


class Growing(Trainable):
    """A chain of layers: one in the first stage, and one more in each stage after it."""

    def __init__(self, n_stages=2):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 3))
        self.entries = []
        self._n_stages = n_stages

    def plan(self):
        phase = Phase("reconstruct", [self.layers], self.error)
        large = {"name": "large", "grow": self._grow, "on_entry": self._enter}
        more = (Stage(phase, **large) for _ in range(self._n_stages - 1))
        return (Stage(phase, name="small"), *more)

    def _grow(self):
        self.entries.append("grow")
        like = self.layers[0].weight
        self.layers.append(nn.Linear(3, 3, dtype=like.dtype))

    def _enter(self):
        self.entries.append("on_entry")
        with torch.no_grad():
            self.layers[-1].weight.copy_(torch.eye(3))

    def error(self, batch):
        return {"squared_error": squared_error(batch.x, self.layers(batch.x))}


class ChannelsLast(Mirror):
    """Convolutions whose weights and images keep their channels last in memory."""

    def __init__(self):
        convolutions = nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1)
        )
        super().__init__(convolutions.to(memory_format=torch.channels_last))


class Recurrent(nn.Module):
    """An nn.LSTM and a readout, from sequences to sequences."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 5, batch_first=True)
        self.readout = nn.Linear(5, 3)

    def forward(self, x):
        return self.readout(self.lstm(x)[0])


def tied_network():
    first = nn.Linear(3, 2)
    return nn.Sequential(first, nn.Tanh(), TiedLinear(first))


class AfterEachStep(Callback):
    """Calls a function after each batch."""

    def __init__(self, function):
        self.function = function

    def on_step(self, trainer):
        self.function(trainer)


class Snapshots(Callback):
    """Keeps a copy of a snapshot after every batch; belongs last among the callbacks."""

    def __init__(self):
        self.taken = []

    def on_step(self, trainer):
        self.taken.append(copied(trainer.snapshot()))


def copied(snapshot):
    values, tensors = snapshot
    return Snapshot(copy.deepcopy(values), {n: t.detach().clone() for n, t in tensors.items()})


def gaussian(n, *shape, dtype=torch.float32, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return TensorData(Batch(torch.randn(n, *shape, generator=generator, dtype=dtype)))


def trainer(model, data=None, *, seed=0, validation=None, callbacks=(), **recipe):
    """Return a trainer with few short epochs, over ten samples unless told otherwise."""
    data = gaussian(10, 3) if data is None else data
    recipe = Recipe(**{"max_epochs": 2, "batch_size": 4, **recipe})
    return Trainer(model, data, recipe, seed=seed, validation=validation, callbacks=callbacks)


def without_seconds(history):
    return [{name: v for name, v in record.items() if name != "seconds"} for record in history]


def assert_same_tensors(left, right):
    """Every bit of every tensor is the same."""
    assert left.keys() == right.keys()
    differ = [name for name in left if not torch.equal(left[name], right[name])]
    assert differ == []
