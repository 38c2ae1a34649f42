/** Names under which front ends are wont to leave tokens; what lies there is removed where it holds a JWT. */
export const defaultLegacyKeys = Object.freeze([
    "access_token", "accessToken", "auth_token", "authToken", "bearer_token", "id_token", "jwt", "jwt_token",
    "jwtToken", "mcp_token", "mcpToken", "mcp_jwt", "mcp_access_token", "token",
]);

/** How many entries of one storage are looked at. */
const maximumEntries = 2000;

/** A JWT, alone or within something else. */
const jwt = /eyJ[\w-]*\.[\w-]+\.[\w-]*/;

/**
 * Removes what former versions left in the page's storage: a token that lies there outlives the key that signed it, and
 * any script on the page can read it.
 * @param {readonly (string | RegExp)[] | null} keys names, or patterns of names, whose entries are removed whatever
 *   they hold; null for the usual names, whose entries are removed where they hold a JWT
 * @param {readonly (Storage | null)[]} storages
 * @returns {string[]} the names that were removed
 */
export function removeLegacyTokens(keys, storages) {
    /** @type {string[]} */
    const removed = [];
    for (const storage of storages) {
        if (storage === null) continue;
        try {
            const length = Math.min(storage.length, maximumEntries);
            const names = Array.from({ length }, (_, index) => storage.key(index));
            for (const name of names) {
                if (name === null || !(keys ?? defaultLegacyKeys).some((key) => matches(key, name))) continue;
                if (keys === null && !jwt.test(storage.getItem(name) ?? "")) continue;
                storage.removeItem(name);
                removed.push(name);
            }
        } catch {
            // Storage that may not be used holds nothing that could be sent.
        }
    }
    return removed;
}

/** @param {string | RegExp} key @param {string} name */
function matches(key, name) {
    if (typeof key === "string") return key === name;
    key.lastIndex = 0;
    return key.test(name);
}
