import { element, icon, outsideLink, webAddress } from "../devtools/dom.js";
import { shown } from "../devtools/words.js";
import { folder } from "./folder.js";
import { denialNotice, notice } from "./notices.js";
import { objectParts, textParts } from "./object-view.js";
import { isPicture, picture } from "./pictures.js";
import { jsonText, valueNode } from "./tables.js";

/**
 * @typedef {object} ToolResult
 * @property {any[]} [content]
 * @property {Record<string, unknown> | null} [structuredContent]
 * @property {boolean} [isError]
 * @property {{ reason: string, remedy?: string, detail?: string } | null} [denial]
 */

/** Calls a tool for what stands in a result, and shows nothing by itself. */
/** @typedef {(name: string, args: Record<string, unknown>) => Promise<ToolResult>} Caller */

/** Characters of the raw result that are shown. */
const mostText = 100_000;

/**
 * What a tool answered, as documents for a person. Everything in it is foreign: it becomes text, never markup.
 *
 * @param {ToolResult} result
 * @param {{ tool: string, arguments: Record<string, unknown>, call: Caller }} context
 * @returns {HTMLElement[]}
 */
export function resultParts(result, context) {
    if (result.denial) return [denialNotice(result.denial), rawPart(result)];
    const parts = result.isError
        ? [
            notice(
                "is-bad", "warning", "The tool failed.",
                (result.content ?? []).filter(isText).map((item) => element("p", { class: "said" }, shown(item.text))),
            ),
        ]
        : answerParts(result, context);
    return [...parts, rawPart(result)];
}

/**
 * What came back in few words, for the head of the result and for a screen reader.
 *
 * @param {ToolResult} result
 * @returns {{ tone: string, words: string }}
 */
export function resultSummary(result) {
    if (result.denial) return { tone: "is-warn", words: `denied: ${result.denial.reason}` };
    if (result.isError) return { tone: "is-bad", words: "the tool failed" };
    return { tone: "is-good", words: "answered" };
}

/**
 * @param {ToolResult} result
 * @param {{ tool: string, arguments: Record<string, unknown>, call: Caller }} context
 * @returns {HTMLElement[]}
 */
function answerParts(result, context) {
    const structured = result.structuredContent;
    if (isObject(structured)) {
        const special = isListing(structured) && context.tool === "bucket_objects_list"
            ? [folder(/** @type {any} */ (structured), context)]
            : objectParts(structured);
        const extra = (result.content ?? []).filter((item) => !repeats(item, structured));
        return [...special, ...extra.map(contentPart)];
    }
    const parts = (result.content ?? []).map(contentPart);
    return parts.length > 0 ? parts : [element("p", { class: "muted" }, "The answer is empty.")];
}

/**
 * One item of an MCP result's content.
 *
 * @param {any} item
 * @returns {HTMLElement}
 */
function contentPart(item) {
    if (isText(item)) return element("div", {}, ...textParts(item.text, ""));
    if (item?.type === "image" && typeof item.data === "string") {
        return picture(item.data, textOf(item.mimeType), "Picture in the result");
    }
    if (item?.type === "audio" && typeof item.data === "string") {
        const line = `A sound (${shown(item.mimeType ?? "", 60)}), which this page does not play.`;
        return element("p", { class: "muted" }, line);
    }
    if (item?.type === "resource_link" && typeof item.uri === "string") {
        const name = shown(item.title ?? item.name ?? item.uri, 200);
        return element(
            "p", {},
            webAddress(item.uri) && /^https?:/.test(item.uri) ? outsideLink(item.uri, name) : element("code", {}, name),
        );
    }
    if (item?.type === "resource" && isObject(item.resource)) {
        const { text, blob, mimeType, uri } = item.resource;
        if (typeof text === "string") return element("div", {}, ...textParts(text, textOf(uri)));
        if (typeof blob === "string" && isPicture(mimeType)) {
            return picture(blob, mimeType, textOf(uri) || "resource");
        }
    }
    return element("p", {}, valueNode(item));
}

/** @param {ToolResult} result */
function rawPart(result) {
    const body = element("pre", { class: "text", tabindex: "0", role: "region", "aria-label": "The result as JSON" });
    const details = element("details", { class: "raw" }, element("summary", {}, "As it came"), body);
    details.addEventListener("toggle", () => {
        if (!details.open || body.textContent !== "") return;
        const { content, structuredContent, isError } = result;
        const text = jsonText({ content, structuredContent, isError }, 2);
        body.textContent = text.length > mostText ? `${text.slice(0, mostText)}…` : text;
    });
    return details;
}

/**
 * A small word beside a thing.
 *
 * @param {string} tone
 * @param {string} words
 * @returns {HTMLElement}
 */
export function badge(tone, words) {
    const drawing = tone === "is-good" ? "check" : tone === "is-bad" ? "cross" : tone === "is-warn" ? "warning" : null;
    return element("span", { class: `badge ${tone}` }, drawing ? icon(drawing) : null, shown(words, 80));
}

/**
 * Whether a text item says what the structured content says, as the specification asks servers to do.
 *
 * @param {any} item
 * @param {unknown} structured
 */
function repeats(item, structured) {
    if (!isText(item)) return false;
    try {
        return JSON.stringify(JSON.parse(item.text)) === JSON.stringify(structured);
    } catch {
        return false;
    }
}

/**
 * The value where it is a text, as it ought to be.
 *
 * @param {unknown} value
 */
function textOf(value) {
    return typeof value === "string" ? value : "";
}

/** @param {any} item */
function isText(item) {
    return item?.type === "text" && typeof item.text === "string";
}

/** @param {Record<string, unknown>} structured */
function isListing(structured) {
    return typeof structured.bucket === "string" && Array.isArray(structured.objects);
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
