"""A panel in plain text, at most 80 columns wide."""

import math
from collections.abc import Iterable, Iterator, Sequence
from textwrap import fill, wrap

from espelho.evaluation.result import readable
from espelho.panel.result.finding import Finding
from espelho.panel.result.verdict import ERROR, level_for

__all__ = ["ABOUT_SAMPLES", "as_text"]

COLUMNS, NAME, FEWEST = 79, 25, 16

ABOUT_SAMPLES = (
    " told apart: how often a small network tells samples from data, 0.5 where they are alike; "
    "precision, coverage: shares of samples near data, and of data near samples."
)
"""What figures about samples mean, after what others do."""

Lines = list[list[str]]


def as_text(head: str, findings: Sequence[Finding], said: Iterable[str]) -> str:
    """Return tables of codes, samples and costs, then what they say.

    Parameters
    ----------
    head
        What was compared.
    findings
        What members came to.
    said
        Sentences.
    """
    parts = [
        fill(head, COLUMNS),
        _aligned(codes_table(findings)),
        _aligned(samples_table(findings)),
        _aligned(costs_table(findings), words=True),
        "\n".join(fill(sentence, COLUMNS) for sentence in said),
        "\n".join(_failures(findings)),
    ]
    return "\n\n".join(part for part in parts if part)


def codes_table(findings: Sequence[Finding]) -> Lines:
    """Return what is known of codes, with + and - where clearly above and below PCA."""
    known = [f for f in findings if f.has_codes]
    labelled = any("knn_score" in f.rows for f in known)
    scores = [("knn_score", "k-NN"), ("probe_score", "probe")] if labelled else []
    head = ["codes", "error", "/ PCA", "trust", "cont.", *(title for _, title in scores)]
    lines = [[f.name, *_code_cells(f, findings), *_scores(f, scores, findings)] for f in known]
    raw = next((f for f in known if f.rows and "raw" in _first_score(f)), None)
    if raw is not None:
        own = [f"{raw.value(name, 'raw'):.3f}     " for name, _ in scores]
        lines.insert(0, ["raw data", "", "", "", "", *own])
    return [head, *lines] if lines else []


def _first_score(finding: Finding) -> dict[str, float]:
    return dict(finding.rows.get("knn_score", {}).get("baselines", {}))


def _code_cells(finding: Finding, findings: Sequence[Finding]) -> list[str]:
    error, pca = finding.value(ERROR), finding.value(ERROR, "pca")
    ratio = "" if not pca > 0 or math.isnan(error) else _ratio(error / pca)
    sure = mark(finding, ERROR, -1, findings)
    near = [_share(finding.value(name)) for name in ("trustworthiness", "continuity")]
    return ["" if math.isnan(error) else _short(error), ratio + sure if ratio else "", *near]


def _scores(
    finding: Finding, scores: list[tuple[str, str]], findings: Sequence[Finding]
) -> Iterator[str]:
    for name, _ in scores:
        yield score(finding, name) + mark(finding, name, 1, findings)


def score(finding: Finding, name: str) -> str:
    """Return a score with the half of its 95 % interval."""
    value, margin = finding.value(name), finding.margin(name)
    if math.isnan(value):
        return "n/a"
    if margin is None or not math.isfinite(margin.error):
        return f"{value:.3f}"
    low, high = margin.interval()
    return f"{value:.3f}±{(high - low) / 2:.2f}".replace("±0.", "±.")


def mark(finding: Finding, name: str, sign: int, findings: Sequence[Finding]) -> str:
    """Return + where clearly better than PCA of the same width, - where worse, else a space."""
    margin = finding.margin(name, "pca")
    if margin is None or finding.epochs is None:
        return " "
    return {1: "+", -1: "-", 0: " "}[sign * margin.side_at(level_for(findings))]


def samples_table(findings: Sequence[Finding]) -> Lines:
    """Return what is known of samples, beside real data."""
    known = [f for f in findings if f.samples]
    if not known:
        return []
    figures = ("classifier", "precision", "coverage", "copies")
    head = ["samples", "told apart", "precision", "coverage", "copies", "us/sample"]
    real = ["real data", *(_share(known[0].value(name, "real")) for name in figures), ""]
    lines = [
        [
            f.name,
            *(_share(f.value(name)) for name in figures),
            _short(f.value("sample_microseconds")),
        ]
        for f in known
    ]
    return [head, real, *lines]


def costs_table(findings: Sequence[Finding]) -> Lines:
    """Return what members cost, and what the doctor says of their training."""
    known = [f for f in findings if not f.failed]
    if not known:
        return []
    head = ["cost", "fit s", "epochs", "us/row", "bytes", "doctor"]
    lines = [
        [
            f.name,
            _short(f.value("fit_seconds")),
            "" if f.epochs is None else str(f.epochs),
            _short(f.value("transform_microseconds")),
            _short(f.value("code_bytes")),
            doctor_words(f),
        ]
        for f in known
    ]
    data = next((f.value("code_bytes", "raw") for f in known if "code_bytes" in f.rows), math.nan)
    return [head, ["raw data", "", "", "", _short(data), ""], *lines]


def doctor_words(finding: Finding) -> str:
    """Return what the doctor says of a training; nothing of what was not trained."""
    if finding.epochs is None:
        return ""
    return ", ".join(finding.doctor) or "healthy"


def _failures(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        if finding.failed:
            yield fill(f"{finding.name} failed: {finding.error}", COLUMNS, subsequent_indent="  ")


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 100 else _short(value)


def _share(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def _short(value: float) -> str:
    """Return a figure in at most seven characters."""
    if math.isnan(value):
        return ""
    size = abs(value)
    if 100 <= size < 1e6:
        return f"{value:.0f}"
    return readable(value)[:6].rstrip(".") if 1e-3 <= size < 100 or not size else f"{value:.2g}"


def _aligned(lines: Lines, *, words: bool = False) -> str:
    """Return lines in columns; a long name has a line of its own, words in the last several."""
    if not lines:
        return ""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    widths[0] = min(NAME, widths[0])
    last = max(FEWEST, COLUMNS - sum(widths[:-1]) - 2 * (len(widths) - 1)) if words else None
    return "\n".join(text for line in lines for text in _rows(line, widths, last))


def _rows(line: list[str], widths: list[int], last: int | None) -> Iterator[str]:
    name, *cells = line
    if len(name) > widths[0]:
        yield name
        name = ""
    words = (wrap(cells.pop(), last) or [""]) if last else []
    figures = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=False))
    text = "  ".join((name.ljust(widths[0]), *figures))
    yield f"{text}  {words[0]}".rstrip() if words else text.rstrip()
    for more in words[1:]:
        yield " " * len(text) + f"  {more}"
