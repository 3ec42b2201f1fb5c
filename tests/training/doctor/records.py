"""Histories and signals made by hand."""

from espelho.training.doctor import Signals


def history(stage="train", start=0, **curves):
    """Return records with a figure for each curve; ``a__b__c`` is the figure a/b/c."""
    names = {name: name.replace("__", "/") for name in curves}
    length = len(next(iter(curves.values())))
    return [
        {"epoch": start + i + 1, "stage": stage, "seconds": 0.1, "learning_rate": 1e-3}
        | {names[n]: float(v[i]) for n, v in curves.items() if v[i] is not None}
        for i in range(length)
    ]


def signals(*records, final=None, facts=None, **series):
    """Return signals, one record per value of the series, ten steps an epoch."""
    length = len(next(iter(series.values()), ()))
    made = [
        {"epoch": i + 1, "step": 10 * (i + 1), "stage": "train"}
        | {name.replace("__", "/"): values[i] for name, values in series.items()}
        for i in range(length)
    ]
    last = []
    if final is not None:
        named = {name.replace("__", "/"): value for name, value in final.items()}
        last = [{"epoch": length, "step": 10 * length, "stage": "train", "final": True} | named]
    return Signals([*made, *records, *last], facts)
