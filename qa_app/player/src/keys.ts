/** The keyboard: one table for what a key does and for the help that "?" shows. */

export interface Key {
  keys: string[];
  show: string;
  help: string;
  group: "listen" | "items" | "decide";
  run(): void;
}

const TYPING = new Set(["INPUT", "TEXTAREA", "SELECT"]);

/** Listen until the returned function is called; keys typed into fields are left alone, and while ``covered``
 * (the help lies over the page) only "?" does anything. */
export function listen(keys: Key[], page: HTMLElement, covered: () => boolean): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (!page.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.composedPath()[0];
    if (at instanceof HTMLElement && (TYPING.has(at.tagName) || at.isContentEditable)) return;
    const key = keys.find((k) => k.keys.includes(event.key));
    if (!key || (covered() && event.key !== "?")) return;
    event.preventDefault();
    event.stopPropagation();
    key.run();
  };
  document.addEventListener("keydown", pressed, true);
  return () => document.removeEventListener("keydown", pressed, true);
}
