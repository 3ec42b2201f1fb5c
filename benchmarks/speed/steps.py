"""Steps: every contestant in every regime, in rounds in turn."""

from statistics import median

from benchmarks.speed.contestants import AUTOGRAD, ESPELHO, PLAIN, PRODUCTS, contestants
from benchmarks.speed.page import Bar, Section, Table, at_least, at_most
from benchmarks.speed.peers import PEERS
from benchmarks.speed.regimes import DIGITS, MNIST_128, MNIST_512, REGIMES, Regime

__all__ = ["measure"]

ROUNDS = 9
NOTE = f"""\
CPU time, medians of {ROUNDS} rounds in turn, on one thread. All train the same network on the same
rows with Adam (0.001) and the squared error; timed is the second of two epochs, shuffling and
bookkeeping included, without set-up, progress bars, loggers and checkpoints. scikit-learn and PyOD
have a ReLU on the code besides."""

Rounds = list[dict[str, float]]


def measure() -> Section:
    """Return the time of a step of every contestant, beside the plain loop and the limit."""
    found = {regime: _rounds(regime) for regime in REGIMES}
    bars = [*_digits(found[DIGITS]), *_batch_128(found[MNIST_128]), *_batch_512(found[MNIST_512])]
    tables = tuple(_table(regime, rounds) for regime, rounds in found.items())
    return Section("Time of a step", NOTE, tables, tuple(bars))


def _rounds(regime: Regime) -> Rounds:
    """Return the seconds of a step by contestant, round by round; the first one warms up."""
    taking_part = contestants()
    return [
        {name: run(regime) / regime.steps for name, run in taking_part.items()}
        for _ in range(ROUNDS + 1)
    ][1:]


def _table(regime: Regime, rounds: Rounds) -> Table:
    rows = {
        name: (
            median(seconds[name] for seconds in rounds) * 1e6,
            _ratio(rounds, name, PLAIN),
            _ratio(rounds, PRODUCTS, name),
        )
        for name in rounds[0]
    }
    columns = {"us/step": ".0f", "of the plain loop": ".2f", "matrix products' share": ".2f"}
    return Table(regime.title, columns, rows)


def _digits(rounds: Rounds) -> list[Bar]:
    mlp = PEERS[0].name
    return [
        at_most("digits: of the plain loop", 0.30, _ratio(rounds, ESPELHO, PLAIN)),
        at_most("digits: of the plain loop, by autograd", 0.55, _ratio(rounds, AUTOGRAD, PLAIN)),
        at_most(f"digits: of {mlp}", 1.0, _ratio(rounds, ESPELHO, mlp)),
    ]


def _batch_128(rounds: Rounds) -> list[Bar]:
    name = "MNIST size, batch 128"
    peers = [peer.name for peer in PEERS if peer.name in rounds[0]]
    fastest = max(_ratio(rounds, ESPELHO, peer) for peer in peers)
    autograd = _ratio(rounds, PRODUCTS, AUTOGRAD)
    return [
        at_least(f"{name}: matrix products' share", 0.70, _ratio(rounds, PRODUCTS, ESPELHO)),
        at_least(f"{name}: matrix products' share, by autograd", 0.60, autograd),
        at_most(f"{name}: of the fastest peer", 1.0, fastest),
    ]


def _batch_512(rounds: Rounds) -> list[Bar]:
    share = _ratio(rounds, PRODUCTS, ESPELHO)
    return [at_least("MNIST size, batch 512: matrix products' share", 0.80, share)]


def _ratio(rounds: Rounds, one: str, other: str) -> float:
    return median(seconds[one] / seconds[other] for seconds in rounds)
