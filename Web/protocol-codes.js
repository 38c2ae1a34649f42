/** The codes of JSON-RPC errors that decide something here (MCP 2026-07-28). */
export const protocolCodes = Object.freeze({
    methodNotFound: -32601,
    invalidParams: -32602,
    internalError: -32603,
    headerMismatch: -32020,
    missingCapability: -32021,
    unsupportedVersion: -32022,
});

/**
 * Whether servers of before 2026-07-28 used the code for things of their own, and nobody may give it a meaning.
 * @param {number} code
 * @returns {boolean}
 */
export function isLegacyCode(code) {
    return code <= -32000 && code >= -32019;
}
