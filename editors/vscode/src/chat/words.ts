/** Times and texts in a few words. */

const LONGEST = 80;

/** The beginning of a text, in one line. */
export function brief(text: string, longest = LONGEST): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length <= longest ? line : `${line.slice(0, longest - 1).trimEnd()}…`;
}

/** How long ago a time of the protocol is, as people say it. */
export function since(time: string): string {
  const seconds = (Date.now() - Date.parse(time)) / 1000;
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (seconds < 60) {
    return "just now";
  }
  if (seconds < 3600) {
    return words.format(-Math.floor(seconds / 60), "minute");
  }
  return seconds < 86_400 ? words.format(-Math.floor(seconds / 3600), "hour") : words.format(-Math.floor(seconds / 86_400), "day");
}
