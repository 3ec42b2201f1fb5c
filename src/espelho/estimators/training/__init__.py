"""How every estimator is trained: fitted, in several processes, and going on."""
