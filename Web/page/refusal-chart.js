import { element, svg } from "../devtools/dom.js";
import { shown } from "../devtools/words.js";

/** @typedef {{ at: number, total_requests: number, reasons: Record<string, number> }} Bucket */

/** Series that have a colour of their own; what comes after them is one series. */
const mostSeries = 7;
const otherReasons = "other reasons";
const height = 240;
const margin = { left: 36, right: 8, top: 10, bottom: 24 };

/**
 * Refusals over the last hours as stacked bars; the same in a table for who cannot see them.
 */
export class RefusalChart {
    #place;
    #readout;
    #legend;
    #numbers;
    /**
     * Each reason keeps its colour as long as the page is open.
     * @type {string[]}
     */
    #series = [];
    /** @type {{ bucket_seconds: number, hours: number, buckets: Bucket[] }} */
    #data = { bucket_seconds: 300, hours: 6, buckets: [] };
    #text = "";
    #width = 0;

    /** @param {{ place: HTMLElement, readout: HTMLElement, legend: HTMLElement, numbers: HTMLElement }} parts */
    constructor({ place, readout, legend, numbers }) {
        this.#place = place;
        this.#readout = readout;
        this.#legend = legend;
        this.#numbers = numbers;
        new ResizeObserver(([entry]) => {
            const width = Math.round(entry?.contentRect.width ?? 0);
            if (width === this.#width || width === 0) return;
            this.#width = width;
            this.#draw();
        }).observe(place);
    }

    /** @param {{ bucket_seconds: number, hours: number, buckets: Bucket[] }} data */
    show(data) {
        const text = JSON.stringify(data);
        if (text === this.#text) return;
        this.#text = text;
        this.#data = data;
        const totals = this.#totals();
        for (const reason of [...totals.keys()].sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0))) {
            if (!this.#series.includes(reason) && this.#series.length < mostSeries) this.#series.push(reason);
        }
        this.#draw();
        this.#showLegend(totals);
        this.#showNumbers(totals);
    }

    #totals() {
        /** @type {Map<string, number>} */
        const totals = new Map();
        for (const bucket of this.#data.buckets) {
            for (const [reason, count] of Object.entries(bucket.reasons)) {
                totals.set(reason, (totals.get(reason) ?? 0) + count);
            }
        }
        return totals;
    }

    /**
     * @param {string} reason
     * @returns {number} Which colour it has.
     */
    #slot(reason) {
        const slot = this.#series.indexOf(reason);
        return slot < 0 ? mostSeries : slot;
    }

    #draw() {
        if (this.#width === 0) return;
        const { buckets, bucket_seconds: seconds, hours } = this.#data;
        const width = this.#width;
        const highest = Math.max(0, ...buckets.map(refused));
        const [top, step] = scale(highest);
        const end = buckets.length > 0 ? (buckets[buckets.length - 1]?.at ?? 0) + seconds : Date.now() / 1000;
        const start = end - hours * 3600;
        const inner = width - margin.left - margin.right;
        /** @type {(at: number) => number} */
        const x = (at) => margin.left + ((at - start) / (end - start)) * inner;
        /** @type {(count: number) => number} */
        const y = (count) => height - margin.bottom - (count / top) * (height - margin.top - margin.bottom);
        const drawing = svg("svg", {
            class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": this.#summary(),
        });
        for (let count = 0; count <= top; count += step) {
            drawing.append(
                svg("line", {
                    class: count === 0 ? "axis" : "grid", x1: margin.left, x2: width - margin.right, y1: y(count),
                    y2: y(count),
                }),
                svg("text", { x: margin.left - 8, y: y(count) + 4, "text-anchor": "end" }, count),
            );
        }
        const everyHours = width < 520 ? 2 : 1;
        for (let at = Math.ceil(start / 3600) * 3600; at < end; at += 3600 * everyHours) {
            drawing.append(
                svg("line", { class: "axis", x1: x(at), x2: x(at), y1: y(0), y2: y(0) + 4 }),
                svg(
                    "text", { x: x(at), y: height - 6, "text-anchor": x(at) < margin.left + 16 ? "start" : "middle" },
                    hourAndMinute(at),
                ),
            );
        }
        for (const bucket of buckets) drawing.append(...this.#bar(bucket, x, y, inner * (seconds / (end - start))));
        if (highest === 0) {
            drawing.append(
                svg(
                    "text", { class: "calm", x: width / 2, y: height / 2, "text-anchor": "middle" },
                    `Nothing was refused in the last ${hours} hours.`,
                )
            );
        }
        this.#place.replaceChildren(drawing);
        this.#read(null);
    }

    /**
     * @param {Bucket} bucket
     * @param {(at: number) => number} x
     * @param {(count: number) => number} y
     * @param {number} width
     */
    #bar(bucket, x, y, width) {
        const left = x(bucket.at);
        let below = 0;
        /** @type {SVGElement[]} */
        const parts = [];
        const counts = Object.entries(bucket.reasons).sort(([a], [b]) => this.#slot(a) - this.#slot(b));
        for (const [reason, count] of counts) {
            if (count <= 0) continue;
            parts.push(svg("rect", {
                class: `part series-${this.#slot(reason)}`, x: left + width * 0.1, width: Math.max(1, width * 0.8),
                y: y(below + count), height: Math.max(0, y(below) - y(below + count)),
            }));
            below += count;
        }
        parts.push(svg("rect", {
            class: "hit", x: left, width: Math.max(1, width), y: margin.top,
            height: height - margin.top - margin.bottom,
            pointerenter: () => this.#read(bucket), pointerleave: () => this.#read(null),
        }));
        return parts;
    }

    /** @param {Bucket | null} bucket */
    #read(bucket) {
        if (!bucket) {
            this.#readout.textContent = this.#summary();
            return;
        }
        const until = bucket.at + this.#data.bucket_seconds;
        const counts = Object.entries(bucket.reasons)
            .sort(([, a], [, b]) => b - a)
            .map(([reason, count]) => `${shown(reason, 40)} ${count}`);
        const parts = counts.length > 0 ? ` – ${counts.join(", ")}` : "";
        this.#readout.textContent = `${hourAndMinute(bucket.at)} to ${hourAndMinute(until)}: `
            + `${refused(bucket)} of ${bucket.total_requests} requests refused${parts}`;
    }

    #summary() {
        const { buckets, hours } = this.#data;
        const sum = buckets.reduce((sum, bucket) => sum + refused(bucket), 0);
        const all = buckets.reduce((sum, bucket) => sum + bucket.total_requests, 0);
        return `In the last ${hours} hours ${sum.toLocaleString()} of ${all.toLocaleString()} requests were refused.`;
    }

    /** @param {Map<string, number>} totals */
    #showLegend(totals) {
        /** @type {Map<string, number>} */
        const shares = new Map();
        for (const [reason, count] of totals) {
            const name = this.#series.includes(reason) ? reason : otherReasons;
            shares.set(name, (shares.get(name) ?? 0) + count);
        }
        const names = [...this.#series, otherReasons].filter((name) => shares.has(name));
        this.#legend.replaceChildren(...names.map((name) => element(
            "li", {},
            svg(
                "svg", { viewBox: "0 0 14 14", "aria-hidden": "true" },
                svg("rect", { class: `series-${this.#slot(name)}`, width: 14, height: 14, rx: 3 }),
            ),
            element("span", {}, shown(name, 60)),
            element("span", { class: "count" }, (shares.get(name) ?? 0).toLocaleString()),
        )));
    }

    /** @param {Map<string, number>} totals */
    #showNumbers(totals) {
        const reasons = [...totals.keys()].sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0));
        const buckets = this.#data.buckets.filter((bucket) => bucket.total_requests > 0 || refused(bucket) > 0);
        const rows = buckets.reverse().map((bucket) => element(
            "tr", {}, element("th", { scope: "row" }, hourAndMinute(bucket.at)),
            ...[bucket.total_requests, refused(bucket), ...reasons.map((reason) => bucket.reasons[reason] ?? "")]
                .map((value) => element("td", { class: "number" }, value)),
        ));
        const all = reasons.length + 3;
        const nothing = element("tr", {}, element("td", { colspan: all, class: "muted" }, "No requests yet."));
        this.#numbers.replaceChildren(element(
            "table", {},
            element("caption", { class: "unseen" }, "Requests and refusals, the newest first"),
            element("thead", {}, element("tr", {}, ...["From", "Requests", "Refused", ...reasons].map((name, index) =>
                element("th", { scope: "col", class: index === 0 ? null : "number" }, shown(name, 60))))),
            element("tbody", {}, ...(rows.length > 0 ? rows : [nothing])),
        ));
    }
}

/** @param {Bucket} bucket */
export function refused(bucket) {
    return Object.values(bucket.reasons).reduce((sum, count) => sum + count, 0);
}

/**
 * The end of the axis and the distance of its lines: round numbers, at most five.
 *
 * @param {number} highest
 * @returns {[number, number]}
 */
function scale(highest) {
    const rough = Math.max(1, highest) / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough);
    return [Math.ceil(Math.max(1, highest) / step) * step, step];
}

const hourFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** @param {number} seconds */
function hourAndMinute(seconds) {
    return hourFormat.format(seconds * 1000);
}
