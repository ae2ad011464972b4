/** What a screen shows stands in its address, so that a filter can be linked to and survives a reload. */
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useCallback } from "react";

export type Change = Readonly<Record<string, string | undefined>>;

/** The query string, and a function that changes some of it; undefined takes a parameter away. Needs a <Suspense> above. */
export function useUrlState(): [Pick<URLSearchParams, "get">, (change: Change) => void] {
  const router = useRouter();
  const path = usePathname();
  const found = useSearchParams();
  const change = useCallback(
    (wish: Change) => {
      const next = new URLSearchParams(found.toString());
      for (const [name, value] of Object.entries(wish)) value ? next.set(name, value) : next.delete(name);
      const query = next.toString();
      router.replace(query ? `${path}?${query}` : path, { scroll: false });
    },
    [found, path, router],
  );
  return [found, change];
}

/** The value of a parameter if it is one of these. */
export function oneOf<T extends string>(value: string | null, allowed: readonly T[]): T | undefined {
  return allowed.find((each) => each === value);
}
