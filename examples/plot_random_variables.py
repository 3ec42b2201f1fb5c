"""
Random variables, drawn four ways
=================================

A computer draws uniform numbers. Everything else is made of them: by inverting a distribution
function, by rejecting what does not fit, by a map, or by filtering what a generator makes.
"""

# sphinx_gallery_thumbnail_number = 2

import numpy as np
from matplotlib import pyplot as plt
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from espelho.plots import plot_inverse_transform, plot_rejection, plot_transformation
from espelho.random_variables import (
    Discrete,
    Filtered,
    InverseCDF,
    InverseTransform,
    Monotone,
    Normal,
    Rejection,
    Transformed,
    Uniform,
)

# %%
# Inverse transform
# -----------------
#
# A uniform number on the ordinate, taken across to the distribution function and down, has
# that distribution (Devroye 1986): where the function is steep, much of the ordinate leads to
# little of the abscissa. Left a mixture of two normal variables, of which nothing is known but
# its distribution function; right four numbers with their probabilities.

mixture = InverseCDF(lambda x: (stats.norm.cdf(x, -2, 0.6) + stats.norm.cdf(x, 1.5, 1)) / 2)
numbers = Discrete([1, 2, 3, 5], [0.1, 0.4, 0.3, 0.2])

figure, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
for ax, variable in zip(axes, (mixture, numbers), strict=True):
    plot_inverse_transform(variable, ax=ax)

# %%
# Rejection
# ---------
#
# Here only a density is known, and not even its integral. Points are scattered evenly below a
# multiple of another density that lies above it, and those below the density stay (von Neumann
# 1951). A careful bound of 10 wastes proposals; the largest ratio that was seen tells a better
# one.


def rippled(x):
    """Return a density without its constant."""
    return np.exp(-np.square(x) / 2) * (1 + np.square(np.sin(3 * x)))


cauchy = InverseTransform(stats.cauchy.ppf)
careful = Rejection(rippled, cauchy, bound=10, proposal_density=stats.cauchy.pdf)
careful.sample(10_000, random_state=0)
print(f"accepted {careful.acceptance_rate_:.0%}, largest ratio {careful.bound_estimate_:.3f}")

better = Rejection(
    rippled, cauchy, bound=1.001 * careful.bound_estimate_, proposal_density=stats.cauchy.pdf
)
better.sample(10_000, random_state=0)
print(f"accepted {better.acceptance_rate_:.0%}")
print(f"integral of the density {better.acceptance_rate_ * better.bound:.2f}")

figure, axes = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
for ax, variable in zip(axes, (careful, better), strict=True):
    plot_rejection(variable, ax=ax)

# %%
# Transformation
# --------------
#
# A map carries its base to another variable. Where it is steep, it spreads the draws, and the
# density falls by as much: the lines divide the draws into eight equal parts on both sides.
# The tangent of a uniform angle is a Cauchy variable, minus the logarithm of a uniform number
# an exponential one.

tangent = Monotone(Uniform(low=-np.pi / 2, high=np.pi / 2), np.tan, np.arctan)
exponential = Monotone(Uniform(), lambda u: -np.log(u), lambda y: np.exp(-y))

figure, axes = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
figure.get_layout_engine().set(wspace=0.08)
for ax, variable in zip(axes, (tangent, exponential), strict=True):
    plot_transformation(variable, ax=ax)

# %%
# Maps of several variables need not be monotone. Box and Muller (1958) take a uniform point of
# the square for a radius and an angle: columns of the square become rings, and all of it
# together two independent normal variables.


def box_muller(u):
    """Return normal points for uniform ones."""
    radius, angle = np.sqrt(-2 * np.log1p(-u[:, :1])), 2 * np.pi * u[:, 1:]
    return radius * np.hstack([np.cos(angle), np.sin(angle)])


square = Uniform(2).sample(3000, random_state=0)
plane = Transformed(Uniform(2), box_muller).sample(3000, random_state=0)  # the same points

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained")
for ax, points in ((left, square), (right, plane)):
    ax.scatter(*points.T, c=square[:, 0], s=5, cmap="viridis")
    ax.set_aspect("equal")
left.set(xlabel="first number", ylabel="second number", title="a square of uniform points")
right.set(xlabel="first coordinate", ylabel="second coordinate", title="two normal variables")
print(f"p-value of being normal: {stats.kstest(plane.ravel(), 'norm').pvalue:.2f}")

# %%
# Filtering a generator
# ---------------------
#
# Whatever has ``sample(n, random_state=...)`` can be filtered, fitted generators too. This one
# draws digits of all classes, as noisy copies of the data; a classifier accepts each with the
# probability that it is an eight. Exactly as many come as were asked for.

X, y = load_digits(return_X_y=True)
classifier = KNeighborsClassifier().fit(X, y)


class Smoothed:
    """Draws rows of data and adds noise to them."""

    def sample(self, n=1, *, random_state=None):
        """Return n images."""
        generator = np.random.default_rng(random_state)
        return X[generator.integers(len(X), size=n)] + Normal(64).sample(n, random_state=generator)


eights = Filtered(Smoothed(), lambda images: classifier.predict_proba(images)[:, 8])
drawn = {"all": Smoothed().sample(40, random_state=0), "eights": eights.sample(40, random_state=0)}
print(f"accepted {eights.acceptance_rate_:.1%} of what was drawn")

figure, axes = plt.subplots(1, 2, figsize=(9, 3.3), layout="constrained")
for ax, (name, images) in zip(axes, drawn.items(), strict=True):
    framed = np.pad(images.reshape(5, 8, 8, 8), ((0, 0), (0, 0), (1, 1), (1, 1)))
    ax.imshow(np.block([list(row) for row in framed]), cmap="gray_r", vmin=0, vmax=16)
    ax.set_title(name, loc="left")
    ax.set_axis_off()
