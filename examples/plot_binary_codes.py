"""
Binary codes
============

With ``code_activation="binary"`` each number of the code is 0 or 1: a code of 32 of them
fits into four bytes, and codes are compared by counting the bits that differ. This example
measures what that costs on handwritten digits, number for number and byte for byte.
"""

# sphinx_gallery_thumbnail_number = 1

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from espelho import Autoencoder
from espelho.evaluation import mean_error

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)


def fitted(latent_dim, code_activation):
    """Train an autoencoder on images of 8 x 8 pixels for 40 epochs."""
    model = Autoencoder(
        latent_dim=latent_dim,
        code_activation=code_activation,
        sample_shape=(1, 8, 8),
        schedule="one-cycle",
        max_epochs=40,
        random_state=0,
    )
    return model.fit(X_train)


# %%
# The step from 0 to 1 has no gradient. In its place training takes that of the logistic
# function, the straight-through estimator of Bengio, Leonard and Courville (2013).

binary = {bits: fitted(bits, "binary") for bits in (8, 16, 32, 48)}
linear = {width: fitted(width, "linear") for width in (2, 4, 8, 16)}

codes = binary[32].transform(X_test)
print("values in the code:", np.unique(codes))
print("packed:", np.packbits(codes.astype(bool), axis=1).nbytes // len(codes), "bytes a sample")

# %%
# Number for number, a bit says less than a real number. Byte for byte the order turns
# round: a real number in float32 takes the room of 32 bits.

figure, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
for label, models, bytes_each, style in (
    ("binary", binary, 1 / 8, "o-"),
    ("linear, float32", linear, 4, "s--"),
):
    sizes = [bytes_each * width for width in models]
    errors = [-model.score(X_test) for model in models.values()]
    ax.plot(sizes, errors, style, label=label)
    for size, error, width in zip(sizes, errors, models, strict=True):
        ax.annotate(f"{width}", (size, error), (6, 6), textcoords="offset points", fontsize=9)
ax.axhline(mean_error(X_train, X_test), color="gray", linestyle=":", label="constant mean")
ax.set_xscale("log", base=2)
ax.set_xticks([1, 2, 4, 8, 16, 32, 64], ["1", "2", "4", "8", "16", "32", "64"])
ax.set(
    xlabel="size of a code (bytes, log scale)",
    ylabel="squared error per sample",
    title="held-out digits; at each point the width of the code",
    ylim=(0, None),
)
ax.legend()

# %%
# Codes of one digit resemble each other. On the left the codes of held-out images,
# sorted by digit, one row each; on the right how many bits differ, on average, between
# the codes of two digits.

order = np.argsort(y_test, kind="stable")
distances = (codes[:, None, :] != codes[None, :, :]).sum(axis=2)
between = np.array(
    [[distances[np.ix_(y_test == a, y_test == b)].mean() for b in range(10)] for a in range(10)]
)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
left.imshow(codes[order], cmap="gray_r", aspect="auto", interpolation="nearest")
starts = np.searchsorted(y_test[order], np.arange(10))
left.set_yticks((starts + np.append(starts[1:], len(order))) / 2, range(10))
for start in starts[1:]:
    left.axhline(start - 0.5, color="tab:red", linewidth=1)
left.set(xlabel="bit", ylabel="digit", title="codes of 32 bits")
drawn = right.imshow(between, cmap="viridis")
right.set_xticks(range(10))
right.set_yticks(range(10))
right.set(xlabel="digit", ylabel="digit", title="bits that differ")
figure.colorbar(drawn, ax=right)

# %%
# So the nearest code, by bits that differ, tells the digit.

to_train = (codes[:, None, :] != binary[32].transform(X_train)[None, :, :]).sum(axis=2)
found = y_train[to_train.argmin(axis=1)]
print(f"nearest code of 4 bytes: {(found == y_test).mean():.1%} of digits right")
