// Who is signed in: the browser session of this origin, which a cookie holds that no script can read.

/**
 * @typedef {object} BrowserSession
 * @property {boolean} signed_in
 * @property {string} [subject]
 * @property {string} [name]
 * @property {string[]} [roles]
 * @property {string | null} csrf
 * @property {number} [expires_at] Seconds since 1970.
 * @property {string | null} sign_in Where to sign in; `null` where this server has no sign-in.
 * @property {string} resource The name by which tokens know the server.
 * @property {string} [endpoint] Where its MCP endpoint is.
 * @property {boolean} [replay]
 * @property {boolean} [operator]
 */

/**
 * @param {AbortSignal} [signal]
 * @returns {Promise<BrowserSession>}
 */
export async function readSession(signal) {
    const init = /** @type {RequestInit} */ ({ credentials: "same-origin", cache: "no-store" });
    const response = await fetch("/auth/session", signal ? { ...init, signal } : init);
    if (!response.ok) throw new Error(`The server answered ${response.status} to the question who is signed in.`);
    return response.json();
}

/**
 * A request that changes something, with the proof that this page sent it.
 *
 * @param {string} path
 * @param {string | null} csrf
 * @param {unknown} [body]
 * @returns {Promise<Response>}
 */
export function post(path, csrf, body) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (csrf) headers["Vestibule-CSRF"] = csrf;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return fetch(path, {
        method: "POST", credentials: "same-origin", cache: "no-store", headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

/**
 * The address of the sign-in that comes back to this page.
 *
 * @param {BrowserSession | null} session
 * @returns {string | null}
 */
export function signInAddress(session) {
    if (!session?.sign_in) return null;
    const address = new URL(session.sign_in, location.origin);
    if (address.origin !== location.origin) return null;
    address.searchParams.set("return", location.pathname);
    return address.pathname + address.search;
}
