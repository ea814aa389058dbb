"""Numbers and names as text that does not claim more than is true.

A rounded number keeps its trailing zeros (``1.00000``), an exact one does not (``1``); what is
not zero never reads as zero, and what is not one never reads as one.
"""

from __future__ import annotations

import math
import unicodedata

NOT_AVAILABLE = "n/a"

_POSITIONAL_FROM = 1e-4
_POSITIONAL_BELOW = 1e7


def number(value: float | None, digits: int = 6) -> str:
    """Return a number with so many significant digits, trailing zeros only where it was rounded.

    The minus sign is the ASCII one and exponents are written ``e-07``, so that a cell copied from
    a report can be pasted into a spreadsheet or a program.

    Examples
    --------
    >>> number(73.645669290), number(2.0), number(1.00000001), number(1.5e-9)
    ('73.6457', '2', '1.00000', '1.5e-09')
    >>> number(float("nan")), number(float("inf")), number(123456789.0)
    ('n/a', '∞', '123456789')
    """
    if value is None or math.isnan(value):
        return NOT_AVAILABLE
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    shortest = f"{value:.{digits}g}"
    exact = float(shortest) == value
    size = abs(value)
    if float(value).is_integer() and size < 1e15:
        return f"{value:.0f}"
    if _POSITIONAL_FROM <= size < _POSITIONAL_BELOW:
        decimals = max(digits - 1 - math.floor(math.log10(abs(float(shortest)))), 0)
        text = f"{value:.{decimals}f}"
        return text.rstrip("0").rstrip(".") if exact and "." in text else text
    if exact:
        return shortest
    return f"{value:.{digits - 1}e}"


def fixed(value: float | None, decimals: int = 3) -> str:
    """Return a log-likelihood or a criterion, of which only differences matter, to 3 decimals.

    Examples
    --------
    >>> fixed(-1234567.89012), fixed(float("-inf")), fixed(4.0)
    ('-1234567.890', '-∞', '4.000')
    """
    if value is None or not math.isfinite(value):
        return number(value)
    return f"{value:.{decimals}f}"


def count(value: float) -> str:
    """Return a number of rows with separators between thousands.

    Examples
    --------
    >>> count(1234567), count(12.5)
    ('1,234,567', '12.5')
    """
    return f"{int(value):,}" if float(value).is_integer() else number(value)


def proportion(value: float | None, decimals: int = 3) -> str:
    """Return a share between 0 and 1; only exact ends read as 0 and 1.

    Examples
    --------
    >>> proportion(0.25), proportion(1.0), proportion(0.9999999), proportion(1e-9)
    ('0.250', '1', '> 0.999', '< 0.001')
    """
    if value is None or math.isnan(value):
        return NOT_AVAILABLE
    if value in (0.0, 1.0):
        return f"{value:.0f}"
    step = 10.0**-decimals
    if value < step:
        return f"< {step:.{decimals}f}"
    if value > 1 - step:
        return f"> {1 - step:.{decimals}f}"
    return f"{value:.{decimals}f}"


def percent(share: float) -> str:
    """Return a confidence level or another exact share in percent.

    Examples
    --------
    >>> percent(0.95), percent(0.999)
    ('95 %', '99.9 %')
    """
    return f"{100 * share:.10g} %"


def plain_text(value: object) -> str:
    r"""Return a name on one line, its invisible characters spelt out.

    Control characters, line separators and marks that turn the direction of writing would change
    how the text around them is read; letters of any script stay as they are.

    Examples
    --------
    >>> plain_text("claims\u202e\n2026")
    'claims\\u202e\\n2026'
    """
    return "".join(_visible(character) for character in str(value))


def _visible(character: str) -> str:
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return character.encode("unicode_escape").decode("ascii")
    return character


def exponent_text(exponent: int) -> str:
    """Return a power of ten as a reader writes it.

    Examples
    --------
    >>> exponent_text(-9)
    '10⁻⁹'
    """
    superscripts = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return "10" + str(exponent).translate(superscripts)


# Words of registered names that are written otherwise in a sentence.
_WORDS = {
    name.lower(): name
    for name in (
        "Bernoulli",
        "Birnbaum",
        "Cauchy",
        "Dagum",
        "Dirichlet",
        "Gaussian",
        "Gompertz",
        "Gumbel",
        "Johnson",
        "Kumaraswamy",
        "Laplace",
        "Lomax",
        "Maxwell",
        "Mises",
        "Nakagami",
        "Pareto",
        "Poisson",
        "Rayleigh",
        "Saunders",
        "Simon",
        "Skellam",
        "Student",
        "SU",
        "Tweedie",
        "Weibull",
        "Yule",
    )
} | {"burr12": "Burr XII", "frechet": "Fréchet", "levy": "Lévy", "pearson3": "Pearson III"}


def family_words(name: str) -> str:
    """Return a family's registered name as words of a sentence.

    Examples
    --------
    >>> family_words("negative_binomial"), family_words("student_t"), family_words("weibull")
    ('negative binomial', 'Student t', 'Weibull')
    >>> family_words("johnson_su"), family_words("log_pearson3"), family_words("von_mises")
    ('Johnson SU', 'log Pearson III', 'von Mises')
    """
    return " ".join(_WORDS.get(word, word) for word in name.split("_"))
