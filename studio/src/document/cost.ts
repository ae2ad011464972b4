/** What is the sum of several prices? Amounts are decimal strings and are added as whole numbers, never as floats. */

export interface Cost {
  amount: string;
  currency: string;
}

/** The sums by currency. Raises RangeError for what is no amount. */
export function sum(costs: Iterable<Cost>): { [currency: string]: string } {
  const totals: { [currency: string]: string } = {};
  for (const { amount, currency } of costs) totals[currency] = add(totals[currency] ?? "0", amount);
  return totals;
}

/** The exact sum of two amounts, without zeros at the end. */
export function add(one: string, other: string): string {
  const scale = Math.max(scaleOf(one), scaleOf(other));
  return written(units(one, scale) + units(other, scale), scale);
}

/** Negative when the first amount is less, positive when it is more. */
export function compare(one: string, other: string): number {
  const scale = Math.max(scaleOf(one), scaleOf(other));
  const difference = units(one, scale) - units(other, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function scaleOf(amount: string): number {
  if (!/^-?\d{1,30}(\.\d{1,30})?$/.test(amount)) throw new RangeError(`no amount: ${amount.slice(0, 40)}`);
  return amount.split(".")[1]?.length ?? 0;
}

function units(amount: string, scale: number): bigint {
  const [whole = "0", part = ""] = amount.split(".");
  return BigInt(whole + part.padEnd(scale, "0"));
}

function written(number: bigint, scale: number): string {
  const sign = number < 0n ? "-" : "";
  const digits = (number < 0n ? -number : number).toString().padStart(scale + 1, "0");
  const [whole, part] = [
    digits.slice(0, digits.length - scale),
    digits.slice(digits.length - scale).replace(/0+$/, ""),
  ];
  return sign + whole + (part ? `.${part}` : "");
}
