/** Who is signed in. The session itself is a cookie that no script can read; what is kept here is for showing. */
import { api, type Me, must, whenSignedOut } from "../api/client.ts";
import { to } from "../router/places.ts";
import { router } from "../router/router.svelte.ts";
import { forget } from "./memory.svelte.ts";
import { toasts } from "./toasts.svelte.ts";

const HINT = "bowerbird:me";

function hint(): Me | null {
  try {
    return JSON.parse(localStorage.getItem(HINT) ?? "null") as Me | null;
  } catch {
    return null;
  }
}

class Session {
  /** Null: nobody. As of the last visit until the server has answered. */
  me = $state.raw<Me | null>(hint());

  /** Asks the server who is signed in, if somebody was. */
  async start(): Promise<void> {
    whenSignedOut(() => this.#ended());
    addEventListener("storage", (event) => {
      if (event.key === HINT) location.reload();
    });
    if (this.me !== null) await this.refresh();
  }

  async refresh(): Promise<void> {
    try {
      this.set(await must(api.GET("/v1/me")));
    } catch {
      // Whoever is signed out was told by now; offline, the last visit's answer stands.
    }
  }

  set(me: Me | null): void {
    this.me = me;
    if (me === null) localStorage.removeItem(HINT);
    else localStorage.setItem(HINT, JSON.stringify(me));
  }

  /** Notes a new session and goes where its owner was going. */
  begin(me: Me): void {
    forget();
    this.set(me);
    const next = new URLSearchParams(location.search).get("next") ?? this.#here();
    router.go(next.startsWith("/") && !next.startsWith("//") ? next : to.home, { replace: true });
  }

  /** Whoever signed in where a page should have been goes on there. */
  #here(): string {
    const { page } = router.place;
    return page === "sign-in" || page === "sign-up" ? to.home : location.pathname;
  }

  async signOut(): Promise<void> {
    await must(api.DELETE("/v1/sessions/{session}", { params: { path: { session: "current" } } }));
    this.leave();
  }

  /** Forgets who was signed in, and shows the door. */
  leave(): void {
    forget();
    this.set(null);
    router.go(to.home);
  }

  #ended(): void {
    if (this.me === null) return;
    forget();
    this.set(null);
    const next = encodeURIComponent(location.pathname);
    router.go(`${to.signIn}?next=${next}`);
    toasts.say("You were signed out. Sign in to go on.");
  }
}

export const session = new Session();
