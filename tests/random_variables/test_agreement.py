"""Every way of drawing agrees with SciPy's distributions, and every density is theirs."""

import numpy as np
import pytest
from scipy import special, stats

from espelho.random_variables import (
    Discrete,
    Empirical,
    Filtered,
    InverseCDF,
    InverseTransform,
    Monotone,
    Normal,
    Rejection,
    Sampler,
    Transformed,
    Uniform,
)

CONTINUOUS = {
    "normal": stats.norm(3, 2),
    "narrow, far from zero": stats.norm(1e6, 1e-3),
    "cauchy": stats.cauchy(),
    "student": stats.t(3),
    "exponential": stats.expon(),
    "gamma, steep at zero": stats.gamma(0.1),
    "beta, steep at both ends": stats.beta(0.3, 0.4),
    "pareto, without a mean": stats.pareto(0.5),
    "lognormal": stats.lognorm(2),
    "uniform": stats.uniform(5, 2),
    "weibull": stats.weibull_min(0.5),
    "gumbel": stats.gumbel_r(),
    "laplace": stats.laplace(),
    "logistic": stats.logistic(),
}
DISCRETE = {
    "binomial": stats.binom(8, 0.3),
    "poisson": stats.poisson(2.5),
    "geometric": stats.geom(0.4),
    "negative binomial": stats.nbinom(3, 0.6),
}

unit = Uniform()
centred = Normal()


def box_muller(u):
    """Box and Muller, "A note on the generation of random normal deviates", 1958."""
    radius, angle = np.sqrt(-2 * np.log1p(-u[:, 0])), 2 * np.pi * u[:, 1]
    return radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def triangle(x):
    return np.maximum(1 - np.abs(x), 0)


OTHER_WAYS = {
    "rejection: beta from uniform": (
        Rejection(stats.beta(2, 5).pdf, unit, 2.5),
        stats.beta(2, 5),
    ),
    "rejection: normal from cauchy, without its constant": (
        Rejection(
            lambda x: np.exp(-np.square(x) / 2),
            InverseTransform(stats.cauchy.ppf),
            2 * np.pi / np.exp(0.5),
            stats.cauchy.pdf,
        ),
        stats.norm(),
    ),
    "rejection: triangle from its proposal's own density": (
        Rejection(triangle, Uniform(low=-1, high=1), 2),
        stats.triang(0.5, -1, 2),
    ),
    "rejection: gamma from a monotone map of uniform": (
        Rejection(
            stats.gamma(2).pdf,
            Monotone(unit, lambda u: -2 * np.log1p(-u), lambda y: -np.expm1(-y / 2)),
            4 / np.e,
        ),
        stats.gamma(2),
    ),
    "filter: the upper half of normal": (
        Filtered(centred, lambda x: x > 0),
        stats.halfnorm(),
    ),
    "filter: uniform with chances makes a triangle": (
        Filtered(unit, lambda x: x),
        stats.triang(1),
    ),
    "transformation: normal by Box and Muller": (
        Transformed(Uniform(2), box_muller),
        stats.norm(),
    ),
    "transformation: cauchy as a quotient": (
        Transformed(Normal(2), lambda x: x[:, 0] / x[:, 1]),
        stats.cauchy(),
    ),
    "transformation: chi-square as a sum of squares": (
        Transformed(Normal(3), lambda x: np.square(x).sum(axis=1)),
        stats.chi2(3),
    ),
    "transformation: gamma as the log of a product": (
        Transformed(Uniform(3), lambda u: -np.log(1 - u).sum(axis=1)),
        stats.gamma(3),
    ),
    "transformation: beta as the greatest of three": (
        Transformed(Uniform(3), lambda u: u.max(axis=1)),
        stats.beta(3, 1),
    ),
}
MONOTONE = {
    "exponential, falling": (
        Monotone(unit, lambda u: -np.log(u), lambda y: np.exp(-y)),
        stats.expon(),
    ),
    "exponential, with its derivative": (
        Monotone(unit, lambda u: -np.log(u), lambda y: np.exp(-y), lambda y: -np.exp(-y)),
        stats.expon(),
    ),
    "cauchy": (
        Monotone(Uniform(low=-np.pi / 2, high=np.pi / 2), np.tan, np.arctan),
        stats.cauchy(),
    ),
    "lognormal": (
        Monotone(centred, np.exp, np.log),
        stats.lognorm(1),
    ),
    "normal from normal, and large": (
        Monotone(centred, lambda x: 1e6 + 1e3 * x, lambda y: (y - 1e6) / 1e3),
        stats.norm(1e6, 1e3),
    ),
    "logistic": (
        Monotone(unit, special.logit, special.expit),
        stats.logistic(),
    ),
    "beta": (
        Monotone(unit, np.square, np.sqrt),
        stats.beta(0.5, 1),
    ),
    "weibull, from a variable of numbers with a density given": (
        Monotone(
            Transformed(InverseTransform(stats.expon.ppf), lambda x: x[:, 0]),
            np.sqrt,
            np.square,
            base_density=stats.expon.pdf,
        ),
        stats.weibull_min(2),
    ),
    "gumbel, from exponential, itself a map": (
        Monotone(
            Monotone(unit, lambda u: -np.log(u), lambda y: np.exp(-y)),
            lambda x: -np.log(x),
            lambda y: np.exp(-y),
        ),
        stats.gumbel_r(),
    ),
}


def assert_agrees(drawn, reference):
    assert stats.kstest(drawn.ravel(), reference.cdf).pvalue > 0.001


def assert_counts_agree(drawn, reference):
    """Chi-square over the values that are likely enough, and the rest."""
    k = np.arange(reference.ppf(0.001), reference.ppf(0.999))
    k = k[reference.pmf(k) * drawn.size > 10]
    found = [(drawn == value).sum() for value in k]
    expected = drawn.size * reference.pmf(k)
    rest = drawn.size - np.sum([found, expected], axis=1)
    assert stats.chisquare([*found, rest[0]], [*expected, rest[1]]).pvalue > 0.001


@pytest.mark.parametrize("name", CONTINUOUS)
def test_quantile_functions_are_drawn_from(name):
    assert_agrees(
        InverseTransform(CONTINUOUS[name].ppf).sample(5000, random_state=1), CONTINUOUS[name]
    )


@pytest.mark.parametrize("name", CONTINUOUS)
def test_distribution_functions_are_enough(name):
    reference = CONTINUOUS[name]
    variable = InverseCDF(reference.cdf, support=reference.support())
    assert_agrees(variable.sample(5000, random_state=2), reference)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_samples_stand_for_what_they_were_drawn_from(name):
    observed = CONTINUOUS[name].rvs(20_000, random_state=np.random.default_rng(0))
    for method in ("linear", "step"):
        drawn = Empirical(observed, method).sample(3000, random_state=0)
        assert stats.ks_2samp(drawn.ravel(), observed).pvalue > 0.001


@pytest.mark.parametrize("name", OTHER_WAYS)
def test_other_ways_lead_to_the_same_distribution(name):
    variable, reference = OTHER_WAYS[name]
    assert isinstance(variable, Sampler)
    assert_agrees(variable.sample(5000, random_state=0), reference)


@pytest.mark.parametrize("name", MONOTONE)
def test_monotone_maps_have_the_distribution(name):
    variable, reference = MONOTONE[name]
    assert isinstance(variable, Sampler)
    assert_agrees(variable.sample(5000, random_state=0), reference)


@pytest.mark.parametrize("name", MONOTONE)
def test_monotone_maps_have_the_density(name):
    variable, reference = MONOTONE[name]
    y = reference.ppf(np.linspace(0.001, 0.999, 400))
    np.testing.assert_allclose(variable.density(y), reference.pdf(y), rtol=1e-8)


@pytest.mark.parametrize("name", MONOTONE)
def test_densities_integrate_to_one(name):
    variable, reference = MONOTONE[name]
    u = np.linspace(0.0005, 0.9995, 4001)
    y = reference.ppf(u)
    between = np.diff(y) * (variable.density(y)[1:] + variable.density(y)[:-1]) / 2
    assert between.sum() == pytest.approx(0.999, abs=1e-3)


@pytest.mark.parametrize(
    ("variable", "reference"),
    [
        (Normal(2), stats.multivariate_normal([0, 0])),
        (Normal(2, 3.0), stats.multivariate_normal([0, 0], 9)),
        (Uniform(2, -1, 3), None),
    ],
)
def test_simple_variables_have_densities(variable, reference):
    X = np.random.default_rng(0).normal(size=(50, 2)) * 2
    inside = (np.abs(X - 1) <= 2).all(axis=1) / 16
    expected = inside if reference is None else reference.pdf(X)
    np.testing.assert_allclose(variable.density(X), expected)


@pytest.mark.parametrize("name", DISCRETE)
def test_counts_agree_by_every_way(name):
    reference = DISCRETE[name]
    values = np.arange(reference.ppf(0), 60)
    masses = reference.pmf(values)
    for variable in (
        Discrete(values, masses),
        InverseTransform(reference.ppf),
        InverseCDF(reference.cdf),
        Filtered(Discrete(values), lambda k: reference.pmf(k) / masses.max()),
        Rejection(reference.pmf, Discrete(values), 70, lambda k: np.full(len(k), 1 / len(values))),
    ):
        assert_counts_agree(variable.sample(4000, random_state=0), reference)


@pytest.mark.parametrize("variable", [pair[0] for pair in OTHER_WAYS.values()], ids=OTHER_WAYS)
def test_the_same_seed_gives_the_same_samples_and_a_generator_moves_on(variable):
    first, again = (variable.sample(4, random_state=3) for _ in range(2))
    assert (first == again).all()

    generator = np.random.default_rng(3)
    assert (variable.sample(4, random_state=generator) == first).all()
    assert (variable.sample(4, random_state=generator) != first).any()


@pytest.mark.parametrize(
    "variable",
    [
        InverseTransform(stats.norm.ppf),
        InverseCDF(stats.norm.cdf),
        Empirical([1.0, 2.0]),
        Discrete([1, 2]),
        Filtered(centred, lambda x: x > 0),
        Rejection(triangle, unit, 1),
        Transformed(unit, np.exp),
        Monotone(unit, np.exp, np.log),
    ],
    ids=lambda variable: type(variable).__name__,
)
def test_a_number_of_samples_is_exact_whole_and_positive(variable):
    assert len(variable.sample(random_state=0)) == 1
    assert len(variable.sample(37, random_state=0)) == 37
    for n in (0, -1, 1.5):
        with pytest.raises(ValueError, match="n must be a whole number of at least 1, got"):
            variable.sample(n)
