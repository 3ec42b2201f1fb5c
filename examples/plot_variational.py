"""
A map of digits that can be drawn from
======================================

A variational autoencoder learns codes that lie like a normal distribution. So any point of
the map is the code of something, a straight way between two digits leads through digits, and
new ones are drawn by drawing a code.
"""

# sphinx_gallery_thumbnail_number = 2

import numpy as np
from matplotlib import pyplot as plt
from scipy.stats import norm
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from espelho import VariationalAutoencoder
from espelho.plots import plot_latent

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
settings = {
    "sample_shape": (1, 8, 8),
    "hidden_sizes": (256, 128),
    "learning_rate": 2e-3,
    "schedule": "cosine",
    "max_epochs": 100,
    "random_state": 0,
}


def show(images, columns, ax, title):
    """Draw images of 8 x 8 side by side."""
    rows = np.pad(images.reshape(-1, columns, 8, 8), [(0, 0), (0, 0), (1, 1), (1, 1)])
    picture = rows.swapaxes(1, 2).reshape(len(rows) * 10, columns * 10)
    ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
    ax.set_title(title, loc="left")
    ax.set_axis_off()


# %%
# With two numbers a code. The history has both parts of the bound, in nats: what it costs
#
flat = VariationalAutoencoder(latent_dim=2, **settings).fit(X_train)
last = flat.history_.records[-1]
for name in ("negative_log_likelihood", "kl"):
    print(f"{name:<24} {last[f'reconstruct/{name}']:7.2f} nats")
means, deviations = flat.encode_distribution(X_test)
print("spread of a code: on average", deviations.mean(axis=0).round(2))

# %%
# The means of held-out digits lie around the origin like N(0, I), whose rings hold half and
# nine tenths of what is drawn.

ax = plot_latent(means, y_test)
for share in (0.5, 0.9):
    ring = plt.Circle((0, 0), np.sqrt(-2 * np.log(1 - share)), fill=False, ls=":", color="gray")
    ax.add_patch(ring)
ax.set_aspect("equal")

# %%
# What the decoder makes of the points of a grid whose cells are equally probable.

n = 15
quantiles = norm.ppf((np.arange(n) + 0.5) / n)
grid = np.array([(a, b) for b in quantiles[::-1] for a in quantiles])
figure, ax = plt.subplots(figsize=(6, 6), layout="constrained")
show(flat.inverse_transform(grid), n, ax, "codes of two numbers, from -1.8 to 1.8")

# %%
# With ten numbers: ways between two digits, straight and along a sphere, then what single
# units do to a digit, and new digits.

wide = VariationalAutoencoder(latent_dim=10, **settings).fit(X_train)
a, b = X_test[y_test == 1][0], X_test[y_test == 8][0]
straight, curved = (wide.interpolate(a, b, 12, method=m) for m in ("linear", "spherical"))
strongest = np.argsort(wide.unit_kl(X_test))[::-1][:4]
walks = wide.traverse(b, strongest, np.linspace(-2.5, 2.5, 12))
figure, (top, middle, bottom) = plt.subplots(
    3, 1, figsize=(7, 6.2), layout="constrained", height_ratios=(2, 4, 4)
)
show(np.concatenate([straight, curved]), 12, top, "from a 1 to an 8: straight, and on a sphere")
show(walks, 12, middle, "an 8, and the four units that say most, from -2.5 to 2.5")
show(wide.sample(48, random_state=0), 12, bottom, "new digits")

# %%
# How probable held-out digits are: the bound at the mean of each code, and log p(x) by
# importance sampling. The divergence says how many of the units are in use.

for name, model in (("2 units", flat), ("10 units", wide)):
    likelihood = model.log_likelihood(X_test, 200, random_state=0).mean()
    kl = model.unit_kl(X_test)
    print(f"{name:<9} log p(x) {likelihood:.2f} nats; units say {kl.round(1)} nats")
