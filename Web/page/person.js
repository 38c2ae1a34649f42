import { element } from "../devtools/dom.js";
import { shown } from "../devtools/words.js";
import { signInAddress } from "./session.js";

/**
 * Who is signed in, in the head of the page.
 *
 * @param {HTMLElement} place
 * @param {import("./session.js").BrowserSession | null} session `null` where the server could not be asked.
 * @param {() => void} signOut
 */
export function showPerson(place, session, signOut) {
    if (session === null) {
        place.replaceChildren();
        return;
    }
    if (!session.signed_in) {
        const address = signInAddress(session);
        place.replaceChildren(
            address
                ? element("a", { class: "button primary small", href: address }, "Sign in")
                : element("span", { class: "muted" }, "Not signed in"),
        );
        return;
    }
    const name = session.name || session.subject || "";
    place.replaceChildren(
        element(
            "span", { class: "who" },
            element("span", { class: "initial", "aria-hidden": "true" }, initial(name)),
            element("span", { class: "name" }, element("span", { class: "unseen" }, "Signed in as "), shown(name, 60)),
        ),
        element("button", { type: "button", class: "button small", click: signOut }, "Sign out"),
    );
}

/** @param {string} name */
function initial(name) {
    return (Array.from(name.trim())[0] ?? "?").toUpperCase();
}
