import { MCPClientError, TransportError } from "./errors.js";
import { legacyVersions } from "./era-legacy.js";
import { modernVersions } from "./era-modern.js";
import { protocolCodes } from "./protocol-codes.js";
import { firstLine, onOneLine } from "./words.js";

/**
 * What `server/discover` tells of a server's era: it is modern; it is of sessions; it wants to be asked again, in a
 * revision that both know; nothing, since something else stands in the way.
 * @typedef {"modern" | "legacy" | "askAgain"} Verdict
 */

/**
 * What a result tells.
 * @param {unknown} result
 * @returns {Verdict}
 * @throws {MCPClientError} where nothing is in common
 */
export function verdictOfResult(result) {
    const { supportedVersions } = /** @type {any} */ (result ?? {});
    if (!Array.isArray(supportedVersions)) return "legacy";
    return inCommon(supportedVersions, "modern");
}

/**
 * What a failure tells. Refusals of a token, outages and waits are no evidence, and an error of the modern era is one
 * against the other: whoever fell back on it would hide what is wrong. A server of another origin that is there and
 * hides its answer may be one that allows pages no headers of the modern era.
 * @param {unknown} error
 * @returns {Verdict}
 * @throws the error, where it tells nothing of the era, or another, where nothing is in common
 */
export function verdictOfFailure(error) {
    if (!(error instanceof MCPClientError)) throw error;
    const { code, status, rpcError, cause } = error;
    if (code === "connection" && cause instanceof TransportError && cause.isHidden) return "legacy";
    if (code !== "serverError" && code !== "protocolViolation") throw error;
    switch (rpcError?.code) {
        case protocolCodes.methodNotFound: return "legacy";
        case protocolCodes.headerMismatch: case protocolCodes.missingCapability: throw error;
        case protocolCodes.unsupportedVersion: {
            const { supported } = /** @type {any} */ (rpcError?.data ?? {});
            return inCommon(Array.isArray(supported) ? supported : [], "askAgain");
        }
    }
    const isEvidence = status === null || (status >= 200 && status < 300) || (status >= 400 && status < 500);
    if (!isEvidence) throw error;
    return "legacy";
}

/** @param {unknown[]} versions @param {"modern" | "askAgain"} wherever @returns {Verdict} */
function inCommon(versions, wherever) {
    if (versions.some((version) => modernVersions.includes(String(version)))) return wherever;
    if (versions.some((version) => legacyVersions.includes(String(version)))) return "legacy";
    const theirs = onOneLine(firstLine(versions.slice(0, 10).join(", ")), 100) || "no revision that it names";
    throw new MCPClientError("protocolViolation",
        `the server speaks MCP ${theirs}; this client speaks ${[...legacyVersions, ...modernVersions].join(", ")}`);
}
