import { element } from "../devtools/dom.js";
import { shown } from "../devtools/words.js";

/** Pictures that browsers draw. An SVG in an `img` runs no script and loads nothing. */
const pictureTypes = new Set([
    "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "image/svg+xml",
]);

/**
 * @param {unknown} type A media type.
 * @returns {boolean}
 */
export function isPicture(type) {
    return typeof type === "string" && pictureTypes.has(bare(type));
}

/**
 * A picture from base64; a line of text where it cannot be drawn.
 *
 * @param {string} data
 * @param {string} type
 * @param {string} name What it is called.
 * @returns {HTMLElement}
 */
export function picture(data, type, name) {
    const caption = element("figcaption", { class: "muted" });
    const image = element("img", { alt: shown(name, 200), decoding: "async" });
    const figure = element("figure", { class: "picture" }, element("div", { class: "mat" }, image), caption);
    image.addEventListener("load", () => {
        // What has no size of its own, as many an SVG, would shrink to nothing.
        image.width = image.naturalWidth;
        caption.textContent = `${bare(type)}, ${image.naturalWidth} × ${image.naturalHeight} pixels`;
    });
    image.addEventListener("error", () => {
        const line = `What came as ${shown(type, 60)} is not a picture that this browser can draw.`;
        figure.replaceChildren(element("p", { class: "muted" }, line));
    });
    if (isPicture(type) && /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(data)) image.src = `data:${bare(type)};base64,${data}`;
    else image.dispatchEvent(new Event("error"));
    return figure;
}

/** @param {string} type */
function bare(type) {
    return (type.split(";")[0] ?? "").trim().toLowerCase();
}
