"""Export: fitted models as files that other programs run."""
