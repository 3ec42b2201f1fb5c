"""D6: samples of an adversarial autoencoder, by the Parzen log-likelihood of MNIST."""

from collections.abc import Iterator

import numpy as np
import torch

import espelho
from benchmarks.data import mnist
from benchmarks.published.parzen import N_SAMPLES, N_TRAIN, ruled
from benchmarks.published.pictures import PICTURES
from benchmarks.published.result import Result
from espelho.data.writing import write

__all__ = ["d6"]

MAKHZANI = "Makhzani et al. 2015, table 1"
SEED = 0


def d6() -> Iterator[Result]:
    """Measure an 8-d Gaussian prior and networks of two layers of 1000 ReLUs, with dropout."""
    torch.set_num_threads(1)
    X = mnist()[0][:N_TRAIN].reshape(-1, 784) / np.float32(255)
    model = _model().fit(X)
    samples = model.sample(N_SAMPLES, random_state=SEED)
    PICTURES.mkdir(parents=True, exist_ok=True)
    write(PICTURES / "d6-samples.png", samples[:100].reshape(-1, 28, 28))
    source = f"300; 340 +- 2 [{MAKHZANI}]"
    yield from ruled(
        "adversarial autoencoder, 8-d Gaussian, 1000-1000", samples, source, 300, SEED
    )


def _model() -> espelho.AdversarialAutoencoder:
    return espelho.AdversarialAutoencoder(
        latent_dim=8,
        hidden_sizes=(1000, 1000),
        discriminator_sizes=(1000, 1000),
        dropout=0.1,
        output_activation="logistic",
        scaling="none",
        batch_size=100,
        max_epochs=12,
        schedule="cosine",
        learning_rate=1e-3,
        discriminate_learning_rate=3e-4,
        confuse_learning_rate=3e-4,
        random_state=SEED,
    )
