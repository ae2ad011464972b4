/** How long are answers kept, how often is a question repeated, and what happens when the session has run out? */
import { MutationCache, QueryCache, QueryClient, type QueryKey } from "@tanstack/react-query";
import { ApiError } from "./client";
import { useSession } from "./session";

const TRIES = 3;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: noticeSignedOut, onSuccess: (_, { queryKey }) => noticeSignedIn(queryKey) }),
    mutationCache: new MutationCache({ onError: noticeSignedOut }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < TRIES && worthAnotherTry(error),
        retryDelay: (failures) => Math.min(1_000 * 2 ** failures, 10_000),
      },
      mutations: { retry: false },
    },
  });
}

function worthAnotherTry(error: Error): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status === 429 || error.status >= 500;
}

function noticeSignedOut(error: Error): void {
  if (error instanceof ApiError && error.status === 401) useSession.getState().ranOut();
}

/** Who is signed in is told only to those who are. */
function noticeSignedIn([question]: QueryKey): void {
  if (question === "session" && !useSession.getState().before) useSession.getState().signedIn();
}
