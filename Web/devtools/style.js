// Colours and type of the elements. A page changes them by custom properties; by default they follow its colour scheme.

/** @type {Map<string, CSSStyleSheet>} */
const sheets = new Map();

/**
 * One constructed style sheet for all elements that use the same rules: no inline style, whatever the page's
 * Content-Security-Policy.
 *
 * @param {string} rules
 * @returns {CSSStyleSheet}
 */
export function sheet(rules) {
    let made = sheets.get(rules);
    if (!made) {
        made = new CSSStyleSheet();
        made.replaceSync(rules);
        sheets.set(rules, made);
    }
    return made;
}

export const baseRules = `
:host {
    --font: var(--vestibule-font, -apple-system, "Segoe UI", Inter, Roboto, "Noto Sans", Cantarell, "Liberation Sans",
        sans-serif);
    --mono: var(--vestibule-font-mono, ui-monospace, "SF Mono", "Cascadia Code", "Noto Sans Mono", "Liberation Mono",
        Menlo, Consolas, monospace);
    --surface: var(--vestibule-surface, light-dark(#ffffff, #1b1d20));
    --raised: var(--vestibule-raised, light-dark(#f7f6f3, #24272b));
    --text: var(--vestibule-text, light-dark(#1d1c1a, #eceae6));
    --muted: var(--vestibule-muted, light-dark(#5f5b55, #aba79f));
    --line: var(--vestibule-line, light-dark(#dedad3, #363a3f));
    --edge: var(--vestibule-edge, light-dark(#8c867c, #7d828b));
    --accent: var(--vestibule-accent, light-dark(#0f5c7a, #7cc4e4));
    --accent-soft: var(--vestibule-accent-soft, light-dark(#e4f0f5, #12303d));
    --good: var(--vestibule-good, light-dark(#1b6e37, #79cf92));
    --good-soft: var(--vestibule-good-soft, light-dark(#e6f3e9, #16301f));
    --warn: var(--vestibule-warn, light-dark(#7d5200, #e9b95c));
    --warn-soft: var(--vestibule-warn-soft, light-dark(#fbf0dc, #35290f));
    --bad: var(--vestibule-bad, light-dark(#b3261e, #ff9a8f));
    --bad-soft: var(--vestibule-bad-soft, light-dark(#fcebe9, #3c1c19));
    --radius: var(--vestibule-radius, 8px);
    font-family: var(--font);
    font-size: var(--vestibule-font-size, 0.9375rem);
    line-height: 1.45;
    color: var(--text);
    text-align: start;
}
:host([hidden]), [hidden] { display: none !important; }
*, *::before, *::after { box-sizing: border-box; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.icon { flex: none; width: 1em; height: 1em; }
.mono { font-family: var(--mono); font-size: 0.92em; }
.unseen {
    position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; overflow: hidden;
    clip-path: inset(50%); white-space: nowrap; border: 0;
}
button, input, select { font: inherit; color: inherit; }
button { cursor: pointer; }
`;
