// <vestibule-indicator> and <vestibule-panel>: the state of a page's MCP client, and what it sent. One script tag:
//
//     <script type="module" src="…/devtools.js"></script>
//
// They find the page's first client by themselves; `element.client = client` chooses another.

import { IndicatorElement } from "./devtools/indicator.js";
import { PanelElement } from "./devtools/panel.js";

/** Defines the elements, where there are elements and nobody has yet. */
export function defineElements() {
    const registry = globalThis.customElements;
    if (!registry) return;
    if (!registry.get("vestibule-indicator")) registry.define("vestibule-indicator", IndicatorElement);
    if (!registry.get("vestibule-panel")) registry.define("vestibule-panel", PanelElement);
}

defineElements();
