"""
Which model helps?
==================

A few members of the family beside principal components on a table of one's own: the same rows to
learn from, the same others to measure on, codes of one width, one budget. What it says is by
intervals: a difference that chance can explain is called none.
"""

from matplotlib import pyplot as plt

from espelho import Autoencoder, RobustAutoencoder, compare, load_data

wine = load_data("wine")
settings = {"hidden_sizes": (32,), "batch_size": 16, "max_epochs": 60}
models = [Autoencoder(**settings), RobustAutoencoder(**settings)]
found = compare(wine, models=models, grid={"latent_dim": [2, 4]}, budget="5m", n_jobs=1)

# %%
# Who is clearly better than PCA of the same width, and than the table as it is:

print(*found.verdict, sep="\n\n")

# %%
# The table is a list of dictionaries, as pandas takes them. Here is what neighbours can tell of
# the cultivar, with 95 % intervals.

rows = found.table
figure, ax = plt.subplots(figsize=(7.2, 3.4), layout="constrained")
for place, row in enumerate(reversed(rows)):
    ax.plot([row["knn_score_low"], row["knn_score_high"]], [place, place], color="tab:blue")
    ax.plot(row["knn_score"], place, "o", color="tab:blue")
names = [row["name"].split("[")[0] + f" of {row['width']}" for row in reversed(rows)]
ax.set_yticks(range(len(rows)), names)
ax.axvline(found.findings[0].value("knn_score", "raw"), color="gray", linestyle=":")
ax.set(xlabel="accuracy of five neighbours (dotted: the table as it is)")

# %%
# ``found.write_html("compare.html")`` writes all of it, with pictures, and so does the command
# line: ``espelho compare wine``.
