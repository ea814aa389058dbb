"""Numbers as text never claim more than is true."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.formatting import count, fixed, number, plain_text, proportion

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite)
def test_a_number_reads_back_to_its_digits(value):
    # Six significant digits: half a unit of the sixth is at most 5e-6 of the number. Numbers
    # without a fraction are written out; the smallest doubles hold fewer digits than six.
    assert math.isclose(float(number(value)), value, rel_tol=5.1e-6, abs_tol=5e-324)


@given(finite.filter(lambda value: value != 0))
def test_only_zero_reads_as_zero(value):
    assert float(number(value)) != 0


@given(finite)
def test_trailing_zeros_tell_a_rounded_number_from_an_exact_one(value):
    text = number(value)
    digits = text.split("e")[0]
    if "." in digits and digits.endswith("0"):
        assert float(text) != value


@given(st.floats(min_value=0, max_value=1))
def test_only_certainty_reads_as_one_and_only_impossibility_as_zero(share):
    text = proportion(share)
    assert (text == "1") == (share == 1)
    assert (text == "0") == (share == 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (2.0, "2"),
        (2.0000001, "2.00000"),
        (9.9999999, "10.0000"),
        (0.00012345678, "0.000123457"),
        (1e-5, "1e-05"),
        (1234567.8, "1234568"),
        (1e100, "1e+100"),
        (1.23456789e100, "1.23457e+100"),
        (float("nan"), "n/a"),
        (float("-inf"), "-∞"),
        (None, "n/a"),
        (7, "7"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def test_criteria_keep_their_decimals_however_large():
    assert fixed(-12345678.9012) == "-12345678.901"
    assert fixed(None) == "n/a"


def test_rows_are_separated_by_thousands():
    assert count(10_000) == "10,000"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Höhe", "Höhe"),
        ("العمر", "العمر"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("two\r\nlines", "two\\r\\nlines"),
        ("a\u2028b", "a\\u2028b"),
        ("nul\x00", "nul\\x00"),
        (("a", 1), "('a', 1)"),
    ],
)
def test_invisible_characters_are_spelt_out(name, shown):
    assert plain_text(name) == shown
