import { MCPClientError } from "./errors.js";
import { protocolCodes } from "./protocol-codes.js";

/** How often in a row a stream is opened on which nothing comes, before it is given up. */
const maximumFruitless = 10;
/** The longest of the pauses in between, in seconds. They begin with one second, and double. */
const maximumPause = 30;
/** Seconds after which a stream was worth its while, even where nothing came on it. */
const longLife = 60;

/**
 * Keeps a stream of changes open: opens it again when it is lost or has ended in good order, as when a token expires.
 * @param {(heard: () => void) => Promise<void>} listen opens it once, and returns when it has ended
 * @param {import("./clock.js").Clock} clock
 * @param {AbortSignal} signal
 * @returns {Promise<never>}
 * @throws what a stream was refused with, or lost by where it is lost again and again
 */
export async function keepListening(listen, clock, signal) {
    for (let fruitless = 0;;) {
        const began = clock.monotonic();
        let isHeard = false;
        /** @type {unknown} */
        let loss = null;
        try {
            await listen(() => { isHeard = true; });
        } catch (error) {
            if (signal.aborted) throw signal.reason;
            if (!isLoss(error)) throw error;
            loss = error;
        }
        if (signal.aborted) throw signal.reason;
        fruitless = isHeard || clock.monotonic() - began >= longLife ? 0 : fruitless + 1;
        if (fruitless > maximumFruitless) {
            throw loss ?? new MCPClientError("connection", "the server ends the stream of changes again and again");
        }
        await clock.sleep(Math.min(maximumPause, 2 ** Math.max(0, fruitless - 1)), { signal });
    }
}

/** @param {unknown} error */
function isLoss(error) {
    if (!(error instanceof MCPClientError)) return false;
    const { code, status, rpcError } = error;
    // A stream of a session that is lost is resumed in vain; a method that is not there stays away.
    if (status === 404) return rpcError?.code !== protocolCodes.methodNotFound;
    return ["connection", "outcomeUnknown", "timeout", "busy"].includes(code);
}
