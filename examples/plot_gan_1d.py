"""
A Gaussian, learned by an adversary
===================================

The first picture of adversarial training (Goodfellow et al. 2014): data from one Gaussian,
a generator whose samples begin elsewhere, and a discriminator between them. For fixed
densities p of the data and q of the samples, the best discriminator says
``p(x) / (p(x) + q(x))``; where the samples are as the data, that is 1/2 everywhere.
"""

import numpy as np
import torch
from matplotlib import pyplot as plt
from scipy.stats import gaussian_kde, norm

from espelho import GAN, Callback, MomentMatchingNetwork

X = np.random.default_rng(0).normal(4.0, 0.8, (1000, 1))
places = np.linspace(-2, 8, 200)


class Moments(Callback):
    """Keeps samples, and what the discriminator says, before training and after some epochs."""

    def __init__(self, *epochs):
        self.epochs = epochs

    def on_train_start(self, trainer):
        self.seen = [self.look(trainer.model)]

    def on_epoch_end(self, trainer):
        if trainer.position.epoch in self.epochs:
            self.seen.append(self.look(trainer.model))

    @torch.no_grad()
    def look(self, model):
        noise = torch.from_numpy(np.random.default_rng(1).normal(size=(2000, 4)))
        there = torch.from_numpy(places[:, None])
        return model.generate(noise).numpy()[:, 0], model.scores(there).sigmoid().numpy()


moments = Moments(3, 10, 100)
adversarial = GAN(
    latent_dim=4,
    hidden_sizes=(32,),
    discriminator_sizes=(32,),
    scaling="none",
    discriminator_activation="tanh",
    max_epochs=100,
    learning_rate=3e-3,
    schedule="cosine",
    penalty_weight=0.01,
    callbacks=(moments,),
    random_state=0,
).fit(X)

# %%
# In black the data's density, in blue that of the samples. In orange what the discriminator
# says, and dashed what the best one would say.

names = ("before training", *(f"after epoch {epoch}" for epoch in moments.epochs))
figure, axes = plt.subplots(2, 2, figsize=(9, 5), layout="constrained", sharex=True, sharey=True)
p = norm(4.0, 0.8).pdf(places)
for ax, name, (samples, says) in zip(axes.flat, names, moments.seen, strict=True):
    q = gaussian_kde(samples)(places)
    known = p + q > 2e-2
    ax.plot(places, p, "k", label="data")
    ax.plot(places, q, "C0", label="samples")
    ax.plot(places, says, "C1", label="discriminator")
    ax.plot(places[known], (p / (p + q))[known], "k--", lw=0.8, label="best one: p / (p + q)")
    ax.axhline(0.5, color="0.8", lw=0.8, zorder=0)
    ax.set(title=name, ylim=(0, 1.3))
axes[0, 0].legend(fontsize=8, loc="upper left")

# %%
# The direct way to the same end has no adversary: a moment matching network is moved until a
# kernel sees no difference between samples and data, and its loss says how far it has come.

direct = MomentMatchingNetwork(
    latent_dim=4,
    hidden_sizes=(32,),
    scaling="none",
    noise="gaussian",
    batch_size=200,
    max_epochs=100,
    learning_rate=5e-3,
    schedule="cosine",
    random_state=0,
).fit(X)

figure, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
ways = (("by an adversary", adversarial, "C0"), ("by moments", direct, "C2"))
axes[0].plot(places, p, "k", label="data")
for name, model, color in ways:
    drawn = model.sample(4000, random_state=0)[:, 0]
    axes[0].plot(places, gaussian_kde(drawn)(places), color, label=name)
    print(f"{name}: mean {drawn.mean():.2f}, deviation {drawn.std():.2f}; data: 4.00 and 0.80")
axes[0].legend(fontsize=8)
axes[0].set(title="densities", xlim=(0, 8))
axes[1].plot(adversarial.history_["discriminate/real"], "C1", label="discriminate/real")
axes[1].plot(adversarial.history_["generate/fool"], "C0", label="generate/fool")
axes[1].plot(direct.history_["match/mmd"], "C2", label="match/mmd")
axes[1].axhline(np.log(2), color="0.8", lw=0.8, zorder=0)
axes[1].legend(fontsize=8)
axes[1].set(title="losses; log 2 where nothing can be told", xlabel="epoch")

# %%
# Of the two losses of the game neither says how good the samples are: both end near log 2,
# what a discriminator pays that cannot tell, on the way from either side.
