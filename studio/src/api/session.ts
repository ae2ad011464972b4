/** Is somebody signed in? Only what all screens have to know of it; the session itself is a cookie that no script reads. */
import { create } from "zustand";

type Session = {
  /** Pixel has answered 401: whoever sits here has to sign in (again) before anything is sent. */
  needed: boolean;
  /** Somebody was signed in here since the page was opened: it is not for the first time. */
  before: boolean;
  /** Called wherever Pixel answers 401. */
  ranOut: () => void;
  signedIn: () => void;
};

export const useSession = create<Session>((set) => ({
  needed: false,
  before: false,
  ranOut: () => set({ needed: true }),
  signedIn: () => set({ needed: false, before: true }),
}));
