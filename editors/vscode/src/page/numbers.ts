/** Counts and prices as people read them, each language in its own way. */

const language = document.documentElement.lang || "en";
const formats = new Map<number, Intl.NumberFormat>();

/** A number with so many digits behind its point. */
export function written(value: number, digits = 0): string {
  const format = formats.get(digits) ?? new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  formats.set(digits, format);
  return format.format(value);
}

export function short(count: number): string {
  return count < 1000 ? written(count) : `${written(count / 1000, count < 10_000 ? 1 : 0)}k`;
}

/** US dollars; what is less than a cent keeps two digits that mean something. */
export function dollars(cost: number): string {
  const digits = cost >= 0.01 ? 2 : 4;
  const format = { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" } as const;
  return new Intl.NumberFormat(language, { ...format, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(cost);
}
