"""
What units look for
===================

Each unit of a first layer weighs all pixels. Drawn as an image, its weights show what the
unit looks for, and what an autoencoder pays for besides its error decides what that is.
"""

# sphinx_gallery_thumbnail_number = 2

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits, load_sample_images
from sklearn.feature_extraction.image import extract_patches_2d

from espelho import Autoencoder, SparseAutoencoder

# %%
# Drawing them takes a few lines: ``model_.encoder[0]`` is the first layer. Gray is a weight
# of 0; white and black are positive and negative ones, up to the largest of each unit.


def draw_filters(model, shape, ax, title):
    """Draw the weights of 64 units in 8 rows."""
    images = model.model_.encoder[0].weight.detach().numpy().reshape(8, 8, *shape)
    images = images / np.abs(images).max(axis=(2, 3), keepdims=True)
    framed = np.pad(images, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    ax.imshow(np.block([list(row) for row in framed]), cmap="gray", vmin=-1, vmax=1)
    ax.set_title(title, loc="left")
    ax.set_axis_off()


# %%
# Handwritten digits
# ------------------
#
# Four autoencoders of 64 logistic units, as many as an image has pixels: wide enough to copy.
# The plain one nearly does, and its units set single pixels against their neighbours. The
# other three cannot afford that: to do without seven pixels in ten, to stay where they are
# when a pixel changes, or to be active for one image in twenty, their units follow pieces of
# strokes, and they pay for it with a larger error.

X = load_digits().data / 16
objectives = {
    "plain": {},
    "denoising": {"corruption": "masking", "corruption_level": 0.7, "weight_decay": 0.02},
    "contractive": {"contraction": 1.0},
    "sparse": {"sparsity": 3.0, "sparsity_target": 0.05},
}
settings = {
    "hidden_sizes": (),
    "latent_dim": 64,
    "code_activation": "logistic",
    "tied": True,
    "scaling": "none",
    "weight_decay": 5e-3,
    "learning_rate": 0.01,
    "schedule": "cosine",
    "max_epochs": 100,
    "precision": "float32",
    "random_state": 0,
}

figure, axes = plt.subplots(2, 2, figsize=(7, 7.4), layout="constrained")
for ax, (name, objective) in zip(axes.flat, objectives.items(), strict=True):
    model = Autoencoder(**{**settings, **objective}).fit(X)
    print(f"{name:<12} squared error of an image {-model.score(X):.2f}")
    draw_filters(model, (8, 8), ax, name)

# %%
# Photographs
# -----------
#
# The two photographs that scikit-learn brings along are whitened first: neighbouring pixels
# are alike, most of all where an image is smooth, and evening out its frequencies leaves
# structure to learn (the filter is that of Olshausen and Field 1997, which also takes away
# the highest frequencies). Of 8,000 patches of 10 x 10 pixels the mean is taken away and the
# contrast evened out.


def whitened(image):
    """Even out the frequencies of an image, up to 0.4 cycles a pixel."""
    rows, columns = (np.fft.fftfreq(n) for n in image.shape)
    frequency = np.hypot(rows[:, None], columns)
    gain = frequency * np.exp(-((frequency / 0.4) ** 4))
    found = np.fft.ifft2(np.fft.fft2(image) * gain).real
    return found / found.std()


size = (10, 10)
patches = np.vstack(
    [
        extract_patches_2d(
            whitened(np.log(photograph.mean(axis=2) + 10)), size, max_patches=4000, random_state=0
        ).reshape(-1, 100)
        for photograph in load_sample_images().images
    ]
)
patches -= patches.mean(axis=1, keepdims=True)
patches /= np.sqrt(np.square(patches).mean(axis=1, keepdims=True) + 0.3)
patches = (patches / patches.std()).astype(np.float32)

# %%
# Few units for each patch, in two ways. ``sparsity`` is a price: each of 64 logistic units
# pays, unless it is active for one patch in twenty. ``active_units`` is a number: each patch
# keeps the four units with the largest values (Makhzani and Frey 2013). Either way units
# become edges and gratings, each of one direction and many of one place, as those of the
# simple cells of the visual cortex are (Olshausen and Field 1996).

sparse = {
    "priced: sparsity=15": {
        "sparsity": 15.0,
        "sparsity_target": 0.05,
        "weight_decay": 1e-3,
        "learning_rate": 0.02,
        "batch_size": 1000,
        "max_epochs": 100,
    },
    "counted: active_units=4": {
        "code_activation": "relu",
        "sparsity": 0.0,
        "active_units": 4,
        "learning_rate": 5e-3,
        "max_epochs": 20,
    },
}

figure, axes = plt.subplots(1, 2, figsize=(9, 4.8), layout="constrained")
for ax, (name, settings) in zip(axes, sparse.items(), strict=True):
    model = SparseAutoencoder(
        latent_dim=64, tied=True, scaling="none", schedule="cosine", random_state=0, **settings
    ).fit(patches)
    draw_filters(model, size, ax, name)
