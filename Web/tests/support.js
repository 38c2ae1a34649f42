import { EraVerdicts } from "../era-verdicts.js";
import { MCPClient } from "../mcp-client.js";
import { FakeClock } from "./fake-clock.js";
import { ScriptedServer } from "./scripted-server.js";

/** A page without surroundings. */
export const nowhere = { location: null, navigator: null, window: null, document: null, BroadcastChannel: null,
    localStorage: null, sessionStorage: null, console: null };

/** A client, a server and a clock of their own for each test. */
export function bench(getToken, options = {}) {
    const clock = options.clock ?? new FakeClock();
    const server = options.server ?? new ScriptedServer(clock);
    const client = new MCPClient({
        url: "http://server.test/mcp", getToken, clock, fetch: server.fetch, logLevel: "silent", era: "legacy",
        verdicts: new EraVerdicts(), ...options,
        ambient: { ...nowhere, ...options.ambient },
    });
    return { clock, server, client };
}

/** A source that delivers what it was told to, in turn, the last again and again, and remembers what it was asked. */
export function scriptedSource(...deliveries) {
    const rest = [...deliveries];
    const source = async (question) => {
        source.questions.push(question);
        const delivery = rest.length > 1 ? rest.shift() : rest[0];
        if (delivery instanceof Error) throw delivery;
        return typeof delivery === "function" ? delivery(question) : delivery;
    };
    source.questions = [];
    return source;
}

/** The error that the promise is rejected with. */
export async function failure(promise) {
    try {
        await promise;
    } catch (error) {
        return error;
    }
    throw new Error("nothing was thrown");
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settled() {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until it is so, as long as that only takes turns. */
export async function until(isSo, what = "it") {
    for (let turn = 0; turn < 2000; turn += 1) {
        if (isSo()) return;
        await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`${what} never came to be`);
}
