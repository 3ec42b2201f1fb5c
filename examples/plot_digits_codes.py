"""
Codes of handwritten digits
===========================

An autoencoder squeezes each image of 8 x 8 pixels into two numbers and rebuilds the image
from them. Two numbers can be drawn: the map below shows where the digits lie. Principal
components of the same width stand beside it throughout, because they are what an
autoencoder has to beat.
"""

# sphinx_gallery_thumbnail_number = 2

from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from espelho import Autoencoder, evaluate
from espelho.plots import plot_latent, plot_losses, plot_reconstructions

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

# %%
# ``sample_shape`` says that the flat rows are images of one channel: they are then scaled
# alike, and reports draw them as pictures.

model = Autoencoder(
    latent_dim=2,
    sample_shape=(1, 8, 8),
    max_epochs=100,
    schedule="one-cycle",
    validation_fraction=0.1,
    random_state=0,
)
print(model.fit(X_train).history_)

# %%
# The losses, one point an epoch. The dashed line is the loss on a tenth of the rows that no
# update has seen: where it stops falling, longer training would only learn the rows by heart.

plot_losses(model.history_)

# %%
# Both maps show images that training never saw. The autoencoder may bend space and PCA may
# not, so digits overlap less on the left; the table at the end says by how much.

pca = PCA(n_components=2).fit(X_train)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
plot_latent(model.transform(X_test), y_test, ax=left)
plot_latent(pca.transform(X_test), y_test, ax=right)
left.set_title("autoencoder, two numbers", loc="left")
right.set_title("PCA, two components", loc="left")
right.set(xlabel="component 1", ylabel="component 2")

# %%
# What comes back from two numbers. The figure under each pair is its squared error.

figure, (top, bottom) = plt.subplots(2, 1, figsize=(9, 4.4), layout="constrained")
plot_reconstructions(X_test, model.reconstruct(X_test), sample_shape=(8, 8), ax=top)
plot_reconstructions(
    X_test, pca.inverse_transform(pca.transform(X_test)), sample_shape=(8, 8), ax=bottom
)
top.set_title("autoencoder", loc="left")
bottom.set_title("PCA of the same width", loc="left")

# %%
# And in figures, beside PCA and the constant mean, both fitted on the training rows.

evaluation = evaluate(model, X_test, y_test, X_train=X_train, y_train=y_train)
for name in ("reconstruction_error", "variance_explained", "trustworthiness", "knn_score"):
    row = evaluation[name]
    print(f"{row.label:<36} {row.value:8.3f}   PCA {row.baselines['pca']:8.3f}")
print(evaluation.verdict)
