/** @typedef {import("./mcp-client.js").MCPClient} MCPClient */

/**
 * The clients of this page that are not closed, for elements that show one.
 * @type {Set<MCPClient>}
 */
const clients = (/** @type {any} */ (globalThis)[Symbol.for("vestibule.clients")] ??= new Set());

/**
 * Says that a client is there.
 * @param {MCPClient} client
 */
export function registerClient(client) {
    clients.add(client);
    if (typeof globalThis.dispatchEvent === "function") {
        globalThis.dispatchEvent(new CustomEvent("vestibule:client", { detail: client }));
    }
}

/**
 * Says that a client is closed.
 * @param {MCPClient} client
 */
export function forgetClient(client) {
    clients.delete(client);
}
