import { MCPClientError } from "./errors.js";
import { headerText } from "./header-text.js";
import { mirroredHeaders, mirrorsOf } from "./parameter-headers.js";
import { isLegacyCode, protocolCodes } from "./protocol-codes.js";
import { firstLine, onOneLine } from "./words.js";

/** @typedef {import("./era-legacy.js").Era} Era */
/** @typedef {import("./era-legacy.js").Encoded} Encoded */
/** @typedef {import("./era-legacy.js").InputWanted} InputWanted */
/** @typedef {import("./era-legacy.js").Profile} Profile */
/** @typedef {import("./era-legacy.js").Reading} Reading */
/** @typedef {import("./era-legacy.js").ServerQuestion} ServerQuestion */
/** @typedef {import("./era-legacy.js").SessionFacts} SessionFacts */
/** @typedef {import("./outgoing.js").Outgoing} Outgoing */

/** The revisions without sessions, oldest first. */
export const modernVersions = Object.freeze(["2026-07-28"]);

const prefix = "io.modelcontextprotocol/";

/** The member of `params` that a request's `Mcp-Name` repeats. */
const named = new Map([
    ["tools/call", "name"], ["prompts/get", "name"], ["resources/read", "uri"],
    ["tasks/get", "taskId"], ["tasks/update", "taskId"], ["tasks/cancel", "taskId"],
]);

/** The requests that a server may answer by wanting input. */
const mayWantInput = new Set(["tools/call", "prompts/get", "resources/read"]);

/** How much a server may want to know at once. */
const maximumQuestions = 100;
/** Of how many tools the mirrored arguments are remembered. */
const maximumTools = 10_000;

/**
 * The era without sessions: `_meta` and headers with each request say what `initialize` said once.
 * @param {Profile} profile
 * @param {(line: string) => void} warn hears of tools that are left out
 * @returns {Era}
 */
export function modernEra(profile, warn) {
    return Object.freeze({
        name: "modern", versions: modernVersions,
        opening: { method: "server/discover", params: {} },
        readOpening, confirmation: null,
        greeting: (/** @type {SessionFacts} */ { protocolVersion }) => `MCP server of ${protocolVersion} discovered`,
        logLevelRequest: null, glance: "server/discover",
        encode: (/** @type {Outgoing} */ outgoing, /** @type {SessionFacts | null} */ session) =>
            encode(profile, outgoing, session),
        readResult: (/** @type {Outgoing} */ outgoing, /** @type {unknown} */ result,
            /** @type {SessionFacts} */ session) => readResult(outgoing, result, session, warn),
        cure,
        resumesStreams: false, answersQuestions: false, tellsOfCancellation: false, neededHeaders: [],
    });
}

/** @param {Profile} profile @param {Outgoing} outgoing @param {SessionFacts | null} session @returns {Encoded} */
function encode({ clientInfo, capabilities, logLevel }, { message, method, id, wantsProgress }, session) {
    const version = session?.protocolVersion ?? /** @type {string} */ (modernVersions.at(-1));
    if (message === null || method === "") return { message, headers: { "MCP-Protocol-Version": version } };
    const { _meta, ...params } = /** @type {any} */ (message.params ?? {});
    const name = params[named.get(method) ?? ""];
    const mirrors = method === "tools/call" ? session?.mirrors.get(name) ?? [] : [];
    return {
        message: {
            ...message,
            params: {
                ...params,
                _meta: {
                    ..._meta, [`${prefix}protocolVersion`]: version, [`${prefix}clientCapabilities`]: capabilities,
                    [`${prefix}clientInfo`]: clientInfo, ...(logLevel !== null && { [`${prefix}logLevel`]: logLevel }),
                    ...(wantsProgress && { progressToken: id }),
                },
            },
        },
        headers: {
            "MCP-Protocol-Version": version, "Mcp-Method": method,
            ...(typeof name === "string" && { "Mcp-Name": headerText(name) }),
            ...mirroredHeaders(mirrors, params.arguments),
        },
    };
}

/** @param {unknown} result @returns {SessionFacts} */
function readOpening(result) {
    const { supportedVersions, capabilities, instructions, resultType, _meta } = /** @type {any} */ (result ?? {});
    if (resultType !== undefined && resultType !== "complete") {
        throw violation("server/discover", `the result is of the type ${shown(resultType)}`);
    }
    const protocolVersion = modernVersions.filter((version) => supportedVersions.includes(version)).at(-1);
    if (protocolVersion === undefined) throw violation("server/discover", "no revision in common");
    const serverInfo = _meta?.[`${prefix}serverInfo`];
    const isNamed = typeof serverInfo?.name === "string" && typeof serverInfo.version === "string";
    return {
        id: null, protocolVersion, capabilities: isObject(capabilities) ? capabilities : {},
        serverInfo: isNamed ? serverInfo : null, instructions: typeof instructions === "string" ? instructions : null,
        mirrors: new Map(),
    };
}

/**
 * @param {Outgoing} outgoing
 * @param {any} result
 * @param {SessionFacts} session
 * @param {(line: string) => void} warn
 * @returns {Reading}
 */
function readResult({ method, inWords }, result, session, warn) {
    if (!isObject(result)) throw violation(inWords, "the result is not an object");
    switch (result.resultType) {
        // Older servers say no more (MCP 2026-07-28, Basics).
        case undefined: case "complete":
            return { result: method === "tools/list" ? withUsableTools(result, session, warn) : result, wanted: null };
        case "input_required":
            if (!mayWantInput.has(method)) throw violation(inWords, "the server wants input, which it may not here");
            return { result: null, wanted: readWanted(result, inWords) };
        default:
            throw violation(inWords,
                `the result is of the type ${shown(result.resultType)}, which this client does not know`);
    }
}

/** @param {any} result @param {string} what @returns {InputWanted} */
function readWanted({ inputRequests, requestState }, what) {
    const entries = isObject(inputRequests) ? Object.entries(inputRequests) : [];
    const isLawful = (inputRequests === undefined || isObject(inputRequests))
        && (requestState === undefined || typeof requestState === "string")
        && entries.every(([, question]) => isObject(question) && typeof question.method === "string"
            && (question.params === undefined || isObject(question.params)));
    if (!isLawful || (entries.length === 0 && requestState === undefined)) {
        throw violation(what, "the server wants input, and does not say which");
    }
    if (entries.length > maximumQuestions) {
        throw violation(what, `the server wants to know more than ${maximumQuestions} things at once`);
    }
    return { questions: new Map(entries), state: requestState ?? null };
}

/**
 * Leaves out the tools that cannot be called to the letter, and learns which arguments of the others are mirrored. What
 * is no list of tools is left to whoever reads it.
 * @param {any} result
 * @param {SessionFacts} session
 * @param {(line: string) => void} warn
 */
function withUsableTools(result, { mirrors }, warn) {
    if (!Array.isArray(result.tools)) return result;
    const tools = result.tools.filter((/** @type {any} */ tool) => {
        if (typeof tool?.name !== "string") return true;
        mirrors.delete(tool.name);
        try {
            const found = mirrorsOf(tool.inputSchema);
            if (found.length > 0 && mirrors.size < maximumTools) mirrors.set(tool.name, found);
            return true;
        } catch (error) {
            if (!(error instanceof RangeError)) throw error;
            warn(`the tool ${shown(tool.name)} is left out: ${onOneLine(error.message, 300)}`);
            return false;
        }
    });
    return { ...result, tools };
}

/**
 * @param {import("./refusal.js").Refusal} refusal
 * @param {Outgoing} outgoing
 * @returns {import("./era-legacy.js").Cure | null}
 */
function cure({ status, rpcError }, { method }) {
    if (rpcError?.code === protocolCodes.headerMismatch && method === "tools/call") return "learnTools";
    if (rpcError?.code === protocolCodes.unsupportedVersion) return "probeAgain";
    // So speaks a server of sessions, or nobody: it is not the one that was discovered.
    const isForeign = rpcError === null || isLegacyCode(rpcError.code);
    return isForeign && (status === 400 || status === 404 || status === 405) ? "probeAgain" : null;
}

/** @param {any} value */
function isObject(value) {
    return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** @param {unknown} text */
function shown(text) {
    return typeof text === "string" ? JSON.stringify(firstLine(text).slice(0, 60)) : `(${typeof text})`;
}

/** @param {string} what @param {string} problem */
function violation(what, problem) {
    return new MCPClientError("protocolViolation", `${what}: ${problem}`);
}
