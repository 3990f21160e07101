/** Two small plots over the call, minute by minute: who talks how much, and how fast. */

import { clock, el, fill } from "./dom";
import type { CallData } from "./types";

const MINUTE_S = 60;
const LEAST_PACE = 60;
const MOST_PACE = 260;
/** A shorter call has no course to show. */
const SHORTEST_S = 120;

type Play = (seconds: number) => void;

/** The rows, or none where nothing is measured. */
export function plots(data: CallData, play: Play): HTMLElement[] {
  const rows: HTMLElement[] = [];
  if (data.duration < SHORTEST_S) return rows;
  const { words } = data;
  const row = (name: string, kind: string, ...children: Node[]): HTMLElement =>
    el("div", { class: `lane plot ${kind}` }, el("span", { class: "lane-name" }, words[name]), el("div", { class: "track" }, ...children));
  if (data.plots.talk_share) rows.push(row("talk_share", "share", ...shares(data, data.plots.talk_share, play)));
  if (data.plots.agent_pace || data.plots.customer_pace) rows.push(row("pace", "pace", ...paces(data, play)));
  return rows;
}

function place(data: CallData, minute: number): { style: string; from: number; to: number } {
  const from = minute * MINUTE_S;
  const to = Math.min(from + MINUTE_S, data.duration);
  const left = (from / data.duration) * 100;
  return { style: `left:${left.toFixed(3)}%;width:${Math.max(0, ((to - from) / data.duration) * 100).toFixed(3)}%`, from, to };
}

function column(data: CallData, minute: number, label: string, play: Play, ...children: Node[]): HTMLElement {
  const { style, from } = place(data, minute);
  return el("button", { type: "button", class: "minute", style, title: label, "aria-label": label, tabindex: -1, click: () => play(from) }, ...children);
}

function shares(data: CallData, values: (number | null)[], play: Play): HTMLElement[] {
  const found: HTMLElement[] = [];
  values.forEach((share, minute) => {
    const { from, to } = place(data, minute);
    if (share === null || to <= from) return;
    const agent = Math.round(share * 100);
    const label = fill(data.words["plot_share"], { from: clock(from), to: clock(to), a: agent, c: 100 - agent });
    found.push(column(data, minute, label, play, el("i", { class: "talk customer", style: `height:${100 - agent}%` }), el("i", { class: "talk agent", style: `height:${agent}%` })));
  });
  found.push(el("i", { class: "half", "aria-hidden": "true" }));
  return found;
}

function paces(data: CallData, play: Play): (HTMLElement | SVGElement)[] {
  const drawing = svg("svg", { viewBox: "0 0 1000 100", preserveAspectRatio: "none", "aria-hidden": "true" });
  const found: (HTMLElement | SVGElement)[] = [drawing];
  const told = new Map<number, string[]>();
  for (const role of ["agent", "customer"] as const) {
    const points: string[] = [];
    (data.plots[`${role}_pace`] ?? []).forEach((pace, minute) => {
      const { from, to } = place(data, minute);
      if (pace === null || to <= from) return;
      const x = ((from + to) / 2 / data.duration) * 100;
      const y = 100 - ((Math.min(Math.max(pace, LEAST_PACE), MOST_PACE) - LEAST_PACE) / (MOST_PACE - LEAST_PACE)) * 100;
      points.push(`${(x * 10).toFixed(1)},${y.toFixed(1)}`);
      found.push(el("i", { class: `dot ${role}`, style: `left:${x.toFixed(3)}%;top:${y.toFixed(1)}%`, "aria-hidden": "true" }));
      const who = data.words[`role_${role}`] ?? role;
      told.set(minute, [...(told.get(minute) ?? []), fill(data.words["plot_pace"], { from: clock(from), to: clock(to), who, n: Math.round(pace) })]);
    });
    drawing.append(svg("polyline", { points: points.join(" "), class: `line ${role}` }));
  }
  for (const [minute, lines] of told) found.push(column(data, minute, lines.join("\n"), play));
  return found;
}

function svg(tag: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
