import { element } from "../devtools/dom.js";
import { shown } from "../devtools/words.js";
import { isPicture, picture } from "./pictures.js";
import { objectTable, readCSV, sizeWords, valueList, valueTable } from "./tables.js";

/** Characters of a text that are shown. */
const mostText = 100_000;

/**
 * An object: its picture or text first, tables for its lists of objects, and the rest as a list.
 *
 * @param {Record<string, unknown>} object
 * @param {string[]} [without] Members that stand elsewhere already.
 * @returns {HTMLElement[]}
 */
export function objectParts(object, without = []) {
    /** @type {HTMLElement[]} */
    const parts = [];
    /** @type {[string, unknown][]} */
    const rest = [];
    const name = typeof object.key === "string" ? object.key : "result";
    const type = typeof object.content_type === "string" ? object.content_type : "";
    const isWhole = object.truncated === false;
    for (const [member, value] of Object.entries(object)) {
        if (without.includes(member) || (isWhole && member === "truncated")) continue;
        if (member === "base64" && typeof object.data === "string") continue;
        if (member === "data" && typeof value === "string" && object.base64 === true) {
            const isDrawn = isPicture(type) && object.truncated !== true;
            parts.push(isDrawn ? picture(value, type, name) : bytesPart(value, type, object.truncated === true));
        } else if (member === "text" && typeof value === "string") {
            parts.push(...textParts(value, name));
        } else if (Array.isArray(value) && value.length > 0 && value.every(isObject)) {
            parts.push(objectTable(value, member));
        } else if (isObject(value) && Object.keys(value).length > 0) {
            parts.push(element("h4", {}, shown(member, 80)), valueList(Object.entries(value)));
        } else {
            rest.push([member, member === "size" ? sizeWords(value) : value]);
        }
    }
    if (rest.length > 0) parts.push(valueList(rest));
    return parts;
}

/**
 * A text; one that is a table or JSON in a form to be read.
 *
 * @param {string} text
 * @param {string} name
 * @returns {HTMLElement[]}
 */
export function textParts(text, name) {
    if (/\.csv$/i.test(name)) {
        const rows = readCSV(text);
        if (rows) return [valueTable(rows[0] ?? [], rows.slice(1), name)];
    }
    const pretty = prettyJSON(text);
    return [textPart(pretty ?? text)];
}

/** @param {string} text */
function textPart(text) {
    const isCut = text.length > mostText;
    const scroller = element("pre", { class: "text", tabindex: "0", role: "region", "aria-label": "Text" });
    scroller.textContent = isCut ? text.slice(0, mostText) : text;
    if (!isCut) return scroller;
    const remark = `The first ${mostText.toLocaleString()} of ${text.length.toLocaleString()} characters.`;
    return element("div", {}, scroller, element("p", { class: "muted" }, remark));
}

/**
 * @param {string} base64
 * @param {string} type
 * @param {boolean} isTruncated
 */
function bytesPart(base64, type, isTruncated) {
    const what = isPicture(type)
        ? "This is the start of a picture; fetch more bytes to see it." : "These are bytes, not text.";
    return element(
        "div", { class: "bytes" },
        element("p", { class: "muted" }, `${what} ${isTruncated ? "The object goes on." : ""}`),
        element("pre", { class: "text", tabindex: "0", role: "region", "aria-label": "Bytes" }, hexDump(base64)),
    );
}

/** @param {string} base64 */
function hexDump(base64) {
    let bytes;
    try {
        bytes = atob(base64.replace(/\s/g, "").slice(0, 684));
    } catch {
        return "not base64";
    }
    const lines = [];
    for (let start = 0; start < Math.min(bytes.length, 512); start += 16) {
        const part = Array.from(bytes.slice(start, start + 16));
        const codes = part.map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join(" ");
        const letters = part.map((byte) => (byte >= " " && byte <= "~" ? byte : "·")).join("");
        lines.push(`${start.toString(16).padStart(4, "0")}  ${codes.padEnd(47)}  ${letters}`);
    }
    return lines.join("\n");
}

/** @param {string} text */
function prettyJSON(text) {
    if (!/^\s*[[{]/.test(text) || text.length > mostText) return null;
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return null;
    }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
