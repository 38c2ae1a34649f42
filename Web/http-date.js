// The dates of HTTP headers (RFC 9110 §5.6.7), in the one form that senders must use: `Sun, 06 Nov 1994 08:49:37 GMT`.

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * @param {string | null | undefined} text
 * @returns {number | null} seconds since 1970
 */
export function parseHTTPDate(text) {
    const match = /^ *[A-Za-z]{3}, +(\d\d?) +([A-Z][a-z]{2}) +(\d{4}) +(\d\d):(\d\d):(\d\d) +GMT *$/.exec(text ?? "");
    if (match === null) return null;
    const [day, year, hour, minute, second] = [1, 3, 4, 5, 6].map((group) => Number(match[group]));
    const month = months.indexOf(match[2] ?? "");
    if (month < 0 || day === undefined || year === undefined || hour === undefined || hour > 23
        || minute === undefined || minute > 59 || second === undefined || second > 60) return null;
    const time = new Date(Date.UTC(year, month, day, hour, minute, second));
    return second < 60 && time.getUTCDate() !== day ? null : time.getTime() / 1000;
}
