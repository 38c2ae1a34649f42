// The same front end cured: nothing but the client and where its tokens come from.

import { DynamicAuthManager, MCPClient } from "../vestibule.js";
import { storageKey } from "./incident.js";

/**
 * One call, a rotation in mid-session, two calls.
 *
 * @param {{ url: string, tool: string, arguments: Record<string, unknown> }} stage
 * @param {() => Promise<{ token: string, expiresIn?: number }>} getToken
 * @param {() => Promise<void>} rotate
 * @param {(client: import("../vestibule.js").MCPClient) => void} began
 * @returns {Promise<string | null>} What the user is told; `null` where the tool worked each time.
 */
export async function runCure(stage, getToken, rotate, began) {
    const tokens = new DynamicAuthManager({
        getToken, url: stage.url, legacyStorageKeys: [storageKey], logLevel: "silent",
    });
    // As the front end of the incident did, it opens a session: only that differs which cures it.
    const client = new MCPClient({
        url: stage.url, tokens, clientInfo: { name: "vestibule-replay", version: "1" }, logLevel: "silent",
        era: "legacy",
    });
    began(client);
    /** @type {string | null} */
    let failure = null;
    const call = async () => {
        try {
            const result = await client.callTool(stage.tool, stage.arguments);
            if (result.isError) failure = "the tool failed";
        } catch (error) {
            failure = error instanceof Error ? error.message : String(error);
        }
    };
    await call();
    await rotate();
    await call();
    await call();
    await client.close();
    tokens.close();
    return failure;
}
