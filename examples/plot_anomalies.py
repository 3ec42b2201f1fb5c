"""
Which rows are strange, and why
===============================

An autoencoder learns what rows have in common. What it cannot give back is unlike the others:
`AnomalyDetector` makes an outlier detector of any autoencoder, and says which columns, pixels
or steps are to blame.
"""

# sphinx_gallery_thumbnail_number = 2

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import average_precision_score, roc_auc_score

from espelho import AnomalyDetector, ConvolutionalAutoencoder, LSTMAutoencoder
from espelho.plots import plot_contributions, plot_scores

# %%
# A table
# -------
#
# Of breast tumours that were examined, 357 are benign. Twenty malignant ones are put among
# them, and nobody tells the detector which. ``contamination`` says that 20 of 377 are to be
# called outliers.

cancer = load_breast_cancer(as_frame=True)
malignant = np.flatnonzero(cancer.target == 0)[:20]
rows = np.sort(np.append(np.flatnonzero(cancer.target == 1), malignant))
X, strange = cancer.data.iloc[rows], cancer.target.to_numpy()[rows] == 0

detector = AnomalyDetector(contamination=20 / 377, random_state=0).fit(X)
scores = detector.score_samples(X)
print(f"malignant among the outliers: {strange[detector.predict(X) == -1].sum()} of 20")
print(f"AUROC {roc_auc_score(strange, -scores):.3f}")
print(f"average precision {average_precision_score(strange, -scores):.3f}")
plot_scores(scores, detector.offset_)

# %%
# The strangest row is so by these columns. A bar is a column's share of the row's strangeness,
# to the right where the value is more than the other columns let expect.

why = detector.explain(X)
plot_contributions(why, int(scores.argmin()))

# %%
# Images
# ------
#
# Of an image the strangeness lies in pixels. A bright spot is put into a corner of one of 400
# digits; red pixels are brighter than expected, blue ones darker.

images = load_digits().images[:400].copy()
images[123, :3, :3] = 16
convolutional = ConvolutionalAutoencoder(latent_dim=8, max_epochs=20)
detector = AnomalyDetector(convolutional, contamination=0.01, random_state=0).fit(images)
why = detector.explain(images)
print(f"the strangest image is number {why.scores.argmin()}")

figure, axes = plt.subplots(1, 3, figsize=(10, 3.3), layout="constrained")
for ax, (title, image) in zip(
    axes, {"the image": images[123], "expected": why.expected[123]}.items(), strict=False
):
    ax.imshow(image, cmap="gray", vmin=0, vmax=16)
    ax.set_title(title, loc="left")
    ax.set_axis_off()
plot_contributions(why, 123, axes[2])

# %%
# Sequences
# ---------
#
# And of a sequence in steps: forty sine waves of different lengths, one of which jumps.

waves = [np.sin((np.arange(40 + n) + 3 * n) / 4) for n in range(20)] * 2
waves[17] = waves[17].copy()
waves[17][30:33] += 2.5
recurrent = LSTMAutoencoder(
    latent_dim=3, hidden_sizes=(16,), max_epochs=120, learning_rate=0.01, batch_size=10
)
detector = AnomalyDetector(recurrent, contamination=0.025, random_state=0).fit(waves)
why = detector.explain(waves)
print(f"the strangest wave is number {why.scores.argmin()}")
plot_contributions(why, 17, sequence=True)
