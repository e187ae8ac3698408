/** Who is signed in. The session itself is a cookie that no script can read; what is kept here is for showing. */
import { api, type Me, must, whenSignedOut } from "../api/client.ts";
import { nextOf, to } from "../router/places.ts";
import { router } from "../router/router.svelte.ts";
import { forget } from "./memory.svelte.ts";
import { passed } from "./passed.svelte.ts";
import { recent } from "./recent.svelte.ts";
import { toasts } from "./toasts.svelte.ts";

const HINT = "bowerbird:me";

function hint(): Me | null {
  try {
    return JSON.parse(localStorage.getItem(HINT) ?? "null") as Me | null;
  } catch {
    return null;
  }
}

/** Whether the page is one of those at which people sign in or up. */
function atDoor(): boolean {
  return router.place.page === "sign-in" || router.place.page === "sign-up";
}

class Session {
  /** Null: nobody, as far as is known. As of the last visit until the server has answered. */
  me = $state.raw<Me | null>(hint());

  /** Asks the server who is signed in: the cookie may be there without what is kept here, and the other way round. */
  async start(): Promise<void> {
    whenSignedOut(() => this.#ended());
    addEventListener("storage", (event) => {
      if (event.key === HINT) this.#changedElsewhere();
    });
    try {
      this.set(await must(api.GET("/v1/me")));
      if (atDoor()) this.#goOn();
    } catch {
      // Whoever was signed out has been told by now; offline, the last visit's answer stands.
    }
  }

  /** Another tab wrote: somebody else is there, or the same person looks different. */
  #changedElsewhere(): void {
    const now = hint();
    if (now?.id === this.me?.id) this.me = now;
    else location.reload();
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
    this.#goOn();
  }

  /** Whoever signed in where a page should have been goes on there. */
  #goOn(): void {
    router.go(atDoor() ? nextOf(location.search) || to.home : router.here, { replace: true });
  }

  async signOut(): Promise<void> {
    await must(api.DELETE("/v1/sessions/{session}", { params: { path: { session: "current" } } }));
    this.leave();
  }

  /** Forgets who was signed in, and shows the door. */
  leave(): void {
    this.#forgetAll();
    router.go(to.home);
  }

  #forgetAll(): void {
    forget();
    recent.clear();
    passed.forget();
    this.set(null);
  }

  #ended(): void {
    if (this.me === null) return;
    this.#forgetAll();
    router.go(to.signIn(router.here));
    toasts.say("You were signed out. Sign in to go on.");
  }
}

export const session = new Session();
