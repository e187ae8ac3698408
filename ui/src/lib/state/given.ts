/** A photo to search with, from wherever on the page it was chosen, dropped or pasted, on its way to the Lens page. */
import { to } from "../router/places.ts";
import { router } from "../router/router.svelte.ts";

let given: File | null = null;

/** Goes to the Lens page with a photo. */
export function searchWith(photo: File): void {
  given = photo;
  router.go(to.lens());
}

/** Returns the photo that was given, once; null: none was. */
export function takeGiven(): File | null {
  const photo = given;
  given = null;
  return photo;
}
