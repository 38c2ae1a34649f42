import { reasonSentence } from "../reasons.js";
import { ClientElement } from "./client-element.js";
import { diagramHeads, diagramRow, diagramRules } from "./diagram.js";
import { download, element, icon, outsideLink } from "./dom.js";
import { docsLink } from "./indicator.js";
import { methodWords, outcome, redacted, searchText } from "./records.js";
import {
    ageWords, durationWords, occasionWords, remedySentence, shown, skewSentence, stateWord, timeOfDay,
} from "./words.js";
import { withoutTokens } from "../words.js";

/** @typedef {import("./client-element.js").ClientRecord} ClientRecord */

/**
 * @typedef {object} PanelParts
 * @property {HTMLInputElement} search
 * @property {HTMLSelectElement} kinds
 * @property {HTMLButtonElement} save
 * @property {HTMLButtonElement} wipe
 * @property {HTMLElement} rows
 * @property {HTMLElement} empty
 * @property {HTMLElement} scroller
 * @property {HTMLElement} details
 * @property {HTMLElement} count
 */

/** As many as a client keeps. */
const mostRows = 500;

/** As many as a browser lays out without noticing; of more, it looks at those in sight only. */
const fewRows = 80;

/** Rows that are built in one frame. */
const rowsPerFrame = 30;

const rules = `
${diagramRules}
:host { display: block; container-type: inline-size; min-width: 0; }
.panel { border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); overflow: clip; }
.plain { border: 0; border-radius: 0; background: none; }
.plain .heads { background: var(--surface); }
.bar { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; padding: 0.625rem; }
.bar label { display: contents; }
input, select, .bar button {
    height: 2.25rem; padding: 0 0.625rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--surface);
}
.bar input { flex: 1 1 9rem; min-width: 0; width: 9rem; }
.bar input::placeholder { color: var(--muted); opacity: 1; }
.bar select { flex: 0 1 auto; min-width: 0; }
.bar button { display: inline-flex; align-items: center; gap: 0.4em; font-weight: 600; }
.bar button:hover:not(:disabled) { background: var(--raised); }
.bar button:disabled { color: var(--muted); border-color: var(--line); cursor: default; }
.scroller {
    position: relative; border-top: 1px solid var(--line); max-height: var(--vestibule-panel-height, 34rem);
    overflow: auto; overscroll-behavior: contain; scroll-padding: 2.5rem 0 0.25rem; scrollbar-gutter: stable;
}
.panel:has(.details:not([hidden])) .scroller { max-height: calc(var(--vestibule-panel-height, 34rem) * 0.6); }
.plain .scroller { border-top: 0; max-height: none; overflow: visible; scrollbar-gutter: auto; }
.rows { padding-bottom: 0.25rem; }
.rows:focus-visible { outline: none; }
.rows:focus-visible .row.current { outline: 2px solid var(--accent); outline-offset: -2px; }
.empty { padding: 2.25rem 1.25rem; color: var(--muted); text-align: center; max-width: 34rem; margin: 0 auto; }
.empty .icon { width: 1.75rem; height: 1.75rem; display: block; margin: 0 auto 0.625rem; }
.empty p { margin: 0.25rem 0; }
.empty strong { color: var(--text); }
.foot {
    display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; padding: 0.5rem 0.75rem; border-top: 1px solid var(--line);
    color: var(--muted); font-size: 0.8125rem;
}
.foot .key { display: inline-flex; align-items: center; gap: 0.375rem; }
.foot .swatch { width: 1.5rem; border-top: 2px solid var(--accent); }
.foot .swatch.dashed { border-top: 2px dotted var(--muted); }
.foot .count { margin-inline-start: auto; }
.details { padding: 0.875rem 1rem 1rem; border-top: 1px solid var(--line); background: var(--raised); }
.details h3 {
    display: flex; justify-content: space-between; align-items: start; gap: 0.75rem; margin: 0 0 0.5rem;
    font-size: 0.9375rem; overflow-wrap: anywhere;
}
.details h3:focus-visible { outline-offset: 4px; }
.details .close {
    flex: none; display: grid; place-items: center; width: 2rem; height: 2rem; margin: -0.375rem -0.5rem 0 0;
    padding: 0; border: 0; border-radius: 6px; background: none;
}
.details .close:hover { background: var(--surface); }
.details p { margin: 0 0 0.625rem; max-width: 46rem; overflow-wrap: anywhere; }
.details .verdict { border-inline-start: 3px solid var(--tone); padding-inline-start: 0.75rem; }
.details dl {
    display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 0.375rem 1.5rem;
    margin: 0; font-size: 0.875rem;
}
.details dl div { display: flex; gap: 0.625rem; min-width: 0; }
.details dt { flex: none; width: 6.5rem; color: var(--muted); }
.details dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
@container (max-width: 420px) { .bar input { flex-basis: 100%; } .bar select { flex: 1 1 auto; } }
`;

/**
 * `<vestibule-panel>`: what the client sent and what came back, as a sequence diagram.
 *
 * With the attribute `plain` it is the diagram alone; `records` shows a fixed list in place of a client's.
 */
export class PanelElement extends ClientElement {
    /**
     * What is shown or filtered out, oldest first.
     * @type {{ record: ClientRecord, row: HTMLElement }[]}
     */
    #lines = [];
    /**
     * What waits for its row.
     * @type {ClientRecord[]}
     */
    #waiting = [];
    #isScheduled = false;
    #made = 0;
    /** @type {ClientRecord[] | null} */
    #fixed = null;
    /** @type {{ record: ClientRecord, row: HTMLElement } | null} */
    #current = null;
    /** @type {PanelParts | null} */
    #parts = null;

    /** A fixed list of records to show; `null` goes back to the client. */
    get records() {
        return this.#fixed;
    }

    set records(records) {
        this.#fixed = records;
        if (this.isConnected) this.#begin(records ?? this.client?.records ?? []);
    }

    /** @override */
    connectedCallback() {
        if (Object.hasOwn(this, "records")) {
            const given = this.records;
            delete (/** @type {any} */ (this).records);
            this.#fixed = given;
        }
        this.#parts ??= this.#build();
        super.connectedCallback();
    }

    /**
     * @override
     * @param {import("./client-element.js").WatchedClient | null} client
     * @param {AbortSignal} signal
     */
    clientChanged(client, signal) {
        this.#begin(this.#fixed ?? client?.records ?? []);
        if (!client) return;
        client.addEventListener("record", (event) => {
            if (!this.#fixed) this.#add(/** @type {CustomEvent<ClientRecord>} */ (event).detail);
        }, { signal });
        client.addEventListener("state", () => this.#sayCount(), { signal });
    }

    /** What the panel holds, as JSON without any token. */
    exportedText() {
        const { state, code, reason, message } = this.standing;
        return JSON.stringify({
            exported_at: new Date().toISOString(), state, code, reason, message: message && withoutTokens(message),
            clock_offset: this.client?.clockOffset ?? null,
            records: [...this.#lines.map((line) => line.record), ...this.#waiting].map(redacted),
        }, null, 2);
    }

    /** Forgets what is shown; the client keeps its record. */
    clear() {
        this.#begin([]);
        this.#parts?.rows.focus();
    }

    /** @returns {PanelParts} */
    #build() {
        const isPlain = this.hasAttribute("plain");
        const root = this.furnish(rules);
        const search = element("input", { type: "search", placeholder: "Filter", input: () => this.#filter() });
        const kinds = element(
            "select", { change: () => this.#filter() },
            element("option", { value: "" }, "Everything"),
            element("option", { value: "request" }, "Requests"),
            element("option", { value: "token" }, "Token fetches"),
            element("option", { value: "bad" }, "Refused and failed"),
        );
        const save = element("button", { type: "button", click: () => this.#save() }, icon("download"), "Export");
        const wipe = element("button", { type: "button", click: () => this.clear() }, "Clear");
        const rows = element("div", {
            class: "rows", role: "listbox", tabindex: "0",
            "aria-label": this.getAttribute("label") ?? "Requests and token fetches, oldest first",
            keydown: (/** @type {KeyboardEvent} */ event) => this.#keyPressed(event),
            click: (/** @type {MouseEvent} */ event) => this.#clicked(event),
        });
        const empty = element("div", { class: "empty" });
        const scroller = element("div", { class: "scroller" }, diagramHeads(), rows, empty);
        const details = element("section", { class: "details", "aria-label": "Details", hidden: true });
        const count = element("span", { class: "count" });
        const foot = element(
            "div", { class: "foot" },
            element("span", { class: "key" }, element("span", { class: "swatch" }), "with a token"),
            element("span", { class: "key" }, element("span", { class: "swatch dashed" }), "without"),
            count,
        );
        const bar = element(
            "div", { class: "bar" },
            element(
                "label", {}, element("span", { class: "unseen" }, "Filter by method, tool, status, reason, kid"),
                search,
            ),
            element("label", {}, element("span", { class: "unseen" }, "Show"), kinds),
            save, wipe,
        );
        const panel = element("div", { class: isPlain ? "panel plain" : "panel" });
        panel.append(...(isPlain ? [scroller] : [bar, scroller, details, foot]));
        root.replaceChildren(panel);
        return { search, kinds, save, wipe, rows, empty, scroller, details, count };
    }

    /** @param {readonly ClientRecord[]} records */
    #begin(records) {
        this.#lines = [];
        this.#waiting = records.slice(-mostRows);
        this.#parts?.rows.replaceChildren();
        this.#select(null);
        this.#sayCount();
        this.#schedule();
    }

    /** @param {ClientRecord} record */
    #add(record) {
        this.#waiting.push(record);
        if (this.#waiting.length > mostRows) this.#waiting.shift();
        this.#schedule();
    }

    #schedule() {
        if (this.#isScheduled || this.#waiting.length === 0) return;
        this.#isScheduled = true;
        requestAnimationFrame(() => {
            this.#isScheduled = false;
            this.#buildRows();
            this.#schedule();
        });
    }

    #buildRows() {
        const parts = this.#parts;
        if (!parts) return;
        const { scroller, rows } = parts;
        const isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
        const fragment = document.createDocumentFragment();
        for (const record of this.#waiting.splice(0, rowsPerFrame)) {
            const row = diagramRow(record, { role: "option", id: `row-${++this.#made}`, "aria-selected": "false" });
            const line = { record, row };
            row.hidden = !this.#isWanted(record);
            this.#lines.push(line);
            fragment.append(row);
        }
        rows.append(fragment);
        for (const old of this.#lines.splice(0, Math.max(0, this.#lines.length - mostRows))) {
            if (old === this.#current) this.#select(null);
            old.row.remove();
        }
        this.#sayCount();
        if (isAtEnd && !this.hasAttribute("plain")) scroller.scrollTop = scroller.scrollHeight;
    }

    #sayCount() {
        const parts = this.#parts;
        if (!parts) return;
        const total = this.#lines.length + this.#waiting.length;
        const seen = this.#lines.filter((line) => !line.row.hidden).length;
        const isEmpty = seen === 0 && this.#waiting.length === 0;
        parts.rows.hidden = isEmpty;
        parts.rows.classList.toggle("many", total > fewRows);
        parts.empty.hidden = !isEmpty;
        parts.save.disabled = total === 0;
        parts.wipe.disabled = total === 0;
        parts.count.textContent = seen === this.#lines.length ? `${total} recorded` : `${seen} of ${total} shown`;
        if (isEmpty) parts.empty.replaceChildren(...this.#emptyWords(total));
    }

    /** @param {number} total */
    #emptyWords(total) {
        if (total > 0) {
            return [
                element("p", {}, element("strong", {}, "Nothing fits the filter.")),
                element("p", {}, `${total} recorded.`),
            ];
        }
        if (!this.client && !this.#fixed) {
            return [
                icon("dots"), element("p", {}, element("strong", {}, "No client on this page yet.")),
                element("p", {}, "The panel watches the first MCPClient that the page makes."),
            ];
        }
        return [
            icon("dots"), element("p", {}, element("strong", {}, "No requests yet.")),
            element(
                "p", {},
                "Each request and each fetched token appears here, the token by its kid, age and fingerprint only.",
            ),
        ];
    }

    /** @param {ClientRecord} record */
    #isWanted(record) {
        const parts = this.#parts;
        if (!parts) return true;
        const kind = parts.kinds.value;
        if (kind === "bad" && !["bad", "warn"].includes(outcome(record))) return false;
        if (kind !== "" && kind !== "bad" && record.kind !== kind) return false;
        const words = parts.search.value.toLowerCase().split(/\s+/).filter(Boolean);
        if (words.length === 0) return true;
        const text = searchText(record);
        return words.every((word) => text.includes(word));
    }

    #filter() {
        for (const line of this.#lines) line.row.hidden = !this.#isWanted(line.record);
        if (this.#current?.row.hidden) this.#select(null);
        this.#sayCount();
    }

    #save() {
        const time = new Date().toISOString().replace(/[:.]/g, "-");
        download(`vestibule-${time}.json`, this.exportedText(), "application/json");
    }

    /** @param {MouseEvent} event */
    #clicked(event) {
        if (this.hasAttribute("plain")) return;
        const row = /** @type {Element} */ (event.target).closest(".row");
        const line = this.#lines.find((line) => line.row === row);
        if (line && line.record.kind !== "note") this.#select(line === this.#current ? null : line);
    }

    /** @param {KeyboardEvent} event */
    #keyPressed(event) {
        const lines = this.#lines.filter((line) => !line.row.hidden);
        if (lines.length === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
        const at = this.#current ? lines.indexOf(this.#current) : -1;
        const targets = /** @type {Record<string, number>} */ ({
            ArrowDown: at + 1, ArrowUp: at < 0 ? lines.length - 1 : at - 1, Home: 0, End: lines.length - 1,
            PageDown: at + 8, PageUp: at - 8,
        });
        if (event.key in targets) {
            const line = lines[Math.max(0, Math.min(lines.length - 1, targets[event.key] ?? 0))];
            this.#select(line ?? null);
        } else if (event.key === "Enter" || event.key === " ") {
            this.#parts?.details.querySelector("h3")?.focus();
        } else if (event.key === "Escape" && this.#current) {
            this.#select(null);
        } else {
            return;
        }
        event.preventDefault();
    }

    /** @param {{ record: ClientRecord, row: HTMLElement } | null} line */
    #select(line) {
        const parts = this.#parts;
        this.#current?.row.setAttribute("aria-selected", "false");
        this.#current?.row.classList.remove("current");
        this.#current = line;
        if (!parts) return;
        parts.details.hidden = line === null || line.record.kind === "note";
        if (!line) {
            parts.rows.removeAttribute("aria-activedescendant");
            return;
        }
        line.row.setAttribute("aria-selected", "true");
        line.row.classList.add("current");
        parts.rows.setAttribute("aria-activedescendant", line.row.id);
        parts.details.className = `details tone-${outcome(line.record)}`;
        parts.details.replaceChildren(...this.#detailParts(line.record));
        line.row.scrollIntoView({ block: "nearest" });
    }

    /** @param {ClientRecord} record */
    #detailParts(record) {
        const close = element("button", {
            type: "button", class: "close", "aria-label": "Close the details",
            click: () => {
                this.#select(null);
                this.#parts?.rows.focus();
            },
        }, icon("cross"));
        const title = record.kind === "token"
            ? record.shared ? "Token from another tab" : "Token fetched"
            : `${methodWords(record)}${record.tool ? ` ${shown(record.tool, 120)}` : ""}`;
        const heading = element("h3", {
            tabindex: "-1",
            keydown: (/** @type {KeyboardEvent} */ event) => {
                if (event.key === "Escape") close.click();
            },
        }, title, close);
        const { url, clockOffset } = this.client ?? {};
        return [heading, ...verdict(record, this.getAttribute("docs"), url), facts(record, clockOffset)];
    }
}

/**
 * What the answer means, where it was a refusal or a failure.
 *
 * @param {ClientRecord} record
 * @param {string | null} docs
 * @param {string} [url] The MCP endpoint.
 * @returns {HTMLElement[]}
 */
function verdict(record, docs, url) {
    const said = record.detail ?? record.failure;
    if (!record.reason) {
        return said ? [element("p", { class: "verdict" }, withoutTokens(shown(said)))] : [];
    }
    return [
        element(
            "p", { class: "verdict" }, element("strong", {}, record.reason), ` – ${reasonSentence(record.reason)} `,
            outsideLink(docsLink(record.reason, docs, url), "More"),
        ),
        ...(said ? [element("p", { class: "verdict mono" }, withoutTokens(shown(said)))] : []),
        ...(record.remedy ? [element("p", { class: "verdict" }, remedySentence(record.remedy))] : []),
    ];
}

/**
 * @param {ClientRecord} record
 * @param {number | null | undefined} clockOffset
 * @returns {HTMLElement}
 */
function facts(record, clockOffset) {
    const token = record.token;
    const isRequest = record.kind === "request";
    const bareToken = record.tokenSent ? "sent" : "none sent";
    /** @type {[string, string | null][]} */
    const lines = [
        ["Sent", typeof record.startedAt === "number" ? timeOfDay(record.startedAt) : null],
        ["Took", durationWords(record.duration) || null],
        ["HTTP", isRequest ? `${shown(record.httpMethod ?? "", 20)} ${record.status ?? "no answer"}` : null],
        ["Token", token ? `fingerprint ${shown(token.fingerprint, 16)}` : isRequest ? bareToken : null],
        ["Key", token ? `kid ${token.keyID === null ? "not named" : shown(token.keyID, 120)}` : null],
        ["Token's age", token ? ageWords(token.age) || "not known" : null],
        ["Session", sessionWords(record)],
        ["Why", record.occasion ? occasionWords(record.occasion) : null],
        ["Try", record.attempt ? String(record.attempt) : null],
        ["Request id", record.requestId ? shown(record.requestId, 60) : null],
        ["Clock", record.reason === "clock_skew" ? skewSentence(clockOffset) || null : null],
    ];
    const list = element("dl");
    for (const [name, value] of lines) {
        if (value !== null) list.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
    }
    return list;
}

/** @param {import("./client-element.js").ClientRecord} record */
function sessionWords({ kind, sessionSent, era }) {
    if (kind !== "request" || sessionSent === undefined) return null;
    if (era === "modern") return "none in this era";
    return sessionSent ? "named" : "not named";
}
