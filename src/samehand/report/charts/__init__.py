"""Charts as plain inline SVG: few elements, the page's colours, no script (docs/decisions/0003-charts.md)."""
