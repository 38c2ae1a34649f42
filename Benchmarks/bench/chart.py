"""A bar chart as an SVG that is readable on light and on dark pages."""

import html
import statistics

LEFT, WIDTH, ROW = 270, 760, 30


def bars(requests):
    """Median processor time for a request, a bar for each server."""
    medians = {name: statistics.median(costs) for name, costs in requests.items()}
    ordered = sorted(medians.items(), key=lambda item: item[1])
    longest = max(medians.values())
    height = 58 + ROW * len(ordered)
    rows = []
    for index, (name, median) in enumerate(ordered):
        y = 46 + index * ROW
        length = max(1.5, (WIDTH - LEFT - 90) * median / longest)
        kind = "own" if name.startswith("Vestibule") else "peer"
        rows.append(
            f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end">{html.escape(name)}</text>'
            f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{length:.1f}" height="21" rx="2"/>'
            f'<text x="{LEFT + length + 8:.1f}" y="{y + 15}" class="figure">{median:,.0f} µs</text>')
    body = "\n".join(rows)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" \
role="img" aria-label="Processor time for a call of the echo tool, by server">
<style>
text {{ font: 13px system-ui, sans-serif; fill: #24292f; }}
.title {{ font-weight: 600; font-size: 14px; }}
.figure {{ font-variant-numeric: tabular-nums; }}
.own {{ fill: #0b6bcb; }} .peer {{ fill: #9aa4af; }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #e6edf3; }} .own {{ fill: #58a6ff; }} .peer {{ fill: #6e7681; }}
}}
</style>
<text x="10" y="24" class="title">Processor time for a call of the echo tool (median; less is better)</text>
{body}
</svg>
"""
