/** Whether the window leaves no room for the search box in the header: it then has a page of its own. */
import { MediaQuery } from "svelte/reactivity";

export const narrow = new MediaQuery("max-width: 52rem");
