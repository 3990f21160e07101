/** The call at a glance: who speaks when, talk-over, holds and dead air, evidence and comments, the minutes.
 * Patterns and shapes say what colours say, so that it reads in black and white. */

import { clock, el } from "./dom";
import { plots } from "./plots";
import { tone } from "./scorecard";
import type { CallData, Happening } from "./types";

const OVER = new Set(["overlap", "interruption"]);
const ROOM_FOR_TEXT = 0.07;
const STEPS_S = [10, 30, 60, 120, 300, 600, 1200];
const MOST_TICKS = 12;
const LAST_TICK = 0.97;

type Play = (seconds: number) => void;

export function timeline(data: CallData, play: Play): HTMLElement {
  const box = el("div", { class: "lanes" });
  const length = data.duration || 1;
  const place = (start: number, end: number | null): string => {
    const width = Math.max(0.25, ((Math.max(end ?? start, start) - start) / length) * 100);
    return `left:${((start / length) * 100).toFixed(3)}%;width:${width.toFixed(3)}%`;
  };
  const lane = (name: string, track: HTMLElement, role = ""): HTMLElement => el("div", { class: "lane", "data-role": role }, el("span", { class: "lane-name" }, name), track);
  const happening = (event: Happening): HTMLElement => {
    const start = event.start ?? 0;
    const seconds = event.end !== null && event.end > start ? `${Math.round(event.end - start)} s` : "";
    const label = `${event.label} ${clock(start)}${event.end ? `–${clock(event.end)}` : ""}${seconds && ` (${seconds})`}`;
    // The music of a hold lies under it: the hold alone is named.
    const under = event.kind === "music" && data.events.some((other) => other.kind === "hold" && (other.start ?? 0) < (event.end ?? start) && start < (other.end ?? 0));
    const text = event.end !== null && (event.end - start) / length > ROOM_FOR_TEXT && !OVER.has(event.kind) && !under ? `${data.words[`event_${event.kind}`] ?? event.kind} ${seconds}` : "";
    return el("button", { class: `event ${event.kind}${event.end === null || event.kind === "transfer" ? " point" : ""}`, style: place(start, event.end), title: label, "aria-label": label, tabindex: -1, type: "button", click: () => play(start) }, text && el("span", {}, text));
  };
  const events = data.events.filter((event) => event.start !== null);

  const speech = el("div", { class: "speech" });
  for (const role of data.lanes) {
    const track = el("div", { class: "track" });
    const name = data.words[`role_${role}`] ?? role;
    for (const turn of data.turns) {
      if (turn.role !== role || turn.start === null) continue;
      const start = turn.start;
      track.append(el("i", { class: `talk ${role}${turn.doubtful ? " doubtful" : ""}`, style: place(start, turn.end), title: `${name} ${clock(start)}: ${turn.text.slice(0, 120)}`, click: () => play(start) }));
    }
    speech.append(lane(name, track, role));
  }
  const over = events.filter((event) => OVER.has(event.kind));
  if (over.length && data.lanes.length) speech.append(el("div", { class: "over" }, ...over.map(happening)));
  box.append(speech);

  const pauses = events.filter((event) => !OVER.has(event.kind));
  if (pauses.length) box.append(lane(data.words["events"] ?? "", el("div", { class: "track" }, ...pauses.map(happening))));

  const marks = el("div", { class: "track marks" });
  const mark = (kind: string, start: number, label: string): void => {
    marks.append(el("button", { class: `mark ${kind}`, style: `left:${((start / length) * 100).toFixed(3)}%`, title: label, "aria-label": label, tabindex: -1, type: "button", click: () => play(start) }));
  };
  for (const criterion of data.criteria) {
    for (const evidence of criterion.evidence) if (evidence.start !== null) mark(tone(criterion), evidence.start, `${criterion.title} ${clock(evidence.start)}: ${evidence.text.slice(0, 120)}`);
  }
  for (const remark of data.comments) {
    if (remark.moment !== null) mark("comment", remark.moment, `${remark.writer} ${clock(remark.moment)}: ${remark.text.slice(0, 120)}`);
  }
  if (marks.childElementCount) box.append(lane(data.words["marks"] ?? "", marks));
  box.append(...plots(data, play), ticks(length));
  return box;
}

function ticks(length: number): HTMLElement {
  const step = STEPS_S.find((seconds) => length / seconds <= MOST_TICKS) ?? 3600;
  const track = el("div", { class: "track ticks", "aria-hidden": "true" });
  for (let at = 0; at < length * LAST_TICK; at += step) track.append(el("i", { style: `left:${((at / length) * 100).toFixed(3)}%` }, clock(at)));
  return el("div", { class: "lane" }, el("span", { class: "lane-name" }), track);
}

/** What the patterns and shapes mean: only what occurs. */
export function legend(data: CallData): HTMLElement {
  const kinds = [...new Set(data.events.map((event) => event.kind))];
  return el(
    "div",
    { class: "legend" },
    ...data.lanes.map((role) => el("span", {}, el("i", { class: `talk ${role}` }), data.words[`role_${role}`] ?? role)),
    ...kinds.map((kind) => el("span", {}, el("i", { class: `event ${kind}` }), data.words[`event_${kind}`] ?? kind)),
  );
}
