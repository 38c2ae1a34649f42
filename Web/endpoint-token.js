import { ambientOf } from "./ambient.js";
import { MCPClientError } from "./errors.js";
import { parseHTTPDate } from "./http-date.js";
import { readRejection, rejectionOf } from "./rejection.js";
import { isReason } from "./reasons.js";
import { wholeBody } from "./reply-body.js";
import { ServerAddress } from "./server-address.js";
import { sha256 } from "./sha256.js";
import { lifetime } from "./token-source.js";
import { firstLine, onOneLine, withoutQuery } from "./words.js";

/**
 * @typedef {object} EndpointTokenOptions
 * @property {string} [url] of the endpoint that gives tokens for the page's cookie; default `/auth/token`
 * @property {string} [sessionURL] where the CSRF token is told; by default `session` beside the endpoint
 * @property {string} [signOutURL] by default `sign-out` beside the endpoint
 * @property {string} [csrfHeader] default `Vestibule-CSRF`
 * @property {typeof fetch} [fetch]
 * @property {import("./ambient.js").Ambient} [ambient]
 */

/** The largest answer that is read: 256 KiB. */
const maximumReplySize = 256 * 1024;

/**
 * A token source that asks the page's own server: the browser's cookie says who it is, and a header that no other site
 * can send says that this page asks.
 *
 * Where nobody is signed in, it throws an `MCPClientError` of reason `token_missing` and remedy `sign_in`.
 * @param {EndpointTokenOptions} [options]
 * @returns {import("./token-source.js").GetToken}
 */
export function endpointToken(options = {}) {
    const endpoint = new TokenEndpoint(options);
    return Object.assign(
        (/** @type {import("./token-source.js").TokenQuestion} */ question) => endpoint.token(question),
        {
            canRefresh: true, canWidenScope: false, resource: endpoint.url, signOut: () => endpoint.signOut(),
            signIn: (/** @type {AbortSignal} */ signal) => endpoint.signIn(signal),
            forgetSignIn: () => endpoint.forgetSignIn(),
        });
}

/**
 * @param {string} url
 * @param {string} name
 */
function beside(url, name) {
    return url.replace(/[?#].*$/, "").replace(/[^/]*$/, name);
}

class TokenEndpoint {
    #ambient;
    #options;
    /** @type {string | null} */
    #csrf = null;

    /** @param {EndpointTokenOptions} options */
    constructor({ url = "/auth/token", sessionURL = beside(url, "session"), signOutURL = beside(url, "sign-out"),
        csrfHeader = "Vestibule-CSRF", fetch, ambient }) {
        this.#ambient = ambientOf({ ...ambient, ...(fetch && { fetch }) });
        this.#options = { sessionURL, signOutURL, csrfHeader };
        this.url = url;
    }

    /**
     * @param {import("./token-source.js").TokenQuestion} question
     * @returns {Promise<{ token: string, expiresIn: number | null, serverDate: number | null }>}
     */
    async token({ signal }) {
        let answer = await this.#post(this.url, signal);
        // The CSRF token is the session's: after another sign-in it is another, which is asked for once.
        if (answer.status === 403 && answer.json?.error === "csrf") {
            this.#csrf = null;
            answer = await this.#post(this.url, signal);
        }
        const { json } = answer;
        if (answer.status === 401) throw signInNeeded(json);
        if (answer.status !== 200) throw this.#failure(explain(answer));
        if (json === null) throw this.#failure("answered something other than JSON");
        if (typeof json.access_token !== "string") {
            const names = Object.keys(json).slice(0, 8).join(", ");
            throw this.#failure(`answered without access_token (it has: ${onOneLine(names, 200)})`);
        }
        const type = json.token_type;
        if (typeof type === "string" && type.toLowerCase() !== "bearer") {
            throw this.#failure(`issues tokens of type ${onOneLine(type, 40)}; only bearer tokens are understood`);
        }
        return { token: json.access_token, expiresIn: lifetime(json.expires_in), serverDate: answer.serverDate };
    }

    /**
     * A name for the browser's session: the CSRF token is the session's own, and its digest gives nothing away.
     * @param {AbortSignal} signal
     * @returns {Promise<string>}
     */
    async signIn(signal) {
        this.#csrf ??= await this.#askForCSRF(signal);
        return sha256(this.#csrf).slice(0, 32);
    }

    /** Forgets the session, because somebody signed out. */
    forgetSignIn() {
        this.#csrf = null;
    }

    /** Ends the browser's session at the server. That there was none is no failure. */
    async signOut() {
        const url = this.#options.signOutURL;
        try {
            let answer = await this.#post(url, null);
            if (answer.status === 403 && answer.json?.error === "csrf") {
                this.#csrf = null;
                answer = await this.#post(url, null);
            }
            if (answer.status >= 400 && answer.status !== 401) throw this.#failure(explain(answer), url);
        } catch (error) {
            if (!(error instanceof MCPClientError && error.remedy === "sign_in")) throw error;
        } finally {
            this.#csrf = null;
        }
    }

    /** @param {string} url @param {AbortSignal | null} signal */
    async #post(url, signal) {
        this.#csrf ??= await this.#askForCSRF(signal);
        return this.#ask(url, "POST", { [this.#options.csrfHeader]: this.#csrf }, signal);
    }

    /** @param {AbortSignal | null} signal @returns {Promise<string>} */
    async #askForCSRF(signal) {
        const { status, json } = await this.#ask(this.#options.sessionURL, "GET", {}, signal);
        if (status === 401 || json?.signed_in === false) throw signInNeeded(json);
        const csrf = json?.csrf;
        if (status === 200 && typeof csrf === "string" && /^[\x21-\x7e]{1,512}$/.test(csrf)) return csrf;
        const what = status === 200 ? "tells no CSRF token" : explain({ status, json });
        throw this.#failure(what, this.#options.sessionURL);
    }

    /**
     * @param {string} url
     * @param {string} method
     * @param {Record<string, string>} headers
     * @param {AbortSignal | null} signal
     */
    async #ask(url, method, headers, signal) {
        const { location, navigator } = this.#ambient;
        const address = new ServerAddress(url, location);
        if (address.isMixedContent) {
            throw this.#failure("is plain http, which a page of https may not ask; use https", url);
        }
        if (!address.isSecure && !address.isLoopback && location === null) {
            throw this.#failure("is plain http to another host, where anybody could read the token; use https", url);
        }
        if (navigator?.onLine === false && !address.isLoopback) {
            throw this.#failure("cannot be asked: the browser is offline; try again when the network is back", url);
        }
        let response;
        try {
            response = await this.#ambient.fetch(address.url, {
                method, headers: { Accept: "application/json", ...headers }, signal, redirect: "manual",
                cache: "no-store", credentials: address.foreignPage === null ? "same-origin" : "include",
            });
        } catch (error) {
            if (signal?.aborted) throw signal.reason;
            const offline = navigator?.onLine === false ? "; the browser is offline" : "";
            const line = error instanceof Error ? firstLine(error.message) : "the connection failed";
            throw this.#failure(`gave no answer: ${onOneLine(line, 200)}${offline}`, url, error);
        }
        const serverDate = parseHTTPDate(response.headers.get("Date"));
        if (response.type === "opaqueredirect") return { status: 302, json: null, serverDate };
        const body = await wholeBody(response, maximumReplySize);
        return { status: response.status, json: parseObject(body), serverDate };
    }

    /** @param {string} what @param {string} [url] @param {unknown} [cause] */
    #failure(what, url = this.url, cause) {
        return new MCPClientError("tokenSource", `the token endpoint ${withoutQuery(url)} ${what}`, { cause });
    }
}

/** @param {Record<string, any> | null} json */
function signInNeeded(json) {
    const known = isReason(json?.reason) ? readRejection(json) : null;
    const rejection = known ?? rejectionOf("token_missing", "nobody is signed in");
    return new MCPClientError("tokenSource", `you are not signed in: ${rejection.detail || "sign in to go on"}`,
        { rejection, status: 401 });
}

/** @param {{ status: number, json: Record<string, any> | null }} answer */
function explain({ status, json }) {
    if (status >= 300 && status < 400) return "answered with a redirect, which is not followed";
    const said = typeof json?.error === "string" ? `, ${onOneLine(firstLine(json.error), 100)}` : "";
    const detail = json?.error_description ?? json?.detail;
    const more = typeof detail === "string" ? `: ${onOneLine(firstLine(detail), 300)}` : "";
    return `answered with HTTP ${status}${said}${more}`;
}

/** @param {Uint8Array} body @returns {Record<string, any> | null} */
function parseObject(body) {
    try {
        const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
        return json !== null && typeof json === "object" && !Array.isArray(json) ? json : null;
    } catch {
        return null;
    }
}
