import { MCPClientError } from "./errors.js";
import { protocolCodes } from "./protocol-codes.js";
import { firstLine } from "./words.js";

/**
 * What differs between the eras of MCP: how a connection begins, what each request carries, what a result may say, and
 * what a refusal, a lost stream and a request that nobody waits for any more come to. The client asks nothing else of
 * the protocol's revision.
 * @typedef {object} Era
 * @property {"legacy" | "modern"} name
 * @property {readonly string[]} versions the revisions, oldest first
 * @property {{ method: string, params: Record<string, unknown> }} opening the request that begins
 * @property {(result: unknown, headers: HeaderFields) => SessionFacts} readOpening what came of it; throws
 *   `MCPClientError`
 * @property {{ method: string } | null} confirmation the notification that follows it, where there is one
 * @property {(facts: SessionFacts) => string} greeting what is written to the console once it stands
 * @property {string | null} logLevelRequest the request that sets the level of logs; null where each request says it
 * @property {string} glance the request that only asks whether the server is there
 * @property {(outgoing: Outgoing, session: SessionFacts | null) => Encoded} encode the message as it is sent, and what
 *   names session and revision beside it
 * @property {(outgoing: Outgoing, result: unknown, session: SessionFacts) => Reading} readResult throws
 *   `MCPClientError`
 * @property {(refusal: Refusal, outgoing: Outgoing, session: SessionFacts | null) => Cure | null} cure what a refusal
 *   of another kind than of token and patience calls for
 * @property {boolean} resumesStreams whether the rest of a stream that broke can be had
 * @property {boolean} answersQuestions whether the server may ask in the middle of a request
 * @property {boolean} tellsOfCancellation whether the server is told in words that nobody waits any more; where not,
 *   the end of the connection tells
 * @property {readonly string[]} neededHeaders headers of an answer without which a refusal cannot be understood
 */

/** @typedef {import("./outgoing.js").Outgoing} Outgoing */
/** @typedef {import("./refusal.js").Refusal} Refusal */
/** @typedef {{ name: string, version: string, title?: string }} Implementation */
/** @typedef {{ get: (name: string) => string | null }} HeaderFields */
/** @typedef {{ message: Record<string, unknown> | null, headers: Record<string, string> }} Encoded */

/**
 * A result, or what the server wants to know before it gives one.
 * @typedef {{ result: unknown, wanted: null } | { result: null, wanted: InputWanted }} Reading
 */
/** @typedef {{ method: string, params?: any }} ServerQuestion */
/** @typedef {{ questions: Map<string, ServerQuestion>, state: string | null }} InputWanted */

/**
 * Open a new session; ask anew of which era the server is; learn its tools again.
 * @typedef {"openSession" | "probeAgain" | "learnTools"} Cure
 */

/**
 * Who this client is to every server: its name, what it can be asked, and from which level on it wants to hear logs.
 * @typedef {{ clientInfo: Implementation, capabilities: Record<string, unknown>, logLevel: string | null }} Profile
 */

/**
 * What is known of an open session. The modern era has none: there it is what the server said of itself.
 * @typedef {object} SessionFacts
 * @property {string | null} id `Mcp-Session-Id`, where the server gave one
 * @property {string} protocolVersion
 * @property {Record<string, unknown>} capabilities
 * @property {Implementation | null} serverInfo null where the server does not name itself
 * @property {string | null} instructions
 * @property {Map<string, readonly import("./parameter-headers.js").Mirror[]>} mirrors the tools whose arguments go into
 *   headers, too, as far as they are known
 */

/** The revisions that open with `initialize`, oldest first. */
export const legacyVersions = Object.freeze(["2025-03-26", "2025-06-18", "2025-11-25"]);

/**
 * The era of `initialize` and `Mcp-Session-Id`.
 * @param {Profile} profile
 * @returns {Era}
 */
export function legacyEra({ clientInfo, capabilities }) {
    return Object.freeze({
        name: "legacy", versions: legacyVersions,
        opening: {
            method: "initialize", params: { protocolVersion: legacyVersions.at(-1), capabilities, clientInfo },
        },
        readOpening, confirmation: { method: "notifications/initialized" },
        greeting: () => "MCP session established",
        logLevelRequest: "logging/setLevel", glance: "ping", encode, cure,
        readResult: (/** @type {Outgoing} */ _, /** @type {unknown} */ result) => ({ result, wanted: null }),
        resumesStreams: true, answersQuestions: true, tellsOfCancellation: true, neededHeaders: ["Mcp-Session-Id"],
    });
}

/** @param {Outgoing} outgoing @param {SessionFacts | null} session @returns {Encoded} */
function encode({ message, id, wantsProgress }, session) {
    const headers = {
        ...(session && { "MCP-Protocol-Version": session.protocolVersion }),
        ...(session?.id && { "Mcp-Session-Id": session.id }),
    };
    if (!wantsProgress || message === null) return { message, headers };
    const { _meta, ...params } = /** @type {any} */ (message.params ?? {});
    return { message: { ...message, params: { ...params, _meta: { ..._meta, progressToken: id } } }, headers };
}

/**
 * @param {Refusal} refusal
 * @param {Outgoing} _
 * @param {SessionFacts | null} session
 * @returns {Cure | null}
 */
function cure({ status, rpcError }, _, session) {
    const { headerMismatch, unsupportedVersion } = protocolCodes;
    // Only servers of the modern era speak so: this one is of another than before.
    if (rpcError?.code === headerMismatch || rpcError?.code === unsupportedVersion) return "probeAgain";
    return status === 404 && session !== null && session.id !== null ? "openSession" : null;
}

/** @param {unknown} result @param {HeaderFields} headers @returns {SessionFacts} */
function readOpening(result, headers) {
    const { protocolVersion, capabilities, serverInfo, instructions } = /** @type {any} */ (result ?? {});
    if (typeof protocolVersion !== "string") throw violation("the result names no protocolVersion");
    if (typeof serverInfo?.name !== "string" || typeof serverInfo.version !== "string") {
        throw violation("the result's serverInfo is not an object with `name` and `version`");
    }
    if (!legacyVersions.includes(protocolVersion)) {
        const theirs = firstLine(protocolVersion).slice(0, 40);
        throw new MCPClientError("protocolViolation",
            `the server speaks MCP "${theirs}"; this client speaks ${legacyVersions.join(", ")}`);
    }
    const id = headers.get("Mcp-Session-Id");
    // 1 to 1,024 visible ASCII characters (MCP 2025-11-25, Session Management).
    if (id !== null && !/^[\x21-\x7e]{1,1024}$/.test(id)) {
        throw violation("the server gave a session id of unlawful characters");
    }
    return {
        id, protocolVersion, capabilities: capabilities ?? {}, serverInfo,
        instructions: typeof instructions === "string" ? instructions : null, mirrors: new Map(),
    };
}

/** @param {string} problem */
function violation(problem) {
    return new MCPClientError("protocolViolation", `initialize: ${problem}`);
}
