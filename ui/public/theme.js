// Runs before the first paint, so that a chosen theme does not flash in from the other.
const chosen = localStorage.getItem("bowerbird:theme");
if (chosen === "light" || chosen === "dark") {
  document.documentElement.dataset.theme = chosen;
  for (const meta of document.querySelectorAll("meta[data-of]")) {
    meta.media = meta.dataset.of === chosen ? "all" : "not all";
  }
}
