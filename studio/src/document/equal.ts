/** Are two JSON values equal? The order of the names of an object does not matter, and an absent name is undefined. */

export function equal(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one === "number" && typeof other === "number") return one === other; // 0 and -0
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const left = named(one);
  const right = named(other);
  return (
    left.length === right.length &&
    left.every(([name, value]) => Object.hasOwn(other, name) && equal(value, (other as Record<string, unknown>)[name]))
  );
}

function named(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, content]) => content !== undefined);
}
