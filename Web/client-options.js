import { ambientOf } from "./ambient.js";
import { systemClock } from "./clock.js";
import { pageVerdicts } from "./era-verdicts.js";
import { ServerAddress } from "./server-address.js";

/** @typedef {import("./token-manager.js").TokenManager} TokenManager */
/** @typedef {import("./errors.js").MCPClientError} MCPClientError */

/**
 * @typedef {object} MCPClientOptions
 * @property {string | URL} url of the MCP endpoint; relative to the page where there is one
 * @property {import("./token-source.js").GetToken} [getToken] where tokens come from
 * @property {TokenManager} [tokens] a token manager that is shared with others, instead of `getToken`; it is left open
 * @property {boolean} [canRefresh] whether asking `getToken` again at once may bring another token; default true
 * @property {boolean} [canWidenScope] whether `getToken` heeds the scope it is asked for; default false
 * @property {import("./era-legacy.js").Implementation} [clientInfo] who we are, as the server is told
 * @property {"automatic" | "legacy" | "modern"} [era] which revisions to speak: those with sessions (`legacy`), that
 *   without (`modern`), or what the server is found to speak, the latter first; default `automatic`
 * @property {import("./answers.js").ClientHandlers} [handlers] what the server may ask of this client
 * @property {"withheld" | "sent"} [handshakeToken] whether the handshake carries a token; default `withheld`: a server
 *   that asks for one gets a fresh one at once
 * @property {number | null} [maximumAge] seconds a token may be old; null for any age; default 300
 * @property {number} [refusedKeyMemory] seconds for which the tokens of a refused key are not even sent; default 60
 * @property {{ handshake?: number, call?: number, maximumCall?: number, refresh?: number, maximumWait?: number }}
 *   [timeouts] in seconds: a handshake (30), a call without progress (60) and in all (600), a token (30), and the
 *   longest wait that a server may ask for (30)
 * @property {number} [maximumReplySize] bytes; default 16 MiB
 * @property {number} [maximumBusyRetries] how often a request is sent again because the server was busy; default 2
 * @property {number} [maximumInputRounds] how often a server may want input before it gives a result; default 10
 * @property {number} [maximumPages] how many pages of one list are read; default 100
 * @property {number} [maximumListLength] how many items of one list are kept; default 10,000
 * @property {RequestCredentials} [credentials] whether cookies go along; default `omit`
 * @property {typeof fetch} [fetch]
 * @property {import("./clock.js").Clock} [clock]
 * @property {import("./ambient.js").Ambient} [ambient] what the page offers, replaced in tests
 * @property {import("./era-verdicts.js").EraVerdicts} [verdicts] which servers are known to be of the legacy era; by
 *   default what all clients of the page know
 * @property {import("./logger.js").LogLevel} [logLevel] what is written to the console; default `info`
 * @property {AbortSignal} [signal] closes the client when it is aborted
 */

/**
 * The options with their defaults.
 * @param {MCPClientOptions} options
 */
export function clientSettings(options) {
    const ambient = ambientOf({ ...options.ambient, ...(options.fetch && { fetch: options.fetch }) });
    const era = options.era ?? "automatic";
    if (!["automatic", "legacy", "modern"].includes(era)) {
        throw new TypeError("era must be one of automatic, legacy, modern");
    }
    const { handshake = 30, call = 60, maximumCall = 600, refresh = 30, maximumWait = 30 } = options.timeouts ?? {};
    return {
        ambient, clock: options.clock ?? systemClock, ...addressOf(options.url, ambient.location),
        credentials: options.credentials, logLevel: options.logLevel ?? "info",
        clientInfo: options.clientInfo ?? { name: "vestibule-js", version: "0.1.0" },
        era, handlers: options.handlers ?? {}, verdicts: options.verdicts ?? pageVerdicts,
        handshakeTimeout: handshake, refreshTimeout: refresh, maximumReplySize: options.maximumReplySize ?? 16 << 20,
        maximumPages: options.maximumPages ?? 100, maximumListLength: options.maximumListLength ?? 10_000,
        rules: {
            handshakeToken: options.handshakeToken ?? "withheld", callTimeout: call, maximumCallDuration: maximumCall,
            maximumWait, maximumBusyRetries: options.maximumBusyRetries ?? 2,
            maximumInputRounds: options.maximumInputRounds ?? 10,
        },
    };
}

/** @typedef {ReturnType<typeof clientSettings>} ClientSettings */

/**
 * The address, or what is wrong with it: told by the first request, as every other failure.
 * @param {string | URL} url
 * @param {{ origin: string, href: string, protocol: string } | null} location
 * @returns {{ address: ServerAddress, addressError: MCPClientError | null }}
 */
function addressOf(url, location) {
    try {
        return { address: new ServerAddress(url, location), addressError: null };
    } catch (error) {
        const address = new ServerAddress("http://invalid.invalid/", null);
        return { address, addressError: /** @type {MCPClientError} */ (error) };
    }
}
