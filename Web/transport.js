import { linkedController } from "./abort.js";
import { MCPClientError, TransportError } from "./errors.js";
import { firstLine, onOneLine } from "./words.js";

/**
 * One HTTP request.
 * @typedef {object} TransportRequest
 * @property {string} method
 * @property {Record<string, string>} headers
 * @property {string | null} body
 */

/** How long the probe that explains a failure may take, in seconds. */
const probeTime = 3;

const offline = "the browser is offline; try again when the network is back";

/**
 * Carries one HTTP request to the server and its answer back, by `fetch`. It follows no redirect, sends no cookie,
 * repeats nothing, and says as well as a page can why no answer came.
 */
export class FetchTransport {
    #address;
    #ambient;
    #clock;
    #credentials;

    /**
     * @param {object} options
     * @param {import("./server-address.js").ServerAddress} options.address
     * @param {ReturnType<typeof import("./ambient.js").ambientOf>} options.ambient
     * @param {import("./clock.js").Clock} options.clock
     * @param {RequestCredentials} [options.credentials] `omit` by default: identity goes by the token alone
     */
    constructor({ address, ambient, clock, credentials = "omit" }) {
        this.#address = address;
        this.#ambient = ambient;
        this.#clock = clock;
        this.#credentials = credentials;
    }

    /** Whether the browser says that there is no network. */
    get isOffline() {
        return this.#ambient.navigator?.onLine === false;
    }

    /**
     * Sends it, once.
     * @param {TransportRequest} request
     * @param {AbortSignal | null} signal
     * @returns {Promise<Response>}
     * @throws {TransportError | MCPClientError} or the signal's reason where that is aborted first
     */
    async send({ method, headers, body }, signal) {
        if (this.#address.isMixedContent) throw new TransportError("notSent", this.#mixedContent);
        const wasOffline = this.isOffline;
        // What is on this very machine needs no network.
        if (wasOffline && !this.#address.isLoopback) throw new TransportError("notSent", offline);
        try {
            const response = await this.#ambient.fetch(this.#address.url, {
                method, headers, body, signal, redirect: "manual", credentials: this.#credentials, cache: "no-store",
                ...(method === "DELETE" && { keepalive: true }),
            });
            if (response.type === "opaqueredirect") {
                throw new MCPClientError("protocolViolation",
                    `${this.#address.shown} redirects; redirects are not followed: use the final URL`);
            }
            return response;
        } catch (error) {
            if (error instanceof MCPClientError) throw error;
            if (signal?.aborted) throw signal.reason;
            if (wasOffline && this.isOffline) throw new TransportError("notSent", offline, { cause: error });
            throw new TransportError("unknown", onOneLine(firstLine(messageOf(error)), 300), { cause: error });
        }
    }

    /**
     * What may be behind a failure, in words for a person. A page is told nothing by `fetch`, so another request is
     * made that needs no permission: where it is answered, the server is there and does not let this page read.
     * @param {TransportError} error
     * @returns {Promise<string>}
     */
    async explain(error) {
        if (error.progress === "notSent") return error.message;
        if (this.isOffline) return `${error.message}; ${offline}`;
        if (error.isAnswered) return error.message;
        const page = this.#address.foreignPage;
        if (page === null) return `${error.message}; nothing answers at ${this.#address.shown}: is the server running?`;
        const { isReachable, isForbiddenByPage } = await this.#probe();
        if (isForbiddenByPage) {
            const { origin } = this.#address;
            return `this page's own Content-Security-Policy forbids asking ${origin}: add it to connect-src`;
        }
        if (isReachable) {
            error.isHidden = true;
            return `${this.#address.origin} answers, but does not allow this page to read it (no `
                + `Access-Control-Allow-Origin for ${page}): add "${page}" to allowedOrigins of the server, and let a `
                + "proxy in between pass its headers and OPTIONS through";
        }
        return `${error.message}; nothing answers at ${this.#address.shown}: is the server running, its name right, `
            + "its certificate valid, and may this page reach that network?";
    }

    /**
     * What a response from another origin may hide from this page.
     * @param {Response} response
     * @param {string[]} names of headers that would be of use
     * @returns {string} empty where nothing is hidden
     */
    hidden(response, names) {
        if (this.#address.foreignPage === null || response.type !== "cors") return "";
        const missing = names.filter((name) => !response.headers.has(name));
        return missing.length === 0 ? "" : `the server must expose ${missing.join(", ")} by `
            + "Access-Control-Expose-Headers, or this page cannot read it";
    }

    /** Whether the server answers what needs no permission, and whether the page's own policy forbids even that. */
    async #probe() {
        const { document } = this.#ambient;
        let isForbiddenByPage = false;
        const onViolation = (/** @type {Event} */ event) => {
            const { blockedURI, effectiveDirective } = /** @type {SecurityPolicyViolationEvent} */ (event);
            isForbiddenByPage ||= effectiveDirective === "connect-src" && blockedURI.startsWith(this.#address.origin);
        };
        document?.addEventListener("securitypolicyviolation", onViolation);
        try {
            const isReachable = await this.#isReachable();
            // The event comes a moment after the request has failed.
            if (!isReachable && document !== null) await this.#clock.sleep(0.05);
            return { isReachable, isForbiddenByPage };
        } finally {
            document?.removeEventListener("securitypolicyviolation", onViolation);
        }
    }

    async #isReachable() {
        const watch = new AbortController();
        const { signal, abort, release } = linkedController();
        this.#clock.sleep(probeTime, { signal: watch.signal }).then(() => abort(), () => {});
        try {
            await this.#ambient.fetch(this.#address.url, {
                method: "HEAD", mode: "no-cors", credentials: "omit", cache: "no-store", signal,
            });
            return true;
        } catch {
            return false;
        } finally {
            watch.abort();
            release();
            abort();
        }
    }

    get #mixedContent() {
        return `a page of https may not ask ${this.#address.shown}, which is plain http (mixed content): `
            + "give the server a certificate and use https";
    }
}

/** @param {unknown} error */
function messageOf(error) {
    return error instanceof Error && error.message !== "" ? error.message : "the connection failed";
}
