// The front page: an MCP client with everything that it does in view.

import { DynamicAuthManager, MCPClient } from "../vestibule.js";
import "../devtools.js";
import { element } from "../devtools/dom.js";
import { shown } from "../devtools/words.js";
import { withoutTokens } from "../words.js";
import { chosenEra } from "./era.js";
import { showFacts } from "./facts.js";
import { notice } from "./notices.js";
import { showPerson } from "./person.js";
import { showReplay } from "./replay.js";
import { readSession } from "./session.js";
import { ToolBench } from "./tools.js";

/** @type {import("./session.js").BrowserSession | null} */
let session = null;

const announcements = byId("announcements");
const person = byId("person");

/** @param {string} text */
function announce(text) {
    announcements.textContent = text;
}

try {
    session = await readSession();
} catch (error) {
    sayTrouble("The server does not say who is signed in. Load the page again.", error);
    throw error;
}

// The page's own origin, whatever other name the server is known by.
const url = new URL(new URL(session.endpoint ?? session.resource, location.href).pathname, location.origin).href;
const tokens = new DynamicAuthManager({ url, tokenEndpoint: "/auth/token" });
const client = new MCPClient({
    url, tokens, clientInfo: { name: "vestibule-page", version: "1" }, logLevel: "info", era: chosenEra(location.search),
});

/** @type {any} */ (byId("indicator")).client = client;
/** @type {any} */ (byId("panel")).client = client;
const showFactsAnew = showFacts(byId("session"), client, () => session);
const bench = new ToolBench(byId("tools-body"), client, () => session, announce);

/**
 * @param {string} title
 * @param {unknown} error
 */
function sayTrouble(title, error) {
    byId("trouble").replaceChildren(notice("is-bad", "warning", title, [
        element("p", { class: "said" }, withoutTokens(shown(error instanceof Error ? error.message : error))),
    ]));
}

async function open() {
    bench.showWaiting();
    try {
        // Signed out, there is nothing to wait for: the first call that needs a token will tell.
        await (session?.signed_in ? client.connect() : client.initialize());
        bench.show(await client.listTools());
    } catch (error) {
        bench.showFailure(error, () => void open());
    }
}

async function signOut() {
    try {
        await tokens.signOut();
        announce("Signed out");
        byId("trouble").replaceChildren();
    } catch (error) {
        sayTrouble("The server did not confirm the sign-out. This page has forgotten its token all the same.", error);
    }
    await followSession();
}

/** Asks who is signed in, here or by another tab, and shows it with the tools of that person. */
async function followSession() {
    try {
        const now = await readSession();
        const isOther = now.signed_in !== session?.signed_in || now.subject !== session?.subject;
        session = now;
        if (!isOther) return;
        showSession();
        // What the former person saw is nobody else's business, and the next one may have other tools.
        await open();
    } catch {
        // The indicator says that the server is away.
    }
}

function showSession() {
    showPerson(person, session, () => void signOut());
    byId("to-operate").hidden = session?.operator !== true;
    showReplay(byId("replay-body"), session, announce);
    showFactsAnew();
}

tokens.addEventListener("signedout", () => void followSession());
document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void followSession();
});
showSession();
await open();

/** @param {string} id */
function byId(id) {
    const found = document.getElementById(id);
    if (!found) throw new Error(`The page has no ${id}.`);
    return found;
}
