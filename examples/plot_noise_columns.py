"""
Neighbours beside columns of noise
==================================

The more columns, the less a distance says: what is alike in a few of them drowns in what differs
by chance in all others. Here columns of noise are put beside the 64 pixels of handwritten digits,
and the five nearest neighbours are asked for the digit: in all columns, in principal components,
and in the codes of denoising autoencoders with and without a hidden layer.
"""

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from espelho import DenoisingAutoencoder

digits, y = load_digits(return_X_y=True)
digits = digits / 16
WIDTH = 16


def accuracies(n_noise):
    """Return how often neighbours are right beside so many columns of noise."""
    spread = np.sqrt(digits.var(axis=0).mean())
    noise = np.random.default_rng(0).normal(0, spread, (len(digits), n_noise))
    X, X_test, labels, labels_test = train_test_split(
        np.hstack([digits, noise]), y, random_state=0, stratify=y
    )
    settings = {"latent_dim": WIDTH, "scaling": "none", "batch_size": 64, "max_epochs": 50}
    settings |= {"schedule": "one-cycle", "learning_rate": 3e-3, "random_state": 0}
    deep, flat = (
        DenoisingAutoencoder(corruption="gaussian", hidden_sizes=sizes, **settings).fit(X)
        for sizes in ((128,), ())
    )
    encoders = {
        "all columns": lambda rows: rows,
        f"{WIDTH} principal components": PCA(WIDTH, random_state=0).fit(X).transform,
        f"{WIDTH} numbers, a hidden layer": deep.transform,
        f"{WIDTH} numbers, no hidden layer": flat.transform,
    }
    return {
        name: KNeighborsClassifier().fit(encode(X), labels).score(encode(X_test), labels_test)
        for name, encode in encoders.items()
    }


# %%
# Each row has the same digits, and more noise than the one before.

counts = [0, 256, 1024]
found = [accuracies(n) for n in counts]
for n, row in zip(counts, found, strict=True):
    print(f"{n:5} columns of noise:", ", ".join(f"{k} {v:.1%}" for k, v in row.items()))

# %%
# Distances in all columns lose much, components little: noise has no
# direction in which it varies more than in others, and digits do. An autoencoder without hidden
# layers looks for the same plane, and comes near it. One with a hidden layer can also learn by
# heart which row has which noise, and where columns are many and rows are few, it does: a narrow
# code alone is no protection.

figure, ax = plt.subplots(figsize=(6.4, 4), layout="constrained")
for name in found[0]:
    ax.plot(range(len(counts)), [row[name] for row in found], "o-", label=name)
ax.set_xticks(range(len(counts)), [str(n) for n in counts])
ax.set(xlabel="columns of noise beside 64 pixels", ylabel="accuracy", title="five neighbours")
ax.legend(loc="lower left")
