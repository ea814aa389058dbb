"""The page read back: its numbers, its structure, its policy; and hostile names as inert text."""

import base64
import hashlib
import json
import math
import os
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

import reports
from reports.model import RankedFamily

EXPECTED = Path(__file__).parent / "expected"

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}{% raw %}",
    '"onmouseover=alert(1) x="',
    "'><svg/onload=alert(1)>",
    "=cmd|' /C calc'!A0",
    "javascript:alert(1)",
    "\u202ereversed\u2066",
    "a\u2028b\u2029c",
    "]]><!--",
    "&lt;b&gt;&amp;",
    "\ud800",
]

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """What a browser would read: elements with attributes, and the text inside them."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.texts, self.scripts = [], [], [], []
        self.styles = []
        self.feed(html)
        self.close()
        assert self.open == [], f"elements left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            attrs, text = self.scripts.pop()
            self.scripts.append((attrs, text + data))
        elif self.open and self.open[-1] == "style":
            self.styles.append(data)
        elif data.strip():
            self.texts.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def text(self):
        return " ".join(self.texts)

    @property
    def values(self):
        return [float(attrs["value"]) for attrs in self.all("data")]

    @property
    def programs(self):
        return [text for attrs, text in self.scripts if "type" not in attrs]

    @property
    def policy(self):
        return next(
            attrs["content"]
            for attrs in self.all("meta")
            if attrs.get("http-equiv") == "Content-Security-Policy"
        )


def ranking():
    return (
        RankedFamily("gamma", "interior", 2, -123.456, 250.97, 0.0, 0.827),
        RankedFamily("weibull", "interior", 2, -125.0, 254.1, 3.13, 0.173),
        RankedFamily("beta", None, None, None, None, None, None, reason="3.2 is above 1"),
    )


@pytest.fixture
def report(make_result):
    return reports.build(make_result(), ranking(), data_name="claims.csv")


@pytest.fixture
def page(report):
    return Page(report.to_html())


def test_the_pages_numbers_are_the_reports(page, report):
    fit = report.fit
    expected = [fit.log_likelihood, fit.aic, fit.aicc, fit.bic]
    for row in fit.estimates:
        expected += [row.estimate, row.standard_error, row.lower, row.upper]
    expected += [item.value for item in report.data.statistics]
    expected += [row.aicc for row in report.ranking if row.aicc is not None]
    for number in expected:
        assert math.isnan(number) or number in page.values


def test_every_section_is_there(page, report):
    for words in (
        report.title,
        report.verdict.headline,
        report.verdict.meaning,
        report.verdict.advice,
        report.provenance.fingerprint,
        report.provenance.python_code,
        report.provenance.command_line,
        "3.2 is above 1",
    ):
        assert words in page.text


def test_headings_come_in_order(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_page_can_be_read_by_machines_and_screen_readers(page):
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(attrs.get("scope") in {"col", "row"} for attrs in page.all("th"))
    identifiers = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(identifiers) == len(set(identifiers))
    for attribute in ("aria-labelledby", "aria-describedby"):
        for _, attrs in page.elements:
            assert attrs.get(attribute, identifiers[0]) in identifiers
    targets = [attrs["href"][1:] for attrs in page.all("a")]
    assert set(targets) <= set(identifiers)
    assert len([a for a in page.all("div") if a.get("role") == "img"]) == 4


def test_the_page_asks_for_nothing(page):
    """No element names an address outside the page."""
    for tag, attrs in page.elements:
        for name in ("src", "href", "action", "data", "poster", "srcset", "background"):
            assert (attrs.get(name) or "#").startswith(("#", "data:,")), (tag, attrs)
        assert not any(name.startswith("on") or name == "style" for name in attrs)
    assert "url(" not in "".join(page.styles)
    assert "@import" not in "".join(page.styles)


def test_the_policy_knows_every_script_and_the_style_by_its_hash(page):
    rules = dict(rule.strip().split(" ", 1) for rule in page.policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["script-src"].split() == [sha256(program) for program in page.programs]
    assert rules["style-src"].split() == [sha256(style) for style in page.styles]
    assert "unsafe" not in page.policy


def sha256(text):
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def test_the_page_stays_small(report):
    assert len(report.to_html().encode()) < 1_200_000


def test_a_large_sample_makes_no_larger_page(make_result):
    html = reports.build(make_result(n=200_000), ()).to_html()
    assert len(html.encode()) < 1_200_000


def test_charts_carry_their_specification(page, report):
    specs = [json.loads(text) for attrs, text in page.scripts if "type" in attrs]
    assert specs == [chart.spec for chart in report.charts]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(make_result, name):
    result = make_result(name=name)
    plain = Page(reports.build(make_result(), (), title="t", data_name="d.csv").to_html())
    hostile_ranking = [RankedFamily("beta", None, None, None, None, None, None, reason=name)]
    report = reports.build(result, hostile_ranking, title=name, data_name=name)
    page = Page(report.to_html())
    tags = {tag for tag, _ in page.elements}
    assert tags <= {tag for tag, _ in plain.elements} | {"code"}
    assert len(page.programs) == len(plain.programs)
    assert [sha256(program) for program in page.programs] == [
        sha256(program) for program in plain.programs
    ]
    assert not any(key.startswith("on") for _, attrs in page.elements for key in attrs)
    assert report.title in page.text
    specs = [json.loads(text) for attrs, text in page.scripts if "type" in attrs]
    assert specs == [chart.spec for chart in report.charts]
    assert "49" not in page.texts
    assert "\u202e" not in report.to_html()
    assert report.to_html().encode()


def test_a_family_on_categories_has_no_charts_and_no_scripts(make_result):
    result = make_result(values=["red", "blue", "red"], family="categorical")
    page = Page(reports.build(result).to_html())
    assert page.scripts == []
    assert "script-src 'none'" in page.policy
    assert "blue" in page.texts


def test_the_page_is_the_expected_one(make_result):
    """Compare with the page kept beside; MLESTIM_UPDATE_EXPECTED=1 writes it anew.

    What changes without anyone's doing is replaced first: programs, hashes, versions, last digits.
    """
    report = reports.build(
        make_result(n=12),
        ranking(),
        data_name="claims.csv",
        created=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    )
    kept = EXPECTED / "gamma.html"
    actual = scrubbed(report.to_html(), report)
    if os.environ.get("MLESTIM_UPDATE_EXPECTED"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(actual, encoding="utf-8")
    assert actual == kept.read_text(encoding="utf-8")


def scrubbed(html, report):
    html = re.sub(r"<script>.*?</script>", "<script>…</script>", html, flags=re.DOTALL)
    html = re.sub(r"<style>.*?</style>", "<style>…</style>", html, flags=re.DOTALL)
    html = re.sub(r"sha256-[\w+/=]+", "sha256-…", html)
    # digits beyond the tenth depend on the way to the maximum
    html = re.sub(r'value="(-?\d[^"]*)"', lambda found: f'value="{float(found[1]):.10g}"', html)
    for item in report.provenance.versions:
        html = html.replace(
            f"<dt>{item.label}</dt><dd>{item.value}</dd>", f"<dt>{item.label}</dt><dd>…</dd>"
        )
    return html
