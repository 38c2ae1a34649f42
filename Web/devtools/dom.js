// Building documents without markup in strings: text is text, whoever wrote it.

const svgNamespace = "http://www.w3.org/2000/svg";

/**
 * An element with attributes and children. Strings become text nodes; `null`, `undefined` and `false` are left out.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} [attributes]
 *   `class`, `aria-…` and so on; a function listens to the event of that name; `true` is the bare attribute, `false`,
 *   `null` and `undefined` leave it out.
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    furnish(made, attributes, children);
    return made;
}

/**
 * The same for SVG.
 *
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} [attributes]
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {SVGElementTagNameMap[Name]}
 */
export function svg(name, attributes = {}, ...children) {
    const made = document.createElementNS(svgNamespace, name);
    furnish(made, attributes, children);
    return made;
}

/**
 * @param {Element} made
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} attributes
 * @param {(Node | string | number | null | undefined | false)[]} children
 */
function furnish(made, attributes, children) {
    for (const [attribute, value] of Object.entries(attributes)) {
        if (typeof value === "function") made.addEventListener(attribute, value);
        else if (value === true) made.setAttribute(attribute, "");
        else if (value !== false && value !== null && value !== undefined) made.setAttribute(attribute, String(value));
    }
    for (const child of children) {
        if (child === null || child === undefined || child === false) continue;
        made.append(typeof child === "number" ? String(child) : child);
    }
}

/**
 * A link to another page, or its mere text where the address is not http or https.
 *
 * @param {string} address
 * @param {string} text
 * @returns {HTMLElement}
 */
export function outsideLink(address, text) {
    const url = webAddress(address);
    if (url === null) return element("span", {}, text);
    return element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}

/**
 * @param {unknown} address
 * @returns {string | null} The address where it is http or https, relative ones made absolute.
 */
export function webAddress(address) {
    if (typeof address !== "string") return null;
    try {
        const url = new URL(address, document.baseURI);
        return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
    } catch {
        return null;
    }
}

/**
 * Offers a text as a file.
 *
 * @param {string} name
 * @param {string} text
 * @param {string} type Its media type.
 */
export function download(name, text, type) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    const link = element("a", { href: address, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const paths = {
    check: "M3.5 8.5l3 3 6-7",
    cross: "M4 4l8 8M12 4l-8 8",
    ring: "M8 2.75a5.25 5.25 0 1 1 0 10.5a5.25 5.25 0 1 1 0-10.5z",
    turning: "M13.25 8a5.25 5.25 0 1 1-1.6-3.77M12 1.75v2.8h-2.8",
    dots: "M3.5 8h.01M8 8h.01M12.5 8h.01",
    warning: "M8 2.5l6 10.75H2zM8 6.75v3M8 11.5h.01",
    door: "M3 13.5h10M4.5 13.5V5.75a3.5 3.5 0 0 1 7 0v7.75M9.25 8.75h.01",
    key: "M6.75 9.25a3 3 0 1 1-.01-.01zM7 9l5.5-5.5M10.5 5.5l1.75 1.75",
    download: "M8 2.5v7.5M4.75 7L8 10.25L11.25 7M3 13.25h10",
    folder: "M2 12.5v-8.5h4.5l1.5 1.75h6v6.75z",
    file: "M4 2.25h5.25L12 5v8.75H4zM9 2.5v2.75h2.75",
    play: "M5 3.25v9.5l7.5-4.75z",
};

/**
 * A small line drawing in the colour of the text; it says nothing that the text beside it does not say.
 *
 * @param {keyof typeof paths} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
    return svg(
        "svg",
        { class: `icon icon-${name}`, viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
        svg("path", {
            d: paths[name], fill: "none", stroke: "currentColor", "stroke-width": 1.75, "stroke-linecap": "round",
            "stroke-linejoin": "round",
        }),
    );
}
