import { element, icon, svg } from "./dom.js";
import { answerWords, methodWords, outcome, recordSentence, tokenWords } from "./records.js";
import { durationWords, occasionTag, shown, timeOfDay } from "./words.js";

/** @typedef {import("./client-element.js").ClientRecord} ClientRecord */

/** Where the lanes stand, in per cent of the width. */
const lanes = { source: 9, page: 50, server: 92 };

/** Above and below the middle of a row, in pixels: the way there and the way back. */
const there = 23;
const back = 47;
const rowHeight = 58;

export const diagramRules = `
.heads, .row { display: grid; grid-template-columns: 4.75rem minmax(0, 1fr); }
.heads {
    position: sticky; top: 0; z-index: 1; background: var(--surface); border-bottom: 1px solid var(--line);
    color: var(--muted); font-size: 0.8125rem; font-weight: 600;
}
.lanes { position: relative; height: 2.125rem; }
.lane { position: absolute; top: 0; line-height: 2.125rem; transform: translateX(-50%); white-space: nowrap; }
.lane-source { left: ${lanes.source}%; } .lane-page { left: ${lanes.page}%; } .lane-server { left: ${lanes.server}%; }
.row { border-radius: 6px; }
.many .row { content-visibility: auto; contain-intrinsic-size: auto ${rowHeight}px; }
.row:not(.note) { cursor: pointer; }
.row:not(.note):hover { background: var(--raised); }
.row[aria-selected="true"], .row[aria-selected="true"]:hover {
    background: var(--accent-soft); box-shadow: inset 3px 0 var(--accent);
}
.plain .row { cursor: default; } .plain .row:hover { background: none; }
.when { padding: 0.6rem 0 0 0.625rem; color: var(--muted); font-size: 0.75rem; line-height: 1.35; }
.when b { display: block; color: var(--text); font-weight: 600; font-size: 0.8125rem; }
.stage { position: relative; height: ${rowHeight}px; }
.stage svg.drawing { position: absolute; inset: 0; width: 100%; height: 100%; overflow: hidden; }
.drawing .lifeline { stroke: var(--line); stroke-width: 1.5; }
.drawing .arrow { stroke: var(--tone); stroke-width: 1.75; fill: none; }
.drawing .head { fill: var(--tone); stroke: none; }
.drawing .dashed { stroke-dasharray: 2 4; stroke-linecap: round; }
.drawing .lost { stroke: var(--tone); stroke-width: 1.75; }
.drawing .with-token { --tone: var(--accent); } .drawing .without-token { --tone: var(--muted); }
.tone-good { --tone: var(--good); } .tone-bad { --tone: var(--bad); } .tone-warn { --tone: var(--warn); }
.tone-none { --tone: var(--muted); }
.label {
    position: absolute; display: flex; gap: 0.35em; justify-content: center; align-items: baseline;
    height: 1.125rem; line-height: 1.125rem; font-size: 0.8125rem; white-space: nowrap; overflow: hidden;
}
.label > * { overflow: hidden; text-overflow: ellipsis; min-width: 0; }
.label > .keep { flex: none; }
.right { left: ${lanes.page + 1}%; width: ${lanes.server - lanes.page - 2}%; }
.left { left: ${lanes.source + 1}%; width: ${lanes.page - lanes.source - 2}%; }
.remark { top: 36px; left: 0; width: calc(${lanes.page}% - 1.125rem); justify-content: end; font-size: 0.75rem; }
.upper { top: ${there - 20}px; } .lower { top: ${back - 20}px; }
.what { font-weight: 600; flex: 0 1 auto; } .tool { font-family: var(--mono); font-size: 0.9em; flex: 0 2 auto; }
.tool-first .what { flex: none; }
.answer { color: var(--tone); font-weight: 600; }
.took, .why { color: var(--muted); }
.why { flex: 0 3 auto; }
.token {
    position: absolute; top: ${there - 11}px; right: calc(${100 - lanes.page}% + 0.625rem);
    max-width: calc(${lanes.page}% - 1rem);
    display: inline-flex; align-items: center; gap: 0.35em; height: 1.375rem; padding: 0 0.5rem; border-radius: 999px;
    border: 1px solid var(--accent); background: var(--accent-soft); color: var(--text);
    font-size: 0.75rem; white-space: nowrap;
}
.token .text { overflow: hidden; text-overflow: ellipsis; font-variant-numeric: tabular-nums; }
.token .icon { color: var(--accent); }
.token.absent { border-style: dashed; border-color: var(--edge); background: var(--surface); color: var(--muted); }
.held { font-size: 0.75rem; font-variant-numeric: tabular-nums; }
.note { color: var(--warn); font-size: 0.8125rem; font-weight: 600; }
.note .band {
    grid-column: 1 / -1; display: flex; align-items: center; gap: 0.75rem; padding: 0.375rem 0.625rem;
    text-align: center;
}
.note .band::before, .note .band::after { content: ""; flex: 1 1 1rem; border-top: 1.5px dashed var(--warn); }
.note .words { flex: 0 1 auto; }
@container (max-width: 560px) {
    .heads, .row { grid-template-columns: minmax(0, 1fr); }
    .heads > :first-child, .when { display: none; }
    .lane-source { left: 0.5rem; transform: none; } .lane-server { left: auto; right: 0.5rem; transform: none; }
    .label { font-size: 0.75rem; }
    .token { font-size: 0.6875rem; padding: 0 0.375rem; }
    .token .fingerprint, .label .fingerprint { display: none; }
    .tool { display: none; }
    .tool-first .tool { display: inline; } .tool-first .what { display: none; }
}
@container (max-width: 400px) { .took { display: none; } }
@media (forced-colors: active) {
    .row[aria-selected="true"] { outline: 2px solid Highlight; outline-offset: -2px; }
    .drawing .lifeline, .drawing .arrow, .drawing .lost { stroke: CanvasText; } .drawing .head { fill: CanvasText; }
}
`;

/** @returns {HTMLElement} The names above the lanes; the rows say them in their sentences. */
export function diagramHeads() {
    return element(
        "div", { class: "heads", "aria-hidden": "true" },
        element("span"),
        element(
            "div", { class: "lanes" },
            element("span", { class: "lane lane-source" }, "Token source"),
            element("span", { class: "lane lane-page" }, "Page"),
            element("span", { class: "lane lane-server" }, "MCP server"),
        ),
    );
}

/**
 * One record as a piece of the sequence diagram.
 *
 * @param {ClientRecord} record
 * @param {Record<string, string>} attributes Of the row, for the list in which it stands.
 * @returns {HTMLElement}
 */
export function diagramRow(record, attributes) {
    const row = element("div", { ...attributes, "aria-label": recordSentence(record) });
    row.classList.add("row", record.kind === "note" ? "note" : `tone-${outcome(record)}`);
    if (record.kind === "note") {
        row.append(element("div", { class: "band" }, element("span", { class: "words" }, shown(record.text ?? ""))));
        return row;
    }
    const stage = element("div", { class: "stage" });
    if (record.kind === "token") drawToken(stage, record);
    else drawRequest(stage, record);
    row.append(
        element(
            "div", { class: "when" },
            element("b", {}, record.kind === "token" ? "token" : `#${record.sequence ?? "?"}`),
            typeof record.startedAt === "number" ? timeOfDay(record.startedAt) : null,
        ),
        stage,
    );
    return row;
}

/**
 * @param {HTMLElement} stage
 * @param {ClientRecord} record
 */
function drawRequest(stage, record) {
    const isAnswered = record.status !== null && record.status !== undefined;
    const hasToken = Boolean(record.token) || record.tokenSent === true;
    const drawing = canvas();
    drawing.append(arrow(lanes.page, lanes.server, there, hasToken ? "with-token" : "without-token", !hasToken));
    if (isAnswered) drawing.append(arrow(lanes.server, lanes.page, back, "", false));
    else drawing.append(lost());
    const what = element(
        "div", { class: record.tool ? "label right upper tool-first" : "label right upper" },
        element("span", { class: "what" }, methodWords(record)),
        record.tool ? element("span", { class: "tool" }, shown(record.tool, 80)) : null,
    );
    stage.append(
        drawing,
        hasToken
            ? element(
                "span", { class: "token" }, icon("key"),
                element("span", { class: "text" }, tokenWords(record, true), fingerprint(record)),
            )
            : element("span", { class: "token absent" }, element("span", { class: "text" }, "no token")),
        what,
        element(
            "div", { class: "label right lower" },
            element("span", { class: "answer" }, answerWords(record)),
            record.duration === null || record.duration === undefined
                ? null : element("span", { class: "took keep" }, `· ${durationWords(record.duration)}`),
        ),
    );
    const why = occasionTag(record.occasion);
    if (why) stage.append(element("div", { class: "label left remark" }, element("span", { class: "why" }, why)));
}

/**
 * @param {HTMLElement} stage
 * @param {ClientRecord} record
 */
function drawToken(stage, record) {
    const drawing = canvas();
    if (!record.shared) drawing.append(arrow(lanes.page, lanes.source, there, "without-token", true));
    drawing.append(arrow(lanes.source, lanes.page, back, record.failure ? "" : "with-token", Boolean(record.shared)));
    stage.append(
        drawing,
        element(
            "div", { class: "label left upper" },
            element(
                "span", { class: "what" },
                record.text ? shown(record.text, 60) : record.shared ? "from another tab" : "a token, please",
            ),
        ),
        element(
            "div", { class: "label left lower" },
            record.failure
                ? element("span", { class: "answer" }, answerWords(record))
                : element("span", { class: "held" }, tokenWords(record, true), fingerprint(record)),
        ),
        element(
            "div", { class: "label right lower" },
            element("span", { class: "why" }, occasionTag(record.occasion)),
            record.duration === null || record.duration === undefined
                ? null : element("span", { class: "took keep" }, `· ${durationWords(record.duration)}`),
        ),
    );
}

/**
 * Left out where there is little room.
 *
 * @param {ClientRecord} record
 */
function fingerprint({ token }) {
    return token?.fingerprint ? element("span", { class: "fingerprint" }, ` · ${shown(token.fingerprint, 16)}`) : null;
}

/** A drawing with the three lifelines. */
function canvas() {
    const drawing = svg("svg", { class: "drawing", "aria-hidden": "true" });
    for (const x of Object.values(lanes)) {
        drawing.append(svg("line", { class: "lifeline", x1: `${x}%`, x2: `${x}%`, y1: 0, y2: "100%" }));
    }
    return drawing;
}

/**
 * @param {number} from Per cent.
 * @param {number} to Per cent.
 * @param {number} y Pixels.
 * @param {string} tone A class.
 * @param {boolean} isDashed
 * @returns {SVGGElement}
 */
function arrow(from, to, y, tone, isDashed) {
    const head = to > from ? "M-1 0l-9 -4.5v9z" : "M1 0l9 -4.5v9z";
    return svg(
        "g", { class: tone },
        svg("line", { class: isDashed ? "arrow dashed" : "arrow", x1: `${from}%`, x2: `${to}%`, y1: y, y2: y }),
        // A nested drawing stands at a per cent; a path cannot.
        svg("svg", { x: `${to}%`, y, overflow: "visible" }, svg("path", { class: "head", d: head })),
    );
}

/** The answer that did not come: a line that breaks off. */
function lost() {
    const middle = (lanes.page + lanes.server) / 2;
    return svg(
        "g", {},
        svg("line", { class: "arrow dashed", x1: `${lanes.server}%`, x2: `${middle}%`, y1: back, y2: back }),
        svg(
            "svg", { x: `${middle}%`, y: back, overflow: "visible" },
            svg("path", { class: "lost", d: "M-4 -4l8 8M4 -4l-8 8" }),
        ),
    );
}
