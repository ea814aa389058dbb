"""The page in a real browser: charts are drawn, nothing is asked for, nothing is refused."""

import base64
import json
import os
import shutil
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mlestim
import reports
from mlestim import Verdict
from reports.model import RankedFamily

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# Runs before anything of the page does, and keeps what the page would rather not say.
WITNESS = """
window.witness = { violations: [], errors: [], dialogs: [] };
document.addEventListener("securitypolicyviolation", (event) =>
  window.witness.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
window.addEventListener("error", (event) => window.witness.errors.push(String(event.message)));
window.addEventListener("unhandledrejection", (event) =>
  window.witness.errors.push(String(event.reason)));
window.alert = (text) => window.witness.dialogs.push(String(text));
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if CHROMIUM is None or DRIVER is None:
        missing = "chromium and chromedriver are not installed: the page was not looked at"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(f"{missing} (apt-get install chromium chromium-driver)")
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER))
    driver.set_script_timeout(30)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WITNESS})
    yield driver
    driver.quit()


@pytest.fixture
def visit(browser, tmp_path):
    """Open a report in a window of some width and theme, wait for its charts, say what happened."""

    def open_page(report, width=1280, theme="light", media="screen"):
        path = reports.write(report, tmp_path / "report.html", force=True)
        browser.get_log("browser")
        browser.get_log("performance")
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"media": media, "features": [{"name": "prefers-color-scheme", "value": theme}]},
        )
        browser.get(path.as_uri())
        browser.execute_async_script(
            """
            const done = arguments[0];
            const look = () => {
              const waiting = document.querySelector("[data-spec]") &&
                document.documentElement.dataset.charts !== "drawn";
              waiting ? setTimeout(look, 20) : done();
            };
            look();
            """
        )
        witness = browser.execute_script("return window.witness")
        return SimpleNamespace(
            **witness,
            console=[entry["message"] for entry in browser.get_log("browser")],
            requests=requests(browser),
        )

    return open_page


def requests(browser):
    """Return the addresses that the page asked for, itself left out."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    return [a for a in addresses if not a.startswith("data:") and not a.endswith("report.html")]


def assert_quiet(seen):
    assert seen.violations == []
    assert seen.errors == []
    assert seen.dialogs == []
    assert seen.console == []
    assert seen.requests == []


def drawn_paths(browser):
    """Return how many marks each chart has."""
    return browser.execute_script(
        """
        return [...document.querySelectorAll(".chart")].map((place) =>
          place.querySelectorAll(".mark-line path, .mark-rect path, .mark-symbol path").length);
        """
    )


def ranking():
    reason = "'amount' has values outside (0, 1), first in rows 0, 1, 2: 3.2, 1.7, 9.9"
    return [
        RankedFamily("gamma", "interior", 2, -12345.678, 24695.4, 0.0, 0.9),
        RankedFamily("generalized_extreme_value", "at_infinity", 3, -12400.1, 24806.2, 110.8, 0.1),
        RankedFamily("beta", None, None, None, None, None, None, reason=reason),
    ]


@pytest.mark.parametrize("width", [1280, 380])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_fits_and_draws_its_charts(browser, visit, make_result, width, theme):
    seen = visit(reports.build(make_result(), ranking(), data_name="c.csv"), width, theme)
    assert_quiet(seen)
    charts = drawn_paths(browser)
    assert len(charts) == 4
    assert all(marks > 1 for marks in charts)
    widest = browser.execute_script("return document.documentElement.scrollWidth")
    assert widest <= width
    chart_width = browser.execute_script(
        "return document.querySelector('.chart svg').getBoundingClientRect().width"
    )
    assert chart_width > 250


def test_the_charts_follow_the_theme(browser, visit, make_result):
    colours = set()
    for theme in ("light", "dark"):
        visit(reports.build(make_result(), ()), theme=theme)
        colours.add(
            browser.execute_script(
                "return getComputedStyle(document.querySelector('.chart svg text')).fill"
            )
        )
    assert len(colours) == 2


def test_text_has_contrast(browser, visit, make_result):
    """WCAG 1.4.3 (AA): 4.5 to 1 for every piece of text, in both themes."""
    script = """
    const channel = (c) => (c /= 255, c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
    const behind = (node) => {
      for (; node; node = node.parentElement) {
        const colour = numbers(getComputedStyle(node).backgroundColor);
        if (colour.length === 3 || colour[3] > 0) return colour;
      }
      return [255, 255, 255];
    };
    const poor = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || node.closest("script, noscript")) continue;
      const style = getComputedStyle(node);
      const colour = numbers(node.closest("svg") ? style.fill : style.color);
      const [high, low] = [light(colour), light(behind(node))].sort((a, b) => b - a);
      if ((high + 0.05) / (low + 0.05) < 4.5) poor.push(walker.currentNode.data);
    }
    return poor;
    """
    for theme in ("light", "dark"):
        for verdict in (Verdict.INTERIOR, Verdict.BOUNDARY, Verdict.NOT_CONVERGED):
            result = make_result(changes={"verdict": verdict})
            visit(reports.build(result, ranking()), theme=theme)
            assert browser.execute_script(script) == []


@pytest.mark.parametrize(
    "name",
    [
        "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '"onmouseover=alert(1) x="',
        "{{7*7}}",
        "=cmd|' /C calc'!A0",
        "\u202ereversed",
        "https://example.org/a.png",
        "a" * 300,
    ],
)
def test_hostile_names_do_nothing(browser, visit, make_result, name):
    report = reports.build(
        make_result(name=name),
        [RankedFamily("beta", None, None, None, None, None, None, reason=name)],
        title=name,
        data_name=name,
    )
    seen = visit(report, width=380)
    assert_quiet(seen)
    assert browser.title == report.title
    assert browser.execute_script("return document.querySelector('h1').innerText") == report.title
    assert all(marks > 1 for marks in drawn_paths(browser))
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 380


@pytest.mark.parametrize(
    ("family", "values"),
    [
        ("gamma", 1e-100 * stats.gamma(2).rvs(50, random_state=1)),
        ("gamma", 1e100 * stats.gamma(2).rvs(50, random_state=1)),
        ("normal", 1e6 + stats.norm.rvs(size=50, random_state=1)),
        ("lognormal", stats.lognorm(3).rvs(50, random_state=1)),
        ("exponential", np.full(5, 3.0)),
        ("negative_binomial", stats.nbinom(2, 0.2).rvs(100, random_state=1)),
    ],
    ids=["tiny", "huge", "far from zero", "many decades", "constant", "counts"],
)
def test_unusual_samples_are_drawn(browser, visit, make_result, family, values):
    seen = visit(reports.build(make_result(values=values, family=family), ()))
    assert_quiet(seen)
    assert all(marks > 1 for marks in drawn_paths(browser))
    broken = browser.execute_script(
        """
        const inner = document.querySelectorAll(".chart svg path, .chart svg text");
        return [...inner].filter((node) => /NaN|Infinity/.test(node.outerHTML)).length;
        """
    )
    assert broken == 0


@pytest.mark.parametrize("n_groups", [4, 60])
def test_groups_are_drawn(browser, visit, n_groups):
    x = stats.gamma(2).rvs(30 * n_groups, random_state=1)
    keys = np.repeat([f"</script> <b>{i}" for i in range(n_groups)], 30)
    data = pd.DataFrame({"amount": x, "region": keys})
    report = reports.build(mlestim.fit(data, "weibull", column="amount", by="region"))
    assert_quiet(visit(report, width=380))
    assert drawn_paths(browser) == [n_groups, n_groups]
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 380


def test_a_chart_that_cannot_be_drawn_says_so(browser, visit, make_result):
    from dataclasses import replace

    report = reports.build(make_result(), ())
    broken = replace(report.charts[0], spec={"mark": "no such mark", "data": {"values": []}})
    seen = visit(replace(report, charts=(broken, *report.charts[1:])))
    assert seen.violations == []
    assert browser.execute_script("return document.querySelector('.chart').innerText").startswith(
        "This chart could not be drawn"
    )
    assert len(browser.execute_script("return [...document.querySelectorAll('.chart svg')]")) == 3


def test_a_chart_cannot_load_anything(browser, visit, make_result):
    from dataclasses import replace

    report = reports.build(make_result(), ())
    spec = {
        "data": {"url": "https://example.org/data.json"},
        "mark": "point",
        "encoding": {"x": {"field": "x", "type": "quantitative"}},
    }
    seen = visit(replace(report, charts=(replace(report.charts[0], spec=spec),)))
    assert seen.requests == []
    assert browser.current_url.startswith("file:")


def test_the_printed_page_is_on_white_and_holds_its_charts(browser, visit, make_result):
    created = datetime(2026, 1, 2, tzinfo=UTC)
    visit(reports.build(make_result(), (), created=created), theme="dark", media="print")
    background = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(255, 255, 255)"
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF-")
