"""The tables of docs/benchmarks.md, each put between its marks."""

import re
import statistics

OWN = "Vestibule"


def median(values):
    return statistics.median(values)


def figure(value):
    """Three digits that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values):
    return f"{figure(min(values))}–{figure(max(values))}"


def ratio(value):
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def table(heads, rows, align=None):
    align = align or ["---"] + ["---:"] * (len(heads) - 1)
    lines = [heads, align, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def request_table(results):
    own = median(results["requests"][OWN])
    rows = []
    for name, costs in sorted(results["requests"].items(), key=lambda item: median(item[1])):
        label = f"**{name}**" if name == OWN else name
        rows.append((label, figure(median(costs)), spread(costs), ratio(median(costs) / own)))
    return table(["server", "µs a request", "least–greatest", "to Vestibule"], rows)


def token_table(results):
    rows = []
    for group, subjects in results["functions"].items():
        if not group.startswith(("verify ", "sign ")):
            continue
        own, kit = median(subjects["Vestibule"]), median(subjects["jwt-kit"])
        bare = median(subjects["swift-crypto alone"])
        cached = subjects.get("Vestibule, cached")
        rows.append((
            group, f"**{figure(own)}** ({spread(subjects['Vestibule'])})", figure(median(cached)) if cached else "",
            f"{figure(kit)} ({spread(subjects['jwt-kit'])})", figure(bare), f"1/{kit / own:.1f}", ratio(own / bare)))
    return table(
        ["µs", "Vestibule", "cached", "jwt-kit", "swift-crypto alone", "to jwt-kit", "to swift-crypto"], rows)


def body_table(results):
    rows = []
    for group, subjects in results["functions"].items():
        if "envelope scan" not in subjects:
            continue
        scan, tree, peer = (subjects[name] for name in ("envelope scan", "tree", "JSONSerialization"))
        rows.append((
            group, f"{figure(median(scan))} ({spread(scan)})", f"{figure(median(tree))} ({spread(tree)})",
            f"{figure(median(peer))} ({spread(peer)})", f"1/{median(peer) / median(scan):.1f}",
            f"1/{median(peer) / median(tree):.1f}"))
    return table(["µs", "envelope scan", "tree", "JSONSerialization", "scan to it", "tree to it"], rows)


def growth_table(results):
    parts = []
    for group, subjects in results["growth"].items():
        first = median(next(iter(subjects.values())))
        rows = [
            (count, figure(median(costs)), spread(costs), ratio(median(costs) / first))
            for count, costs in subjects.items()]
        parts.append(f"{group[0].upper()}{group[1:]}:\n\n" + table(
            ["how many", "µs a request", "least–greatest", "to the first"], rows, ["---:"] * 4))
    return "\n\n".join(parts)


def start_table(results):
    start = results["start"]
    rows = [
        (label, figure(median(start[name])), spread(start[name])) for label, name in (
            ("start to first answer, ms", "wait"), ("processor time until then, ms", "cpu"),
            ("idle memory (resident), MB", "memory"))]
    return table(["", "median", "least–greatest"], rows)


def goal_table(results):
    requests = {name: median(costs) for name, costs in results["requests"].items()}
    functions = results["functions"]
    own = requests[OWN]

    def verify(algorithm, subject):
        return median(functions[f"verify {algorithm}"][subject])

    def row(target, goal, measured, is_met, shown):
        return target, goal, shown, "met" if is_met else "**not met**"

    hummingbird, nio = own / requests["bare Hummingbird"], own / requests["bare SwiftNIO"]
    sdk, fast = requests["Python SDK"] / own, requests["FastMCP"] / own
    hs256 = verify("HS256", "jwt-kit") / verify("HS256", OWN)
    es256 = verify("ES256", OWN) / verify("ES256", "swift-crypto alone")
    memory, wait = median(results["start"]["memory"]), median(results["start"]["wait"])
    rows = [
        row("tool call, cached token", "≤ 1.15 × bare Hummingbird", hummingbird, hummingbird <= 1.15,
            f"{hummingbird:.2f}"),
        row("the same, stretch", "≤ 1.25 × bare SwiftNIO", nio, nio <= 1.25, f"{nio:.2f}"),
        ("proxied tool call, ES256, cached token", "≤ 1.0 × HAProxy with `jwt_verify`", "–", "comes with the gateway"),
        row("against the Python SDK", "≤ 1/20", sdk, sdk >= 20, f"1/{sdk:.1f}"),
        row("against FastMCP", "≤ 1/40", fast, fast >= 40, f"1/{fast:.1f}"),
        row("verify HS256, uncached", "≤ 1/8 of jwt-kit", hs256, hs256 >= 8, f"1/{hs256:.1f}"),
        row("verify ES256, uncached", "≤ 1.2 × swift-crypto's P256 alone", es256, es256 <= 1.2, f"{es256:.2f}"),
        row("idle memory", "≤ 40 MB", memory, memory <= 40, f"{memory:.0f} MB"),
        row("start to first answer", "≤ 150 ms", wait, wait <= 150, f"{wait:.0f} ms"),
    ]
    return table(["target", "goal", "measured", ""], rows, ["---", "---", "---:", "---"])


def filled(text, results):
    """The page with every table anew."""
    parts = {
        "machine": f"Measured on {results['when']}: {results['machine']}. {results['versions']}.",
        "goals": goal_table(results), "requests": request_table(results), "tokens": token_table(results),
        "bodies": body_table(results), "growth": growth_table(results), "start": start_table(results),
    }
    for name, content in parts.items():
        pattern = re.compile(f"(<!-- begin: {name} -->\n).*?(<!-- end: {name} -->)", re.S)
        text, found = pattern.subn(lambda match: match.group(1) + content + "\n" + match.group(2), text)
        if found != 1:
            raise RuntimeError(f"docs/benchmarks.md has no place for {name}")
    return text
