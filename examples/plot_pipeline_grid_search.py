"""
Codes as features, in a pipeline
================================

An autoencoder is a scikit-learn transformer. Here its codes are what a logistic regression
learns from, and a grid search chooses their width by the accuracy in the end, as it would
for any other step.
"""

from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from espelho import Autoencoder

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

# %%
# The autoencoder never sees the labels; the regression sees only the codes.

pipeline = make_pipeline(
    Autoencoder(sample_shape=(1, 8, 8), schedule="one-cycle", max_epochs=20, random_state=0),
    StandardScaler(),
    LogisticRegression(max_iter=1000),
)
search = GridSearchCV(pipeline, {"autoencoder__latent_dim": [2, 4, 8, 16]}, cv=3)
print(search.fit(X_train, y_train).best_params_)

# %%
# What comes out beside a regression on the pixels themselves.

pixels = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(X_train, y_train)
on_codes, on_pixels = search.score(X_test, y_test), pixels.score(X_test, y_test)
width = search.best_params_["autoencoder__latent_dim"]
print(f"{width} numbers of a code: {on_codes:.1%} of held-out digits right")
print(f"64 pixels:           {on_pixels:.1%}")

# %%
# The accuracy of each width in cross-validation, with the spread over the three folds.

results = search.cv_results_
widths = [params["autoencoder__latent_dim"] for params in results["params"]]

figure, ax = plt.subplots(figsize=(6.4, 4), layout="constrained")
mean, spread = results["mean_test_score"], results["std_test_score"]
ax.errorbar(widths, mean, spread, fmt="o-", capsize=4, label="codes")
ax.axhline(on_pixels, color="gray", linestyle=":", label="64 pixels, on held-out digits")
ax.set_xscale("log", base=2)
ax.set_xticks(widths, [str(width) for width in widths])
ax.set(xlabel="latent_dim (log scale)", ylabel="accuracy", title="logistic regression on codes")
ax.legend(loc="lower right")

# %%
# The codes of the best pipeline come with names.

encoder = search.best_estimator_.named_steps["autoencoder"]
print(encoder.get_feature_names_out()[:3])
