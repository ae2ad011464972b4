/** An amount with its currency, exact to the last digit that Pixel gives. */
import { useLocale } from "use-intl";

const DIGITS = 6;

/** Writes `{amount: "0.036", currency: "CNY"}` as ¥0.036: two digits at least, and no more than there are. */
export function useMoney(): (money: { amount: string | number; currency: string }) => string {
  const locale = useLocale();
  return ({ amount, currency }) =>
    new Intl.NumberFormat(locale, {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: 2,
      maximumFractionDigits: DIGITS,
    }).format(amount as number); // a string is formatted exactly; TypeScript's library does not know it yet
}
