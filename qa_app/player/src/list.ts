/** A list whose lines open something: a table on a desk, cards on a phone, by mouse or keyboard. */

import { el } from "./dom";
import type { Mount } from "./types";

interface Cell {
  text: string;
  tone?: string;
  sub?: string;
  share?: number | null;
}

interface ListData {
  label: string;
  columns: { name: string; kind?: string }[];
  rows: { id: number; label: string; cells: Cell[] }[];
}

export default function (mount: Mount<ListData>): void {
  const { data, parentElement: box } = mount;
  const host = (box.querySelector<HTMLElement>(".rapport-list") ?? box) as HTMLElement;
  const held = box instanceof ShadowRoot ? box.activeElement?.closest("tr")?.getAttribute("data-id") : null;
  const open = (id: number): void => mount.setTriggerValue("open", id);
  const rows = data.rows.map((row) => {
    const line = el("tr", { "data-id": row.id });
    row.cells.forEach((cell, i) => {
      const column = data.columns[i];
      const content = i === 0 ? el("button", { type: "button", class: "open", "aria-label": row.label, click: () => open(row.id) }, cell.text) : cell.tone ? el("span", { class: `tone ${cell.tone}` }, cell.text) : cell.text;
      const td = el("td", { class: column?.kind ?? null, "data-name": column?.name }, content, cell.sub && el("small", {}, cell.sub));
      if (cell.share !== undefined && cell.share !== null) td.append(el("i", { class: "bar", style: `--share:${cell.share}`, "aria-hidden": "true" }));
      line.append(td);
    });
    line.addEventListener("click", (event) => {
      if (!(event.target instanceof HTMLButtonElement) && !window.getSelection()?.toString()) open(row.id);
    });
    line.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
      if (!step) return;
      const at = rows.indexOf(line);
      rows[at + step]?.querySelector<HTMLElement>("button")?.focus();
      event.preventDefault();
    });
    return line;
  });
  host.replaceChildren(
    el(
      "table",
      { "aria-label": data.label },
      el("thead", {}, el("tr", {}, ...data.columns.map((column) => el("th", { scope: "col", class: column.kind ?? null }, column.name)))),
      el("tbody", {}, ...rows),
    ),
  );
  if (held) host.querySelector<HTMLElement>(`tr[data-id="${held}"] button`)?.focus();
}
