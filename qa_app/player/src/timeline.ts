/** Lanes below the waveform: who speaks when, what happened, which evidence and comments lie where. */

import { clock, el } from "./dom";
import { tone } from "./scorecard";
import type { CallData } from "./types";

const WIDE = new Set(["hold", "silence", "music", "overlap", "announcement", "tone"]);

export function timeline(data: CallData, seek: (seconds: number) => void): HTMLElement {
  const box = el("div", { class: "lanes" });
  const length = data.duration || 1;
  const place = (start: number, end: number | null): string => {
    const width = Math.max(0.25, ((Math.max(end ?? start, start) - start) / length) * 100);
    return `left:${((start / length) * 100).toFixed(3)}%;width:${width.toFixed(3)}%`;
  };
  for (const role of data.lanes) {
    const lane = el("div", { class: "lane", "data-role": role }, el("span", { class: "lane-name" }, data.words[`role_${role}`] ?? role));
    const track = el("div", { class: "track" });
    for (const turn of data.turns) {
      if (turn.role !== role || turn.start === null) continue;
      track.append(el("i", { class: `talk ${role}${turn.doubtful ? " doubtful" : ""}`, style: place(turn.start, turn.end) }));
    }
    lane.append(track);
    box.append(lane);
  }
  const happenings = data.events.filter((event) => event.start !== null);
  if (happenings.length) {
    const track = el("div", { class: "track" });
    for (const event of happenings) {
      const start = event.start ?? 0;
      const label = `${event.label} ${clock(start)}${event.end ? `–${clock(event.end)}` : ""}`;
      track.append(
        el("button", {
          class: `event ${event.kind}${WIDE.has(event.kind) ? "" : " point"}`,
          style: place(start, event.end),
          title: label,
          "aria-label": label,
          tabindex: -1,
          type: "button",
          click: () => seek(start),
        }),
      );
    }
    box.append(el("div", { class: "lane" }, el("span", { class: "lane-name" }, data.words["events"]), track));
  }
  const marks = el("div", { class: "track marks" });
  for (const criterion of data.criteria) {
    for (const evidence of criterion.evidence) {
      if (evidence.start === null) continue;
      const start = evidence.start;
      const label = `${criterion.title} ${clock(start)}`;
      marks.append(el("button", { class: `mark ${tone(criterion)}`, style: `left:${((start / length) * 100).toFixed(3)}%`, title: label, "aria-label": label, tabindex: -1, type: "button", click: () => seek(start) }));
    }
  }
  for (const remark of data.comments) {
    if (remark.moment === null) continue;
    const start = remark.moment;
    const label = `${remark.writer} ${clock(start)}: ${remark.text.slice(0, 80)}`;
    marks.append(el("button", { class: "mark comment", style: `left:${((start / length) * 100).toFixed(3)}%`, title: label, "aria-label": label, tabindex: -1, type: "button", click: () => seek(start) }));
  }
  if (marks.childElementCount) {
    box.append(el("div", { class: "lane" }, el("span", { class: "lane-name" }, data.words["marks"]), marks));
  }
  return box;
}

/** What the colours and patterns of the lanes mean: only what occurs. */
export function legend(data: CallData): HTMLElement {
  const kinds = [...new Set(data.events.map((event) => event.kind))];
  return el(
    "div",
    { class: "legend" },
    ...kinds.map((kind) => el("span", {}, el("i", { class: `event ${kind}` }), data.words[`event_${kind}`] ?? kind)),
  );
}
