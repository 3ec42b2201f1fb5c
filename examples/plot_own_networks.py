"""
Your own networks, stopped and resumed
======================================

Any torch module that maps samples to codes can be the encoder, and any that maps codes to
samples the decoder. Here both are convolutional. Training ends early, when held-out images no
longer get better; and a training that is cut in two ends with the same weights, to the
last bit, as one that is not.
"""

# sphinx_gallery_thumbnail_number = 2

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

import espelho
from espelho import Autoencoder, Checkpoint, EarlyStopping
from espelho.evaluation import pca_error
from espelho.plots import plot_losses, plot_reconstructions

X = load_digits().data
X_train, X_test = train_test_split(X, random_state=0)

# %%
# The networks get samples in the shape that ``sample_shape`` says, scaled: here
# (n, 1, 8, 8). ``fit`` trains a copy of each, so the modules below stay as they are.

encoder = nn.Sequential(
    nn.Conv2d(1, 16, 3, stride=2, padding=1),
    nn.GELU(),
    nn.Conv2d(16, 32, 3, stride=2, padding=1),
    nn.GELU(),
    nn.Flatten(),
    nn.Linear(32 * 2 * 2, 8),
)
decoder = nn.Sequential(
    nn.Linear(8, 32 * 2 * 2),
    nn.GELU(),
    nn.Unflatten(1, (32, 2, 2)),
    nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
    nn.GELU(),
    nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
)

# %%
# Early stopping
# --------------
#
# A tenth of the rows is held out. When their loss has not improved for five epochs, training
# ends and takes the weights of the best epoch.

torch.manual_seed(0)
model = Autoencoder(
    encoder=encoder,
    decoder=decoder,
    sample_shape=(1, 8, 8),
    learning_rate=3e-3,
    precision="float32",
    max_epochs=200,
    validation_fraction=0.1,
    callbacks=[EarlyStopping(patience=5)],
    random_state=0,
)
model.fit(X_train)
plot_losses(model.history_)

# %%
print(f"{model.n_epochs_} epochs, ended by {model.stop_reason_}")
print(f"error on held-out images {-model.score(X_test):.0f}")
print(f"of PCA with 8 components {pca_error(X_train, X_test, 8):.0f}")
plot_reconstructions(X_test, model.reconstruct(X_test), sample_shape=(8, 8))

# %%
# Resuming
# --------
#
# A ``Checkpoint`` keeps a run folder. Two trainings follow: one of twelve epochs, and one
# that ends after five and is then taken up again from its folder. No file holds the code of
# your own networks, so they are given again.

networks = {"encoder": encoder, "decoder": decoder}
settings = {"sample_shape": (1, 8, 8), "learning_rate": 3e-3, "random_state": 0} | networks

whole = Autoencoder(**settings, max_epochs=12).fit(X_train)

with TemporaryDirectory() as folder:
    run = Path(folder, "digits")
    Autoencoder(**settings, max_epochs=5, callbacks=[Checkpoint(run)]).fit(X_train)
    resumed = espelho.resume(run, X_train, max_epochs=12, **networks)

pairs = zip(whole.model_.parameters(), resumed.model_.parameters(), strict=True)
print(f"epochs: {whole.n_epochs_} and {resumed.n_epochs_}")
print("every weight the same:", all(torch.equal(a, b) for a, b in pairs))
