// Which era the page speaks with the server. The choice is part of the address, so that it outlives loading the page anew.

import { element } from "../devtools/dom.js";

/** @typedef {"automatic" | "legacy" | "modern"} EraChoice */

/** @type {readonly [EraChoice, string][]} */
const choices = [
    ["automatic", "what the server speaks"], ["modern", "without a session"], ["legacy", "with a session"],
];

/**
 * @param {string} search of the page's address
 * @returns {EraChoice}
 */
export function chosenEra(search) {
    const era = new URLSearchParams(search).get("era");
    return choices.find(([name]) => name === era)?.[0] ?? "automatic";
}

/**
 * The choice as an element: another one loads the page anew.
 *
 * @param {Location} location
 * @returns {HTMLElement}
 */
export function eraChoice(location) {
    const chosen = chosenEra(location.search);
    const select = element(
        "select", { "aria-label": "How to speak with the server" },
        ...choices.map(([name, words]) => element("option", { value: name, selected: name === chosen }, words)),
    );
    select.addEventListener("change", () => {
        const address = new URL(location.href);
        if (select.value === "automatic") address.searchParams.delete("era");
        else address.searchParams.set("era", select.value);
        location.assign(address);
    });
    return select;
}
