/** Who does what only one tab may do? Who holds a name, as long as the tab lives.
 *
 * Pages that were loaded by plain http from another machine have no locks; there every tab holds every name. What is
 * done twice then is done under the same ids, so it counts once. */

export interface Hold {
  release(): void;
}

/** Whether a name that is not held shows that a tab is gone. */
export function hasLocks(): boolean {
  return typeof navigator !== "undefined" && navigator.locks !== undefined;
}

/** Hold a name; undefined when somebody else does. With a signal, wait for it until the signal is given. */
export function hold(name: string, wait?: AbortSignal): Promise<Hold | undefined> {
  if (!hasLocks()) return Promise.resolve({ release: () => undefined });
  return new Promise((held) => {
    const request = navigator.locks.request(
      `pixel ${name}`,
      wait ? { signal: wait } : { ifAvailable: true },
      (lock) => {
        if (!lock) return held(undefined);
        return new Promise<void>((release) => held({ release }));
      },
    );
    request.catch(() => held(undefined)); // nobody waits any more
  });
}
