"""What the comparison of samples with data says, in a few sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from espelho.evaluation.generation.memorisation import Memorisation
from espelho.evaluation.result import readable

LEVEL = 0.05
FAR_BELOW = 0.8
"""A share below so much of that of real data is far below it."""

STANDARD_ERRORS = 3.0
MORE_COPIES = 0.02


@dataclass(frozen=True)
class Findings:
    """The figures that a verdict is made of.

    Attributes
    ----------
    n : int
        Rows of each set.
    p_values : tuple of float
        Of the tests of whether samples are data.
    accuracy : float
        Of the classifier that tells them apart.
    precision, coverage : mapping of str to float
        Of the model and of real data.
    nearest : Memorisation or None
        How near samples are to training rows; None where those are not known.
    """

    n: int
    p_values: tuple[float, ...]
    accuracy: float
    precision: Mapping[str, float]
    coverage: Mapping[str, float]
    nearest: Memorisation | None

    @property
    def p_value(self) -> float:
        """The p-value of all tests together (Bonferroni)."""
        return min(1.0, len(self.p_values) * min(self.p_values))

    @property
    def different(self) -> bool:
        """Whether samples were told from data."""
        return self.p_value < LEVEL

    @property
    def classified(self) -> bool:
        """Whether the classifier, the last of the tests, did better than guessing."""
        return self.p_values[-1] < LEVEL

    @property
    def copied(self) -> bool:
        """Whether clearly more samples than held-out rows are copies of training rows."""
        near = self.nearest
        return near is not None and near.copies >= near.held_out_copies + MORE_COPIES


def verdict(found: Findings) -> tuple[str, str]:
    """Return the outcome in a word, and what the figures say.

    Parameters
    ----------
    found : Findings
        The figures.

    Returns
    -------
    tuple of two str
        ``copied``, ``different`` or ``alike``; and two to four sentences: whether samples can
        be told from data, whether they miss parts of it or lie outside, whether they repeat
        training rows.
    """
    outcome = "copied" if found.copied else "different" if found.different else "alike"
    return outcome, " ".join(_sentences(found))


def _sentences(found: Findings) -> Iterator[str]:
    gaps = list(_modes(found))
    if found.different:
        chance = readable(found.p_value)
        how = f"a classifier is right about {found.accuracy:.0%} of the rows"
        if found.classified:
            yield (
                f"Samples can be told from data (p = {chance}): {how}, where guessing is right "
                "about half."
            )
        else:
            yield (
                f"Samples can be told from data (p = {chance}) by distances between rows, though "
                f"{how} only."
            )
    elif gaps:
        yield (
            "Distances and a classifier do not tell samples from data by "
            f"{found.n:,} rows of each (p = {readable(found.p_value)}), yet they differ."
        )
    else:
        yield (
            f"Samples cannot be told from data by {found.n:,} rows of each "
            f"(p = {readable(found.p_value)})."
        )
    yield from gaps
    yield _copies(found)


def _modes(found: Findings) -> Iterator[str]:
    covered, real = found.coverage["model"], found.coverage["real"]
    if covered < FAR_BELOW * real:
        yield (
            f"They miss parts of the data: {covered:.0%} of its rows have a sample nearby, "
            f"where real data reaches {real:.0%}."
        )
    precise, real = found.precision["model"], found.precision["real"]
    if precise < FAR_BELOW * real:
        yield (
            f"Many lie where no data is: {precise:.0%} are among the data, "
            f"of real data {real:.0%}."
        )


def _copies(found: Findings) -> str:
    near = found.nearest
    if near is None:
        return "Whether they repeat training rows was not measured, without X_train."
    if found.copied:
        return (
            f"They repeat training rows: {near.copies:.0%} are copies, of held-out rows "
            f"{near.held_out_copies:.0%}."
        )
    if near.z < -STANDARD_ERRORS:
        return (
            f"They are no copies, but nearer to training rows than new data is, in "
            f"{near.nearer:.0%} of pairs: smoother than data, or learned by heart in part."
        )
    return "They do not repeat training rows."
