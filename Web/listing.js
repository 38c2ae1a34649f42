import { MCPClientError } from "./errors.js";

/**
 * A list of a server, as its pages come.
 * @typedef {object} ListKind
 * @property {string} method
 * @property {string} member of the result that holds the items
 * @property {string} noun for messages
 * @property {(item: any) => boolean} isItem
 */

/** @type {(...names: string[]) => (item: any) => boolean} */
const hasTexts = (...names) => (item) => names.every((name) => typeof item?.[name] === "string");

/** @satisfies {Record<string, ListKind>} */
export const listKinds = Object.freeze({
    tools: {
        method: "tools/list", member: "tools", noun: "tools",
        isItem: (/** @type {any} */ tool) => hasTexts("name")(tool)
            && typeof tool.inputSchema === "object" && tool.inputSchema !== null,
    },
    resources: {
        method: "resources/list", member: "resources", noun: "resources", isItem: hasTexts("uri", "name"),
    },
    resourceTemplates: {
        method: "resources/templates/list", member: "resourceTemplates", noun: "resource templates",
        isItem: hasTexts("uriTemplate", "name"),
    },
    prompts: { method: "prompts/list", member: "prompts", noun: "prompts", isItem: hasTexts("name") },
});

/**
 * All items of a list, from every page of it. An empty cursor is a cursor: only its absence is the end.
 * @param {ListKind} kind
 * @param {(method: string, params: Record<string, unknown> | undefined) => Promise<unknown>} ask
 * @param {{ maximumPages: number, maximumListLength: number }} bounds
 * @returns {Promise<any[]>}
 * @throws {MCPClientError} `protocolViolation` where the list is none, or has no end within the bounds
 */
export async function wholeList({ method, member, noun, isItem }, ask, { maximumPages, maximumListLength }) {
    const problem = (/** @type {string} */ line) => new MCPClientError("protocolViolation", `${method}: ${line}`);
    /** @type {unknown[]} */
    const items = [];
    /** @type {string | undefined} */
    let cursor;
    for (let page = 0; page < maximumPages; page += 1) {
        const result = /** @type {any} */ (await ask(method, cursor === undefined ? undefined : { cursor }));
        const found = result?.[member];
        if (!Array.isArray(found) || !found.every(isItem)) throw problem(`the result holds no list of ${noun}`);
        items.push(...found);
        if (items.length > maximumListLength) throw problem(`more than ${maximumListLength} ${noun}`);
        if (typeof result.nextCursor !== "string") return items;
        if (result.nextCursor === cursor) throw problem("the server gives the same page again and again");
        cursor = result.nextCursor;
    }
    throw problem(`more than ${maximumPages} pages`);
}
