"""
From the constant to the identity
=================================

An autoencoder lives between two extremes. Give it no room, and whatever comes in, the mean
comes out. Give it more room than the data needs, and it may pass everything through
untouched, having learned nothing. The width of the code, ``latent_dim``, is the dial between
them.
"""

# sphinx_gallery_thumbnail_number = 2

import warnings

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from espelho import Autoencoder
from espelho.errors import EspelhoWarning
from espelho.evaluation import mean_error, pca_error
from espelho.plots import plot_error_by_dimension, plot_reconstructions

X = load_digits().data
X_train, X_test = train_test_split(X, random_state=0)


def fitted(**settings):
    """Train an autoencoder on images of 8 x 8 pixels for 40 epochs."""
    model = Autoencoder(
        sample_shape=(1, 8, 8), schedule="one-cycle", max_epochs=40, random_state=0, **settings
    )
    return model.fit(X_train)


# %%
# The curve
# ---------
#
# The same two hidden layers, with codes of one to 32 numbers. All errors are means over
# held-out images of the sum of squared errors over the 64 pixels.

widths = [1, 2, 4, 8, 16, 32]
errors = [-fitted(latent_dim=width).score(X_test) for width in widths]
linear = [pca_error(X_train, X_test, width) for width in widths]
nothing = mean_error(X_train, X_test)

ax = plot_error_by_dimension(widths, errors, pca_errors=linear, mean_error=nothing)
ax.set_title("digits, held-out images", loc="left")

# %%
# With few numbers the autoencoder is far below principal components: it can follow curved
# surfaces. With 32 they are ahead of it, since digits have at most 61 pixels that vary and
# components need no training. An autoencoder is for narrow codes.

for width, error, pca in zip(widths, errors, linear, strict=True):
    print(f"latent_dim={width:<3} autoencoder {error:6.1f}   PCA {pca:6.1f}")

# %%
# One extreme: the constant
# -------------------------
#
# A restriction can be so strong that nothing gets through, however wide the code. With a
# weight decay of 100 all weights shrink to zero and only the biases of the output
# are left. They become the mean.

constant = fitted(latent_dim=32, weight_decay=100.0, learning_rate=0.01)
answers = constant.reconstruct(X_test)

print(f"error {-constant.score(X_test):.1f}, of the constant mean {nothing:.1f}")
print(f"largest difference between two answers: {np.ptp(answers, axis=0).max():.1e}")

# %%
# The other extreme: the identity
# -------------------------------
#
# A linear code of 128 numbers for 64 pixels, with nothing that restricts it. espelho says
# what may happen, and it does: the error goes towards zero.

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", EspelhoWarning)
    identity = fitted(latent_dim=128, hidden_sizes=(), activation="linear")

print(caught[0].message)
print(f"error {-identity.score(X_test):.1f}")

# %%
# Such a mirror has learned nothing about digits: noise passes through it nearly untouched,
# though no training image looked like it. A narrow code has no words for noise; what it
# answers has the outline of a digit.

noise = np.random.default_rng(0).uniform(0, 16, size=(10, 64))
narrow = fitted(latent_dim=8)

figure, axes = plt.subplots(3, 1, figsize=(9, 6.6), layout="constrained")
for ax, (title, model) in zip(
    axes,
    {
        "constant: a weight decay of 100": constant,
        "narrow: a code of 8 numbers": narrow,
        "identity: a linear code of 128 numbers": identity,
    }.items(),
    strict=True,
):
    samples = np.concatenate([X_test[:5], noise[:5]])
    plot_reconstructions(samples, model.reconstruct(samples), sample_shape=(8, 8), ax=ax)
    ax.set_title(title, loc="left")
