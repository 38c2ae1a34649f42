import { element, icon } from "../devtools/dom.js";
import { shown } from "../devtools/words.js";
import { denialNotice, failureNotice } from "./notices.js";
import { objectParts } from "./object-view.js";
import { readTime, sizeWords } from "./tables.js";

/** @typedef {{ key: string, s3_uri: string, size: number, last_modified: string }} Stored */
/** @typedef {{ bucket: string, prefix: string, objects: Stored[], truncated: boolean, next_token: string }} Listing */

/** Members of what is read that the folder shows already. */
const saidAlready = ["bucket", "key", "max_bytes", "encoding"];

/** What a preview reads of an object. */
const previewBytes = 1_048_576;

/**
 * A bucket to walk in: folders are what keys have in common up to the next slash.
 *
 * @param {Listing} first
 * @param {{ arguments: Record<string, unknown>, call: import("./results.js").Caller }} context
 * @returns {HTMLElement}
 */
export function folder(first, context) {
    let listing = first;
    /** Where one stands; at most what was listed. */
    let prefix = folderOf(first.prefix);
    let isBusy = false;
    const place = element("div", { class: "folder" });
    const trail = element("nav", { class: "trail", "aria-label": "Folder" });
    const table = element("div", { class: "table-scroller" });
    const more = element("div", { class: "more" });
    const preview = element("div", { class: "preview", "aria-live": "polite" });
    place.append(trail, table, more, preview);

    /** @param {string} next */
    const enter = async (next) => {
        if (isBusy) return;
        preview.replaceChildren();
        if (!next.startsWith(listing.prefix) || listing.truncated) {
            if (!await list({ prefix: next, continuation_token: "" })) return;
        }
        prefix = next;
        show();
        /** @type {HTMLElement | null} */ (trail.querySelector("[aria-current]"))?.focus();
    };

    /**
     * @param {Record<string, unknown>} change
     * @returns {Promise<boolean>}
     */
    const list = async (change) => {
        isBusy = true;
        place.setAttribute("aria-busy", "true");
        try {
            const result = await context.call("bucket_objects_list", { ...context.arguments, ...change });
            if (result.denial) {
                preview.replaceChildren(denialNotice(result.denial));
                return false;
            }
            const page = /** @type {Listing | null} */ (/** @type {unknown} */ (result.structuredContent));
            if (!page || !Array.isArray(page.objects)) return false;
            const former = change.continuation_token ? listing.objects : [];
            listing = { ...page, objects: [...former, ...page.objects] };
            return true;
        } catch (error) {
            preview.replaceChildren(failureNotice(error, null));
            return false;
        } finally {
            isBusy = false;
            place.removeAttribute("aria-busy");
        }
    };

    const show = () => {
        trail.replaceChildren(crumbs(listing.bucket, prefix, enter));
        table.replaceChildren(entriesTable(listing, prefix, enter, (object) => void look(object)));
        more.replaceChildren();
        if (listing.truncated) {
            more.append(
                element("span", { class: "muted" }, `${listing.objects.length} keys so far; there are more.`),
                element("button", {
                    type: "button", class: "button small",
                    click: async () => {
                        const next = { prefix: listing.prefix, continuation_token: listing.next_token };
                        if (!isBusy && await list(next)) show();
                    },
                }, "List more"),
            );
        }
    };

    /** @param {Stored} object */
    const look = async (object) => {
        if (isBusy) return;
        isBusy = true;
        preview.replaceChildren(element("p", { class: "muted" }, `Reading ${shown(object.key, 200)} …`));
        try {
            const result = await readObject(object, context.call);
            preview.replaceChildren(
                element("h4", {}, element("bdi", {}, shown(object.key, 300))),
                ...(result.denial
                    ? [denialNotice(result.denial)] : objectParts(result.structuredContent ?? {}, saidAlready)),
            );
        } catch (error) {
            preview.replaceChildren(failureNotice(error, null));
        } finally {
            isBusy = false;
        }
        preview.scrollIntoView({ block: "nearest" });
    };

    show();
    return place;
}

/**
 * Reads a picture or other bytes as such, everything else as text.
 *
 * @param {Stored} object
 * @param {import("./results.js").Caller} call
 */
async function readObject(object, call) {
    const isBinary = /\.(png|jpe?g|gif|webp|avif|bmp|svg|bin|gz|zip|pdf|f32)$/i.test(object.key);
    if (!isBinary) {
        const result = await call("bucket_object_text", { s3_uri: object.s3_uri });
        if (result.denial || !result.isError) return result;
    }
    return call("bucket_object_fetch", { s3_uri: object.s3_uri, max_bytes: previewBytes });
}

/**
 * @param {string} bucket
 * @param {string} prefix
 * @param {(prefix: string) => void} enter
 */
function crumbs(bucket, prefix, enter) {
    const names = prefix.split("/").slice(0, -1);
    const places = ["", ...names.map((_, index) => `${names.slice(0, index + 1).join("/")}/`)];
    return element(
        "ol", {},
        ...places.map((place, index) => {
            const name = shown(index === 0 ? bucket : names[index - 1] || "(no name)", 120);
            const isHere = index === places.length - 1;
            return element(
                "li", {},
                isHere
                    ? element("span", { "aria-current": "location", tabindex: "-1" }, element("bdi", {}, name))
                    : element(
                        "button", { type: "button", class: "link", click: () => enter(place) },
                        element("bdi", {}, name),
                    ),
            );
        }),
    );
}

/**
 * @param {Listing} listing
 * @param {string} prefix
 * @param {(prefix: string) => void} enter
 * @param {(object: Stored) => void} look
 */
function entriesTable(listing, prefix, enter, look) {
    /** @type {Map<string, { count: number, size: number }>} */
    const folders = new Map();
    /** @type {Stored[]} */
    const files = [];
    for (const object of listing.objects) {
        if (typeof object?.key !== "string" || !object.key.startsWith(prefix)) continue;
        const rest = object.key.slice(prefix.length);
        const slash = rest.indexOf("/");
        if (slash < 0) {
            files.push(object);
            continue;
        }
        const name = rest.slice(0, slash + 1);
        const known = folders.get(name) ?? { count: 0, size: 0 };
        folders.set(name, { count: known.count + 1, size: known.size + (Number(object.size) || 0) });
    }
    const head = element(
        "thead", {},
        element(
            "tr", {}, element("th", { scope: "col" }, "Name"),
            element("th", { scope: "col", class: "number" }, "Size"),
            element("th", { scope: "col", class: "when" }, "Changed")),
    );
    const rows = [
        ...Array.from(folders, ([name, { count, size }]) => element(
            "tr", {},
            element("th", { scope: "row" }, entryButton("folder", name, "Folder", () => enter(prefix + name))),
            element("td", { class: "number" }, sizeWords(size)),
            element(
                "td", { class: "muted when" },
                `${count} ${count === 1 ? "object" : "objects"}${listing.truncated ? " so far" : ""}`,
            ),
        )),
        ...files.map((object) => element(
            "tr", {},
            element(
                "th", { scope: "row" },
                entryButton("file", object.key.slice(prefix.length) || "(no name)", "Read", () => look(object)),
            ),
            element("td", { class: "number" }, sizeWords(object.size)),
            element("td", { class: "muted when" }, readTime(object.last_modified) ?? shown(object.last_modified, 40)),
        )),
    ];
    if (rows.length === 0) rows.push(element("tr", {}, element("td", { colspan: 3, class: "muted" }, "Nothing here.")));
    return element(
        "table", { class: "entries" },
        element("caption", { class: "unseen" }, `Contents of ${shown(listing.bucket, 80)}/${shown(prefix, 200)}`), head,
        element("tbody", {}, ...rows),
    );
}

/**
 * @param {"folder" | "file"} drawing
 * @param {string} name
 * @param {string} verb
 * @param {() => void} act
 */
function entryButton(drawing, name, verb, act) {
    return element(
        "button", { type: "button", class: `entry entry-${drawing}`, click: act }, icon(drawing),
        element("span", { class: "unseen" }, `${verb} `), element("bdi", {}, shown(name, 300)),
    );
}

/** @param {unknown} prefix */
function folderOf(prefix) {
    const text = typeof prefix === "string" ? prefix : "";
    return text.slice(0, text.lastIndexOf("/") + 1);
}
