"""
Codes in a shape that you choose
================================

An adversarial autoencoder lets you say how codes are to be distributed: a discriminator learns
to tell them from draws of a prior, and the encoder to deceive it. Here digits are laid out as
a mixture of ten Gaussians and as a Swiss roll, with labels that say which part belongs to which
digit, as in figure 4 of Makhzani et al. (2015, https://arxiv.org/abs/1511.05644).
"""

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits

from espelho import AdversarialAutoencoder
from espelho.plots import plot_latent

X, y = load_digits(return_X_y=True)
settings = {"sample_shape": (1, 8, 8), "max_epochs": 60, "batch_size": 64, "random_state": 0}
models = {
    "ten Gaussians": AdversarialAutoencoder(prior="gaussian-mixture", **settings).fit(X, y),
    "a Swiss roll": AdversarialAutoencoder(prior="swiss-roll", **settings).fit(X, y),
}

# %%
# Left the prior, coloured by the label that each part of it belongs to; right the codes of the
# digits. Each phase of a step has its own optimiser: rebuild, tell apart, deceive.

figure, axes = plt.subplots(2, 2, figsize=(10, 8.6), layout="constrained")
for row, (name, model) in zip(axes, models.items(), strict=True):
    drawn = model.prior_.sample_labelled(y, random_state=0)
    for ax, points, title in zip(
        row, (drawn, model.transform(X)), (f"{name}: the prior", "the codes"), strict=True
    ):
        plot_latent(points, y, ax=ax)
        ax.set_title(title, loc="left")
        ax.set_aspect("equal")
        limit = 1.1 * np.abs(drawn).max()
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit))

# %%
# New digits: each row holds draws of one Gaussian, decoded. A label asks for its component.

model = models["ten Gaussians"]
labels = np.repeat(np.arange(10), 12)
samples = model.sample(len(labels), y=labels, random_state=0)


def draw(images, rows, ax, title):
    """Draw a grid of images with a border of a pixel around each."""
    tiles = np.pad(images.reshape(rows, -1, 8, 8), ((0, 0), (0, 0), (1, 1), (1, 1)))
    ax.imshow(np.block([list(row) for row in tiles]).clip(0, 16), cmap="gray_r")
    ax.set_axis_off()
    ax.set_title(title, loc="left")


figure, ax = plt.subplots(figsize=(7, 5.8), layout="constrained")
draw(samples, 10, ax, "samples by label")

# %%
# The way along the roll passes through all digits in order.

roll = models["a Swiss roll"]
s = np.sqrt(np.linspace(0.01, 1, 60))
path = 5 * (s * np.stack([np.cos(4 * np.pi * s), np.sin(4 * np.pi * s)])).T
along = roll.inverse_transform(path)

figure, ax = plt.subplots(figsize=(9, 1.9), layout="constrained")
draw(along, 3, ax, "decoded along the roll, from the inside")
