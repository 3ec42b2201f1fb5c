"""The order of the gallery: what to read first comes first."""

_FIRST = (
    "digits_codes",
    "extremes",
    "pipeline_grid_search",
    "pruned_search",
    "compare",
    "noise_columns",
    "anomalies",
    "filters",
    "own_networks",
    "binary_codes",
    "adversarial",
    "random_variables",
    "variational",
    "gan_1d",
    "reparametrization",
)


class Order:
    """A key for sphinx-gallery: the place of an example; those not listed come last."""

    def __init__(self, source_folder):
        self.source_folder = source_folder

    def __call__(self, file):
        name = file.removeprefix("plot_").removesuffix(".py")
        return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)

    def __repr__(self):
        return "Order"
