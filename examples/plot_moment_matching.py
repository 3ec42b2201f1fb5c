"""
Digits made of noise
====================

A moment matching network makes new samples of noise. It has no adversary: it is moved until
a kernel cannot tell its samples from the data, which one number says. This example makes
handwritten digits, first pixel by pixel, then in the code space of an autoencoder.
"""

# sphinx_gallery_thumbnail_number = 2

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator

from espelho import Autoencoder, MomentMatchingNetwork

X = load_digits().data
X_train, X_test = X[:1400], X[1400:]

settings = {
    "latent_dim": 10,
    "hidden_sizes": (64, 128, 128),
    "batch_size": 350,
    "max_epochs": 150,
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "random_state": 0,
}
pixels = MomentMatchingNetwork(**settings, scaling="minmax").fit(X_train)

# %%
# What is minimised is the square root of MMD^2, the distance between the mean features of
# samples and data, as the kernel has them. It falls until it is what two batches of data
# differ by.

figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.plot(pixels.history_["match/mmd"])
ax.set(xlabel="epoch", ylabel="root of MMD$^2$", yscale="log")
ax.grid(alpha=0.3)

# %%
# In the code space of an autoencoder there are fewer numbers to get right, and what is made
# is decoded to something that looks like a digit (Li, Swersky and Zemel 2015).

autoencoder = Autoencoder(
    hidden_sizes=(128,),
    latent_dim=16,
    code_activation="logistic",
    loss="bernoulli",
    max_epochs=60,
    learning_rate=3e-3,
    schedule="cosine",
    random_state=0,
).fit(X_train)
codes = MomentMatchingNetwork(
    **settings, scaling="minmax", autoencoder=FrozenEstimator(autoencoder)
).fit(X_train)


def show(axes, images):
    """Draw 40 images in one."""
    framed = np.pad(images.reshape(5, 8, 8, 8), ((0, 0), (0, 0), (1, 1), (1, 1)))
    rows = [np.hstack(row) for row in framed]
    axes.imshow(np.vstack(rows), cmap="gray_r", vmin=0, vmax=16)
    axes.set_axis_off()


shown = {
    "digits": X_test[:40],
    "pixels matched": pixels.sample(40, random_state=0),
    "codes matched": codes.sample(40, random_state=0),
}
figure, axes = plt.subplots(1, 3, figsize=(9, 2.6), layout="constrained")
for ax, (title, images) in zip(axes, shown.items(), strict=True):
    show(ax, images)
    ax.set_title(title)

# %%
# ``score`` is minus the unbiased MMD^2 from data that was not seen, 0 where samples are as
# good as data. Each is measured in the space where it was trained, so that the two are not
# to be compared with each other.

for name, model in (("pixels", pixels), ("codes", codes)):
    seen, unseen = model.score(X_train), model.score(X_test)
    print(f"{name}: {seen:.4f} on the training data, {unseen:.4f} on data it has not seen")
