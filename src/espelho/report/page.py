"""The page: sections of HTML around figures, pictures and facts."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources

from espelho.evaluation import Evaluation, Row
from espelho.evaluation.result import HEADINGS, readable, used_columns
from espelho.report.facts import Setting, data_facts, settings, versions
from espelho.report.markup import Html, boxed, element, join, section, table
from espelho.report.picture import Picture, as_address
from espelho.report.subject import Mirrored, Subject, Translated
from espelho.training.doctor import Diagnosis

TONES = {"better": "good", "worse": "bad"}
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(
    subject: Subject,
    pictures: Iterable[Picture],
    title: str,
    created: str,
    commands: Mapping[str, str],
) -> Html:
    """Return the whole page: one file that asks for nothing from anywhere."""
    parts = [
        section("figures", "Figures", _evaluation_tables(subject.evaluation)),
        section("doctor", "Doctor", *_diagnosis(subject.diagnosis)),
        section("pictures", "Pictures", gallery(pictures)),
        section("settings", "Settings", _settings_table(settings(subject.estimator))),
        section("data", "Data", _facts(data_facts(subject), "facts about the data")),
        section("versions", "Versions", _facts(versions(), "versions of the software")),
    ]
    if commands:
        parts.append(section("use", "Reproduce and use", *_commands(commands)))
    top = _header(subject, title, created, with_commands=bool(commands))
    foot = element("footer", f"Written by espelho, {created}.")
    body = element("body", top, element("main", *parts), foot)
    return join([Html("<!DOCTYPE html>\n"), element("html", head(title), body, lang="en")])


def head(title: str) -> Html:
    """Return the head of a page: its title, its style, and that it loads nothing."""
    style = resources.files("espelho.report").joinpath("style.css").read_text("utf-8")
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", **{"http-equiv": "Content-Security-Policy"}, content=POLICY),
        element("title", title),
        element("style", Html(style)),
    )


def _header(subject: Subject, title: str, created: str, *, with_commands: bool) -> Html:
    where = f" on {subject.data_name}" if subject.data_name else ""
    about = f"{subject.model_name}{where} · {subject.n_samples:,} samples · {created}"
    links = [
        "figures",
        "doctor",
        "pictures",
        "settings",
        "data",
        "versions",
        *["use"] * with_commands,
    ]
    return element(
        "header",
        element("p", about, class_="about"),
        element("h1", title),
        element("p", subject.evaluation.verdict, class_="verdict"),
        element("div", *_cards(subject), class_="cards"),
        element("nav", *(element("a", key.capitalize(), href=f"#{key}") for key in links)),
    )


def _cards(subject: Subject) -> Iterator[Html]:
    evaluation, estimator = subject.evaluation, subject.estimator
    if isinstance(subject, Mirrored) and (found := subject.anomalies) is not None:
        more = f"of {len(found.scores):,} rows; they score less than {readable(found.threshold)}"
        yield _card(f"{found.n_outliers:,}", "outliers", more)
    if "variance_explained" in evaluation:
        row = evaluation["variance_explained"]
        yield _card(_percent(row.value), "of the variance explained", _beside(row, "pca"))
    if "reconstruction_error_scaled" in evaluation:
        yield _error_card(evaluation["reconstruction_error_scaled"], evaluation.outcome)
    if "knn_score" in evaluation:
        row = evaluation["knn_score"]
        name = "prediction by neighbours" + f", {row.unit.split(',')[0]}" * bool(row.unit)
        yield _card(_percent(row.value), name, _beside(row, "raw"))
    yield from _sample_cards(evaluation)
    yield _width_card(subject)
    epochs = f"{estimator.n_epochs_:,} epochs; ended: {estimator.stop_reason_}"
    yield _card(_duration(estimator.fit_seconds_), "of training", epochs)


def _sample_cards(evaluation: Evaluation) -> Iterator[Html]:
    for name, what in (
        ("classifier", "of samples and data told apart, 50 % is guessing"),
        ("coverage", "of the data covered by samples"),
        ("recognised", "of samples recognised as the label asked for"),
    ):
        if name in evaluation:
            row = evaluation[name]
            yield _card(_percent(row.value), what, _beside(row, "real"))


def _width_card(subject: Subject) -> Html:
    if isinstance(subject, Translated):
        shapes = (" x ".join(map(str, part.shape[1:])) for part in (subject.X, subject.B))
        return _card(" → ".join(shapes), "a sample", "from A to B")
    d, width = subject.rows.shape[1], subject.estimator.latent_dim_
    if isinstance(subject, Mirrored):
        return _card(f"{d:,} → {width:,}", "numbers per sample", _bytes(subject.evaluation))
    return _card(f"{width:,} → {d:,}", "numbers per sample", "from noise to data")


def _card(figure: str, name: str, more: str, tone: str = "") -> Html:
    return element(
        "div",
        element("p", figure, class_="figure"),
        element("p", name, class_="name"),
        element("p", more, class_="more"),
        class_=f"card {tone}".rstrip(),
    )


def _error_card(row: Row, outcome: str) -> Html:
    pca = row.baselines.get("pca", 0.0)
    if not pca > 0:
        return _card(readable(row.value), "reconstruction error", "in scaled units")
    change = row.value / pca - 1
    word, tone = ("below" if change < 0 else "above"), TONES.get(outcome, "")
    more = f"{readable(row.value)} against {readable(pca)}, scaled units"
    return _card(_percent(abs(change)), f"{word} the error of PCA of the same width", more, tone)


def _beside(row: Row, column: str) -> str:
    if column not in row.baselines:
        return row.note
    return f"{HEADINGS[column]}: {_percent(row.baselines[column])}"


def _bytes(evaluation: Evaluation) -> str:
    if "code_bytes" not in evaluation:
        return "from data to code"
    row = evaluation["code_bytes"]
    return f"{readable(row.baselines['raw'])} → {readable(row.value)} bytes"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if math.isfinite(share) else "n/a"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _evaluation_tables(evaluation: Evaluation) -> Html:
    kept = "held out from training" if evaluation.held_out else "which training may have seen"
    said = f"Measured on {evaluation.n_samples:,} samples, {kept}. The best of a row has a star."
    return join([element("p", said), *map(_evaluation_table, evaluation.tables)])


def _evaluation_table(rows: Sequence[Row]) -> Html:
    used = used_columns(rows)
    titles = ("figure", *(HEADINGS[name] for name in used), "unit")
    top = element("tr", *(element("th", cell, scope="col") for cell in titles))
    body = (_evaluation_row(row, used) for row in rows)
    whole = element("table", element("thead", top), element("tbody", *body), class_="numbers")
    return boxed(whole, "evaluation of the model and its baselines")


def _evaluation_row(row: Row, used: list[str]) -> Html:
    arrow = {"lower": " ↓", "higher": " ↑"}.get(row.better, "")
    meaning = {"lower": "lower is better", "higher": "higher is better"}.get(row.better, "")
    mark = (element("span", arrow, title=meaning, class_="arrow"),) if arrow else ()
    note = (element("span", row.note, class_="note"),) if row.note else ()
    return element(
        "tr",
        element("th", row.label, *mark, *note, scope="row"),
        *(_figure(row, name) for name in used),
        element("td", row.unit, class_="unit"),
    )


def _figure(row: Row, name: str) -> Html:
    if name not in row.values:
        return element("td")
    text = readable(row.values[name])
    if name not in row.best:
        return element("td", text)
    return element("td", element("strong", f"★ {text}"), class_="best")


def _diagnosis(diagnosis: Diagnosis) -> Iterator[Html]:
    if diagnosis.healthy:
        yield element("p", "Nothing wrong was found in the training.")
    else:
        titles = ("verdict", "since", "what was seen", "evidence", "what to change")
        rows = ((v.name, v.when, v.said, v.figures, v.remedy) for v in diagnosis)
        yield table(titles, rows, "verdicts of the doctor")
    for reason, names in diagnosis.reasons.items():
        yield element("p", f"Not judged, {reason}: {', '.join(names)}.", class_="note")


def gallery(pictures: Iterable[Picture]) -> Html:
    """Return pictures with what is said about them, wide ones alone in their line."""
    return element("div", *(_figure_of(picture) for picture in pictures), class_="gallery")


def _figure_of(picture: Picture) -> Html:
    width, height = picture.size
    image = element(
        "img", src=picture.source, alt=picture.alt, width=str(width), height=str(height)
    )
    if picture.still:
        still = as_address(picture.still)
        image = element(
            "picture", element("source", media="(prefers-reduced-motion)", srcset=still), image
        )
    return element(
        "figure",
        element("h3", picture.title),
        image,
        element("figcaption", picture.caption),
        class_="wide" if picture.wide else "half",
    )


def _settings_table(found: list[Setting]) -> Html:
    changed = sum(setting.changed for setting in found)
    rows = (
        (
            join(
                [element("code", s.name), *[element("span", "changed", class_="tag")] * s.changed]
            ),
            element("code", s.value),
            element("code", s.default),
        )
        for s in found
    )
    said = element("p", f"{changed} of {len(found)} settings differ from the default.")
    return join([said, table(("setting", "value", "default"), rows, "settings of the model")])


def _facts(pairs: Iterable[tuple[str, str]], label: str) -> Html:
    rows = (
        element("tr", element("th", name, scope="row"), element("td", value))
        for name, value in pairs
    )
    return boxed(element("table", element("tbody", *rows), class_="facts"), label)


def _commands(commands: Mapping[str, str]) -> Iterator[Html]:
    for heading, command in commands.items():
        yield element("h3", heading)
        yield element("pre", element("code", command), tabindex="0")
