/** Counts and prices as people read them. */

export function short(count: number): string {
  return count < 1000 ? String(count) : `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)}k`;
}

/** US dollars; what is less than a cent keeps two digits that mean something. */
export function dollars(cost: number): string {
  return `$${cost >= 0.01 ? cost.toFixed(2) : cost.toFixed(4)}`;
}
