/**
 * The server's own places: `rejoinder:/session/ID#MESSAGE`, `rejoinder:/memory/ID`, which opens as a document, and
 * `rejoinder:/pasted/NAME` for pictures that have no file.
 */
export const OWN_SCHEME = "rejoinder";
