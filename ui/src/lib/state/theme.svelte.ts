/** Light, dark, or as the system has it. `public/theme.js` sets it before the first paint; this lets people choose. */

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "bowerbird:theme";

class ThemeChoice {
  chosen = $state<Theme>(THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? "system");

  choose(theme: Theme): void {
    this.chosen = theme;
    // The browser's own bar has the page's colour.
    for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[data-of]")) {
      const of = meta.dataset["of"] ?? "";
      meta.media = theme === "system" ? `(prefers-color-scheme: ${of})` : of === theme ? "all" : "not all";
    }
    if (theme === "system") {
      localStorage.removeItem(KEY);
      delete document.documentElement.dataset["theme"];
    } else {
      localStorage.setItem(KEY, theme);
      document.documentElement.dataset["theme"] = theme;
    }
  }
}

export const theme = new ThemeChoice();
