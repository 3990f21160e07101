/** Correcting one line: what was said and who says it; text that is not sent yet stays in the tab. */

import { el, fill } from "./dom";
import { keep, kept } from "./store";
import type { Ask, CallData, Role, Turn } from "./types";

const ROLES: Role[] = ["agent", "customer", "ivr", "other"];

export const editKey = (call: number, turn: number): string => `edit.${call}.${turn}`;

/** The form in place of a line. ``word`` is the number of the word to select. */
export function editor(data: CallData, turn: Turn, ask: (what: Ask) => void, close: () => void, word: number | null): HTMLElement {
  const { words } = data;
  const key = editKey(data.call, turn.i);
  const field = el("textarea", { rows: 2, maxlength: 10000, "aria-label": words["edit_text"], title: words["edit_hint"] });
  field.value = kept(key) || turn.text;
  field.addEventListener("input", () => keep(key, field.value));
  const role = el("select", { "aria-label": words["edit_role"] }, ...ROLES.map((name) => el("option", { value: name, selected: name === turn.role }, words[`role_${name}`])));
  const same = data.turns.filter((other) => other.voice === turn.voice).length;
  const scope = el(
    "select",
    { class: "scope", "aria-label": words["edit_role"] },
    el("option", { value: "line" }, words["scope_line"]),
    same > 1 && el("option", { value: "voice" }, fill(words["scope_voice"], { n: same })),
    el("option", { value: "swap" }, words["scope_swap"]),
  );
  const swapped = (): boolean => scope.value === "swap";
  scope.addEventListener("change", () => (role.disabled = field.disabled = swapped()));
  const send = (): void => {
    const what: Ask = { do: "correct", turn: turn.i, version: data.version, scope: scope.value };
    if (!swapped()) {
      if (field.value.trim() !== turn.text) what["text"] = field.value;
      if (role.value !== turn.role) what["role"] = role.value;
      if (what["text"] === undefined && what["role"] === undefined) return leave();
    }
    ask(what);
  };
  const leave = (): void => {
    keep(key, "");
    close();
  };
  const box = el(
    "div",
    { class: "editor" },
    field,
    el("div", { class: "choices" }, role, scope, el("button", { type: "button", class: "main", click: send }, words["edit_save"]), el("button", { type: "button", class: "quiet", click: leave }, words["cancel"]), el("span", { class: "why" }, words["edit_hint"])),
  );
  box.addEventListener("click", (event) => event.stopPropagation());
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    if (event.key === "Enter" && !event.shiftKey && event.target === field) {
      event.preventDefault();
      send();
    }
  });
  window.setTimeout(() => {
    field.focus();
    const spans = [...field.value.matchAll(/\S+/g)];
    const at = word === null ? undefined : spans[word];
    if (at) field.setSelectionRange(at.index, at.index + at[0].length);
  });
  return box;
}
