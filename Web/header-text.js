import { encodeBase64URL } from "./base64url.js";

/**
 * A text as the value of a header (MCP 2026-07-28, Streamable HTTP): as it is, or as `=?base64?…?=` where it is not
 * visible ASCII with spaces in between, or looks like that form itself.
 * @param {string} text
 * @returns {string}
 */
export function headerText(text) {
    const isPlain = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/.test(text) && !/^=\?base64\?.*\?=$/i.test(text);
    if (isPlain) return text;
    const base64 = encodeBase64URL(new TextEncoder().encode(text)).replaceAll("-", "+").replaceAll("_", "/");
    return `=?base64?${base64.padEnd(Math.ceil(base64.length / 4) * 4, "=")}?=`;
}
