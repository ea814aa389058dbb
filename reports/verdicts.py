"""Every verdict in plain words: what it means for the numbers, and what to try next."""

from __future__ import annotations

from dataclasses import replace

from reports.model import VerdictText

_WORDS: dict[str, VerdictText] = {
    text.name: text
    for text in (
        VerdictText(
            name="interior",
            tone="good",
            headline="The estimates are a verified maximum of the likelihood.",
            meaning=(
                "At these values the log-likelihood has no slope left and curves downwards in "
                "every direction, and no better point was found. Estimates, standard errors and "
                "intervals can be used as they stand."
            ),
            advice=(
                "Look at the charts for places where the family does not follow the data, and at "
                "the ranking for families that describe them better."
            ),
        ),
        VerdictText(
            name="boundary",
            tone="caution",
            headline="The maximum lies on the edge of the parameter space.",
            meaning=(
                "The likelihood is highest at the first or last value that a parameter can take. "
                "The estimate is right, but the usual theory gives no standard error for a "
                "parameter on the edge, so its standard error and interval are n/a."
            ),
            advice=(
                "Ask whether the edge is a fact of the matter (a category that cannot occur) or "
                "of a small sample (a category not seen yet); more data settle it. Intervals of the "
                "other parameters hold as if the one on the edge were known."
            ),
        ),
        VerdictText(
            name="at_infinity",
            tone="caution",
            headline="The likelihood keeps rising towards a simpler family.",
            meaning=(
                "No finite parameter values are best: the fit improves for as long as a parameter "
                "grows, and approaches another family without ever reaching it. The "
                "log-likelihood shown is that of the limit, and so is the fitted curve."
            ),
            advice="Fit the limit family instead: it says the same with fewer parameters.",
        ),
        VerdictText(
            name="unbounded",
            tone="bad",
            headline="The likelihood has no highest point, so there are no estimates.",
            meaning=(
                "It can be made as large as one likes by squeezing the density onto single "
                "values, most often because all observations are equal or many were rounded to "
                "the same number."
            ),
            advice=(
                "Check the column for constant or coarsely rounded values, fix a parameter with "
                "fixed=, or choose a family with fewer parameters."
            ),
        ),
        VerdictText(
            name="not_identified",
            tone="bad",
            headline="Different parameter values describe the data equally well.",
            meaning=(
                "The likelihood has a level ridge instead of a peak. The values shown are one "
                "point on that ridge, and their standard errors do not exist."
            ),
            advice=(
                "Fix one of the parameters along the ridge with fixed=, choose a family with "
                "fewer parameters, or collect data that vary more."
            ),
        ),
        VerdictText(
            name="not_converged",
            tone="bad",
            headline="No maximum could be verified.",
            meaning=(
                "The search ended without proof that it had reached a maximum. The values shown "
                "are the best point it saw, not estimates to rely on."
            ),
            advice=(
                "Try other starting values with start=, another search with method=, or a "
                "simpler family, and look at the data for a few values that lie far from the rest."
            ),
        ),
    )
}


def explain(verdict: str, limit: str | None = None) -> VerdictText:
    """Return the words for a verdict; those for a limit name the family that was approached."""
    words = _WORDS[str(verdict)]
    if limit is None:
        return words
    return replace(
        words,
        headline=f"The likelihood keeps rising towards the {limit} family.",
        advice=(
            f"Fit the {limit} family instead: it says the same with fewer parameters, and has "
            "standard errors of its own."
        ),
    )


def names() -> tuple[str, ...]:
    """Return the verdicts that have words, in the order from best to worst."""
    return tuple(_WORDS)
