// Draws every chart of the page from the specification beside it.
"use strict";
(() => {
  const font = getComputedStyle(document.body).fontFamily;
  // Colours are the style sheet's, so that a chart follows the theme and the printer by itself.
  const ink = "var(--ink-soft)";
  const config = {
    background: null,
    font,
    view: { stroke: null },
    axis: {
      labelColor: ink,
      titleColor: ink,
      gridColor: "var(--line)",
      domainColor: "var(--line-strong)",
      tickColor: "var(--line-strong)",
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: 500,
      titlePadding: 8,
      labelOverlap: "greedy",
      tickCount: 6,
      aria: false,
    },
    legend: {
      orient: "top",
      labelColor: ink,
      labelFontSize: 12,
      symbolStrokeWidth: 2,
      offset: 4,
      aria: false,
    },
    mark: { aria: false },
  };
  const refuse = () => Promise.reject(new Error("a report loads nothing"));
  const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };

  async function draw(place) {
    const { title, ...spec } = JSON.parse(document.getElementById(place.dataset.spec).textContent);
    const compiled = vegaLite.compile(spec, { config }).spec;
    const view = new vega.View(vega.parse(compiled, null, { ast: true }), {
      container: place,
      expr: vega.expressionInterpreter,
      hover: false,
      loader,
      renderer: "svg",
    });
    await view.runAsync();
  }

  const places = [...document.querySelectorAll("[data-spec]")];
  const drawn = places.map((place) =>
    draw(place).catch((error) => {
      place.textContent = `This chart could not be drawn (${error.message}). Its numbers stand in the table below.`;
      console.error(error);
    }),
  );
  Promise.all(drawn).then(() => document.documentElement.setAttribute("data-charts", "drawn"));
})();
