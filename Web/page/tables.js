import { element, outsideLink, webAddress } from "../devtools/dom.js";
import { shown } from "../devtools/words.js";

/** As many rows as are shown at once. */
const mostRows = 200;
const mostColumns = 12;

/**
 * A table of objects; its columns are the members that they have.
 *
 * @param {Record<string, unknown>[]} objects
 * @param {string} caption
 * @returns {HTMLElement}
 */
export function objectTable(objects, caption) {
    /** @type {string[]} */
    const columns = [];
    for (const object of objects.slice(0, mostRows)) {
        for (const member of Object.keys(object)) {
            if (!columns.includes(member) && columns.length < mostColumns) columns.push(member);
        }
    }
    const rows = objects.slice(0, mostRows).map((object) => columns.map((column) => object[column]));
    return valueTable(columns, rows, caption, objects.length);
}

/**
 * @param {string[]} columns
 * @param {unknown[][]} rows
 * @param {string} caption
 * @param {number} [total] Rows that there are, shown or not.
 * @returns {HTMLElement}
 */
export function valueTable(columns, rows, caption, total = rows.length) {
    const isNumber = columns.map((_, index) => rows.length > 0 && rows.every((row) => isNumeric(row[index])));
    const more = total > mostRows ? `, the first ${mostRows} shown` : "";
    return element(
        "div", { class: "table-scroller", tabindex: "0", role: "region", "aria-label": shown(caption, 120) },
        element(
            "table", {},
            element("caption", {}, `${shown(caption, 120)}: ${total}${more}`),
            element("thead", {}, element("tr", {}, ...columns.map((column, index) =>
                element("th", { scope: "col", class: isNumber[index] ? "number" : null }, shown(column, 60))))),
            element("tbody", {}, ...rows.slice(0, mostRows).map((row) =>
                element("tr", {}, ...columns.map((_, index) =>
                    element("td", { class: cellClass(row[index], isNumber[index]) }, valueNode(row[index])))))),
        ),
    );
}

/**
 * What is short stands on one line; the table scrolls sideways rather than break its words.
 *
 * @param {unknown} value
 * @param {boolean | undefined} isNumber
 */
function cellClass(value, isNumber) {
    if (isNumber) return "number";
    return typeof value === "string" && value.length <= 64 ? "short" : null;
}

/** @param {unknown} value */
function isNumeric(value) {
    if (typeof value === "string") return /^[-+]?\d+([.,]\d+)?$/.test(value);
    return typeof value === "number" || value === null || value === undefined;
}

/**
 * Members of one object, each with its value.
 *
 * @param {[string, unknown][]} entries
 * @returns {HTMLElement}
 */
export function valueList(entries) {
    return element(
        "dl", { class: "values" },
        ...entries.map(([name, value]) =>
            element("div", {}, element("dt", {}, shown(name, 80)), element("dd", {}, valueNode(value)))),
    );
}

/**
 * @param {unknown} value
 * @returns {Node}
 */
export function valueNode(value) {
    if (value === null || value === undefined || value === "") {
        return element("span", { class: "muted" }, value === "" ? "empty" : "–");
    }
    if (typeof value === "boolean") return document.createTextNode(value ? "yes" : "no");
    if (typeof value === "number") return document.createTextNode(String(value));
    if (typeof value === "string") {
        if (/^https?:\/\//.test(value) && webAddress(value)) return outsideLink(value, shown(value, 300));
        const time = readTime(value);
        if (time) return element("time", { datetime: value, title: value }, time);
        return element("bdi", {}, shown(value, 1000));
    }
    const isPlain = (/** @type {unknown} */ item) => typeof item === "string" || typeof item === "number";
    if (Array.isArray(value) && value.length <= 20 && value.every(isPlain)) {
        if (value.length === 0) return element("span", { class: "muted" }, "none");
        return element("span", { class: "chips" }, ...value.map((item) => element("code", {}, shown(item, 120))));
    }
    return element("code", { class: "json" }, shown(jsonText(value), 600));
}

/**
 * A value as JSON; a line instead where it is nested too deeply to be written.
 *
 * @param {unknown} value
 * @param {number} [indent]
 * @returns {string}
 */
export function jsonText(value, indent) {
    try {
        return JSON.stringify(value, null, indent) ?? "";
    } catch {
        return "(nested too deeply to be shown)";
    }
}

const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/**
 * @param {string} text
 * @returns {string | null} A time of RFC 3339 in this machine's way of writing.
 */
export function readTime(text) {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)) return null;
    const time = Date.parse(text);
    return Number.isNaN(time) ? null : dateFormat.format(time);
}

/**
 * @param {unknown} bytes
 * @returns {string}
 */
export function sizeWords(bytes) {
    if (typeof bytes !== "number" || !Number.isFinite(bytes)) return "–";
    if (bytes < 1000) return `${bytes} B`;
    const units = ["kB", "MB", "GB", "TB", "PB"];
    let size = bytes;
    let unit = -1;
    while (size >= 999.5 && unit < units.length - 1) {
        size /= 1000;
        unit++;
    }
    return `${size < 9.95 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/**
 * The cells of one line as they stand there, each with the comma after it. From where one does not fit nothing further
 * is tried, so that a line takes a time in proportion to its length.
 *
 * @param {string} line
 * @returns {string[] | null}
 */
function cellsOf(line) {
    const cell = /(?:"(?:[^"]|"")*"|[^,"]*)(?:,|$)/y;
    /** @type {string[]} */
    const cells = [];
    while (cell.lastIndex < line.length) {
        const found = cell.exec(line);
        if (!found) return null;
        cells.push(found[0]);
    }
    if (line.endsWith(",")) cells.push("");
    return cells;
}

/**
 * The cells of a text with commas between (RFC 4180); `null` where it does not look like a table.
 *
 * @param {string} text
 * @returns {string[][] | null}
 */
export function readCSV(text) {
    /** @type {string[][]} */
    const rows = [];
    for (const line of text.replace(/\r\n/g, "\n").split("\n").slice(0, mostRows + 1)) {
        if (line === "") continue;
        const cells = cellsOf(line);
        if (!cells) return null;
        rows.push(cells.map((cell) => {
            const bare = cell.endsWith(",") ? cell.slice(0, -1) : cell;
            return bare.startsWith('"') ? bare.slice(1, -1).replaceAll('""', '"') : bare;
        }));
    }
    const width = rows[0]?.length ?? 0;
    return width > 1 && rows.length > 1 && rows.every((row) => row.length === width) ? rows : null;
}
