"""Prints the figures of docs/decisions/0003-charts.md: ``python -m tests.report.measure``.

Needs Chromium, altair and vl-convert.
"""

# ruff: noqa: T201  (printing is what it is for)

import json
import tempfile
import time
from pathlib import Path

import numpy as np

from samehand.report.charts.raster import Acts, draw_raster, whole_window
from samehand.report.charts.svg import Wording
from samehand.report.dossier import FleetEvents, open_dossiers, read_fleets
from samehand.report.html import HtmlPage, asset, content_security_policy
from tests.report.fake_run import fake_run
from tests.report.page import open_in_chromium, title_of

LOADED = """
addEventListener("load", () => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const from = performance.now();
  document.querySelectorAll("details.fleet")[1].open = true;
  document.body.getBoundingClientRect();
  document.title = `first view ${paint ? Math.round(paint.startTime) + " ms" : "after loading"}, ` +
    `loaded ${Math.round(from)} ms, ` +
    `opening a section ${Math.round(performance.now() - from)} ms, ` +
    `${document.querySelectorAll("*").length} elements`;
});
"""
VEGA = """
(async () => {
  const spec = JSON.parse(document.getElementById("spec").textContent);
  const from = performance.now();
  let drawn = 0, problem = "";
  for (let i = 0; i < 5; i++) {
    const place = document.body.appendChild(document.createElement("div"));
    const options = {mode: "vega-lite", actions: false, renderer: "svg", ast: AST};
    try { await vegaEmbed(place, spec, options); drawn++; }
    catch (error) { problem = String(error).slice(0, 60); }
  }
  document.title = `${drawn} of 5 drawn in ${Math.round(performance.now() - from)} ms ${problem}`;
})();
"""


def timed(work, times=5):
    """Best time of several, and the result."""
    best, result = float("inf"), None
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def big_events() -> FleetEvents:
    """A fleet of 100 accounts with 3,000 events."""
    _, tables = fake_run(1, 100, events_per_member=15, n_unreported=0)
    (dossier,) = open_dossiers(tables, read_fleets(tables.fleets))
    return dossier.events


def measure_charts(folder: Path) -> None:
    import altair as alt
    import vl_convert as vlc

    events = big_events()
    rows = [
        {"a": int(a), "t": int(t) // 1000, "c": bool(c)}
        for a, t, c in zip(events.member, events.time_us, events.coaction, strict=True)
    ]
    chart = alt.Chart(alt.Data(values=rows)).mark_tick(thickness=1)
    chart = chart.encode(x="t:T", y=alt.Y("a:O", axis=None), color="c:N").properties(width=900, height=400)
    spec = chart.to_dict()
    data = json.dumps(spec, separators=(",", ":"))
    seconds, svg = timed(lambda: vlc.vegalite_to_svg(spec))
    print(f"one raster of {len(rows)} events, {int(np.ptp(events.member)) + 1} accounts")
    print(
        f"  Vega-Lite: data {len(data) / 1e3:.0f} kB, SVG {len(svg) / 1e3:.0f} kB in {seconds * 1e3:.0f} ms"
    )
    acts = Acts(events, [str(i) for i in range(100)], 5_000)
    seconds, own = timed(lambda: draw_raster(acts, whole_window(events), Wording("c", "t", "d")))
    print(f"  own SVG: {len(own.markup) / 1e3:.0f} kB in {seconds * 1e3:.1f} ms")
    bundle = vlc.javascript_bundle().replace("</script", "<\\/script")
    print(f"  Vega bundle: {len(bundle) / 1e3:.0f} kB")
    for ast in ("false", "true"):
        script = VEGA.replace("AST", ast)
        allowed = " ".join(content_security_policy(s, "").split()[3].rstrip(";") for s in (bundle, script))
        page = (
            '<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
            f"content=\"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'\">"
            f"<title>nothing drawn</title><body><script>{bundle}</script>"
            f'<script type="application/json" id="spec">{data}</script><script>{script}</script>'
        )
        shown = title_of(open_in_chromium(page.encode(), folder, seconds=30))
        print(f"  Vega in the page without unsafe-eval, ast={ast}: {shown}")


def measure_page(folder: Path, n_fleets: int, n_members: int) -> None:
    run = fake_run(n_fleets, n_members)
    seconds, content = timed(lambda: HtmlPage().render(*run, "en"), 1)
    print(f"{n_fleets} fleets, {n_members} members: {len(content) / 1e6:.1f} MB, rendered in {seconds:.1f} s")
    script, style = str(asset("page.js")), str(asset("style.css"))
    html = content.decode().replace(script, script + LOADED)
    policies = [content_security_policy(s, style).replace("'", "&#39;") for s in (script, script + LOADED)]
    html = html.replace(*policies)
    for _ in range(3):
        print(f"  {title_of(open_in_chromium(html.encode(), folder, seconds=0))}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        measure_charts(Path(name))
        measure_page(Path(name), 4, 200)
        measure_page(Path(name), 200, 20_000)
