import { MCPClientError } from "./errors.js";
import { firstLine } from "./words.js";

/**
 * What differs between the eras of MCP: how a connection begins, and what each request carries. The client asks nothing
 * else of the protocol's revision, so that an era without sessions (`server/discover`, `_meta` with every request) is
 * another object of this shape.
 * @typedef {object} Era
 * @property {string} name
 * @property {(clientInfo: Implementation) => { method: string, params: Record<string, unknown> }} opening the request
 *   that begins
 * @property {(result: unknown, headers: { get: (name: string) => string | null }) => SessionFacts} readOpening what
 *   came of it; throws `MCPClientError`
 * @property {{ method: string } | null} confirmation the notification that follows it, where there is one
 * @property {(session: SessionFacts | null, method: string, tool: string | null) => Record<string, string>} headers
 *   what names session and revision in each request
 * @property {(params: Record<string, unknown> | undefined, clientInfo: Implementation) =>
 *   Record<string, unknown> | undefined} params what each request's parameters become
 */

/** @typedef {{ name: string, version: string, title?: string }} Implementation */

/**
 * What is known of an open session.
 * @typedef {object} SessionFacts
 * @property {string | null} id `Mcp-Session-Id`, where the server gave one
 * @property {string} protocolVersion
 * @property {Record<string, unknown>} capabilities
 * @property {Implementation} serverInfo
 * @property {string | null} instructions
 */

/** The revisions that open with `initialize`, oldest first. */
const versions = ["2025-03-26", "2025-06-18", "2025-11-25"];

/**
 * The era of `initialize` and `Mcp-Session-Id`.
 * @type {Era}
 */
export const legacyEra = Object.freeze({
    name: "legacy",
    opening: (/** @type {Implementation} */ clientInfo) => ({
        method: "initialize", params: { protocolVersion: versions.at(-1), capabilities: {}, clientInfo },
    }),
    readOpening,
    confirmation: { method: "notifications/initialized" },
    headers: (/** @type {SessionFacts | null} */ session) => ({
        ...(session && { "MCP-Protocol-Version": session.protocolVersion }),
        ...(session?.id && { "Mcp-Session-Id": session.id }),
    }),
    params: (/** @type {Record<string, unknown> | undefined} */ params) => params,
});

/** @param {unknown} result @param {{ get: (name: string) => string | null }} headers @returns {SessionFacts} */
function readOpening(result, headers) {
    const { protocolVersion, capabilities, serverInfo, instructions } = /** @type {any} */ (result ?? {});
    if (typeof protocolVersion !== "string") throw violation("the result names no protocolVersion");
    if (typeof serverInfo?.name !== "string" || typeof serverInfo.version !== "string") {
        throw violation("the result's serverInfo is not an object with `name` and `version`");
    }
    if (!versions.includes(protocolVersion)) {
        const theirs = firstLine(protocolVersion).slice(0, 40);
        throw new MCPClientError("protocolViolation",
            `the server speaks MCP "${theirs}"; this client speaks ${versions.join(", ")}`);
    }
    const id = headers.get("Mcp-Session-Id");
    // 1 to 1,024 visible ASCII characters (MCP 2025-11-25, Session Management).
    if (id !== null && !/^[\x21-\x7e]{1,1024}$/.test(id)) {
        throw violation("the server gave a session id of unlawful characters");
    }
    return {
        id, protocolVersion, capabilities: capabilities ?? {}, serverInfo,
        instructions: typeof instructions === "string" ? instructions : null,
    };
}

/** @param {string} problem */
function violation(problem) {
    return new MCPClientError("protocolViolation", `initialize: ${problem}`);
}
