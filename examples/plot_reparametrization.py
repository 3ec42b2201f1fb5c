"""
Two ways to a gradient through chance
=====================================

A variational autoencoder pays for a code that is drawn: what it minimises is an expectation
over a distribution that it learns itself. There are two unbiased estimates of the gradient
of such an expectation, and they differ in how much they scatter. This example shows both on
one variable, where the exact gradient is known.
"""

# sphinx_gallery_thumbnail_number = 1

import numpy as np
from matplotlib import pyplot as plt

# %%
# A code z comes from N(m, 1) and costs f(z) = (z - 3)^2. The expected cost is
# (m - 3)^2 + 1, so its gradient by m is 2 (m - 3), and m = 3 is best.
#
# * The *score function* asks how probable the drawn code was, and does not look into f:
#   ``f(z) * d log p(z | m) / dm = f(z) (z - m)`` (Williams 1992).
# * The *pathwise* estimate, the reparametrisation, writes the code as ``z = m + e`` with
#   noise e that m has no part in, and follows the slope of f: ``f'(z) * dz/dm = 2 (z - 3)``
#   (Kingma and Welling 2014; Rezende, Mohamed and Wierstra 2014).

BEST = 3.0


def cost(z):
    return (z - BEST) ** 2


def score_function(m, e):
    z = m + e
    return cost(z) * (z - m)


def pathwise(m, e):
    return 2 * (m + e - BEST)


ESTIMATES = {"score function": score_function, "pathwise": pathwise}
COLOURS = {"score function": "#c2554d", "pathwise": "#2f6f9f"}

# %%
# Left, a thousand estimates for each mean, from one draw each: the line is the exact
# gradient, the bands hold two thirds of the estimates. Both are right on average. Middle,
# the estimates at m = 0. Right, twenty descents with each from there, by the same steps.

rng = np.random.default_rng(0)
means, noise = np.linspace(-1, 7, 41), rng.standard_normal(1000)
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
for name, estimate in ESTIMATES.items():
    drawn = estimate(means[:, None], noise)
    low, high = np.quantile(drawn, (1 / 6, 5 / 6), axis=1)
    left.fill_between(means, low, high, color=COLOURS[name], alpha=0.35, label=name, lw=0)
    middle.hist(
        estimate(0.0, noise), bins=np.linspace(-60, 40, 51), color=COLOURS[name], alpha=0.6
    )
left.plot(means, 2 * (means - BEST), color="black", lw=1, label="exact")
left.set(xlabel="mean m", ylabel="gradient by m", ylim=(-30, 30))
left.legend(frameon=False)
middle.axvline(-2 * BEST, color="black", lw=1)
middle.set(xlabel="gradient at m = 0", ylabel="estimates of 1,000")


def descents(estimate, rate=0.02, steps=150, runs=20):
    path = np.zeros((steps + 1, runs))
    for step in range(steps):
        path[step + 1] = path[step] - rate * estimate(path[step], rng.standard_normal(runs))
    return path


for name, estimate in ESTIMATES.items():
    right.plot(descents(estimate), color=COLOURS[name], alpha=0.5, lw=0.8)
right.axhline(BEST, color="black", lw=1)
right.set(xlabel="step", ylabel="mean m", ylim=(-1, 5))

# %%
# In figures: the standard deviation of one estimate, and how many draws the score function
# needs to be as exact as the pathwise estimate is from one.

noise = rng.standard_normal(1_000_000)
print("   m    exact   score function   pathwise   draws for the same")
for m in (0.0, 2.0, 3.0, 5.0):
    score, path = (estimate(m, noise) for estimate in ESTIMATES.values())
    ratio = score.var() / path.var()
    deviations = (
        f"{score.mean():6.2f} +- {score.std():5.2f}  {path.mean():5.2f} +- {path.std():.2f}"
    )
    print(f"{m:4.1f}  {2 * (m - BEST):7.2f}   {deviations}   {ratio:8.0f}")

# %%
# The pathwise estimate needs a cost that has a slope by the code, which a decoder has. Where
# there is none, with codes that are whole numbers say, the score function is what is left.
