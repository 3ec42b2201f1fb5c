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
# other three cannot afford that: to mend noise, to stay where they are when a pixel changes,
# or to be active for one image in twenty, their units follow pieces of strokes, and they pay
# for it with a larger error.

X = load_digits().data / 16
objectives = {
    "plain": {},
    "denoising": {"corruption": "gaussian", "corruption_level": 0.8},
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
    "batch_size": 32,
    "max_epochs": 30,
    "precision": "float32",
    "random_state": 0,
}

figure, axes = plt.subplots(2, 2, figsize=(7, 7.4), layout="constrained")
for ax, (name, objective) in zip(axes.flat, objectives.items(), strict=True):
    model = Autoencoder(**settings, **objective).fit(X)
    print(f"{name:<12} squared error of an image {-model.score(X):.2f}")
    draw_filters(model, (8, 8), ax, name)

# %%
# Photographs
# -----------
#
# Patches of 10 x 10 pixels of the two photographs that scikit-learn brings along, each with
# its mean taken away and its contrast evened out, and all of them whitened: neighbouring
# pixels are then no longer alike, and what is left to learn is structure.

size = (10, 10)
photographs = [image.mean(axis=2) for image in load_sample_images().images]
patches = np.vstack(
    [
        extract_patches_2d(photograph, size, max_patches=8000, random_state=0).reshape(8000, -1)
        for photograph in photographs
    ]
)
patches -= patches.mean(axis=1, keepdims=True)
patches /= patches.std(axis=1, keepdims=True) + 10
variances, directions = np.linalg.eigh(np.cov(patches, rowvar=False))
scales = 1 / np.sqrt(variances + 0.1 * variances.mean())
whitened = patches @ (directions * scales) @ directions.T

# %%
# Here sparsity has no price but a number: each patch may use four of 64 units, those with
# the largest values (Makhzani and Frey 2013). Most units become edges and gratings, each of
# one direction and many of one place, as those of the simple cells of the visual cortex are
# (Olshausen and Field 1996).

model = SparseAutoencoder(
    latent_dim=64,
    code_activation="relu",
    sparsity=0.0,
    active_units=4,
    tied=True,
    scaling="none",
    learning_rate=5e-3,
    schedule="cosine",
    max_epochs=20,
    random_state=0,
).fit(whitened.astype(np.float32))

figure, ax = plt.subplots(figsize=(6, 6.3), layout="constrained")
draw_filters(model, size, ax, "64 units, of which 4 are active")
