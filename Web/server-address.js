import { MCPClientError } from "./errors.js";
import { firstLine, withoutQuery } from "./words.js";

/** Where the server is, seen from the page. */
export class ServerAddress {
    /**
     * @param {string | URL} url absolute, or relative to the page
     * @param {{ origin: string, href: string, protocol: string } | null} location the page's
     * @throws {MCPClientError} of code `connection` where it is no address of a server
     */
    constructor(url, location) {
        let parsed;
        try {
            parsed = new URL(url, location?.href);
        } catch {
            throw notAnAddress(url);
        }
        const { protocol, username, password, hash, host } = parsed;
        if (!/^https?:$/.test(protocol) || host === "" || username || password || hash) throw notAnAddress(url);
        this.url = parsed.href;
        this.origin = parsed.origin;
        this.isSecure = protocol === "https:";
        this.isLoopback = isLoopback(parsed.hostname);
        /** The page's origin, where the server is of another one. */
        this.foreignPage = location && location.origin !== "null" && location.origin !== parsed.origin
            ? location.origin : null;
        /** Whether a browser would not let this page ask there: an https page, and plain http. */
        this.isMixedContent = location?.protocol === "https:" && !this.isSecure && !this.isLoopback;
    }

    /** What tells this server from others of its origin: a query does not. */
    get key() {
        const { origin, pathname } = new URL(this.url);
        return origin + pathname;
    }

    /** The URL for messages: without its query. */
    get shown() {
        return withoutQuery(this.url);
    }
}

/** @param {string | URL} url */
function notAnAddress(url) {
    return new MCPClientError("connection", `"${firstLine(url)}" is not an http or https URL of a server`);
}

/** @param {string} host */
function isLoopback(host) {
    return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
