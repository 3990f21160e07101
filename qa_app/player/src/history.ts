/** What people corrected in this call, and what that changed: open to everybody who may see the call. */

import { clock, el, fill } from "./dom";
import type { Ask, CallData, Corrected, Moved } from "./types";

export function history(data: CallData, play: (seconds: number) => void): HTMLElement | null {
  const { corrections, moves } = data.history;
  if (!corrections.length) return null;
  const items = [...moves.map((move) => moved(data, move)), ...corrections.map((one) => correction(data, one, play))];
  return el("section", { class: "remarks history" }, el("details", { open: corrections.length < 4 }, el("summary", {}, el("h2", {}, fill(data.words["history"], { n: corrections.length }))), el("ul", {}, ...items)));
}

function correction(data: CallData, one: Corrected, play: (seconds: number) => void): HTMLElement {
  const { words } = data;
  const start = one.turn === null ? null : data.turns[one.turn]?.start ?? null;
  const name = (value: string): string => (one.kind === "text" ? value || words["nobody_said"] || "" : words[`role_${value}`] ?? value);
  const sure = one.kind === "role" && one.old === one.new;
  const what = sure ? [el("span", {}, fill(words["made_sure"], { role: name(one.new) }))] : one.kind === "swap" ? [el("span", {}, words["swapped"])] : [el("del", {}, name(one.old)), " → ", el("ins", {}, name(one.new)), one.everywhere && el("span", { class: "tag" }, words["of_voice"])];
  return el("li", {}, start === null ? null : el("button", { type: "button", class: "play", click: () => play(start) }, "▶ ", clock(start)), el("span", { class: "text" }, ...what), el("span", { class: "by" }, `${one.by}, ${one.at}`));
}

function moved(data: CallData, move: Moved): HTMLElement {
  const { words } = data;
  const count = move.verdicts.length;
  const told = count === 0 ? words["moved_none"] : count === 1 ? words["moved_one"] : fill(words["moved"], { n: count });
  const number = (value: number | null): string => (value === null ? "–" : String(Math.round(value * 10) / 10).replace(".", data.language === "de" ? "," : "."));
  const score = move.before === move.after ? "" : ` · ${fill(words["score_moved"], { old: number(move.before), new: number(move.after) })}`;
  return el(
    "li",
    { class: "moved" },
    el("span", { class: "text" }, el("b", {}, `${told}${score}`), ...move.verdicts.map((verdict) => el("div", {}, `${verdict.title}: `, el("del", {}, verdict.old), " → ", el("ins", {}, verdict.new)))),
    el("span", { class: "by" }, fill(words["scored_again"], { at: move.at })),
  );
}

/** The transcript is newer than the scores. */
export function pending(data: CallData, again: () => void): HTMLElement | null {
  const waits = data.history.pending;
  if (!waits) return null;
  const text = fill(data.words[waits.cause ? "pending_failed" : waits.idle ? "pending_idle" : "pending"], { since: waits.since, cause: waits.cause ?? "" });
  return el("p", { class: "pending", role: "status" }, text, " ", waits.cause && data.may.correct && el("button", { type: "button", click: again }, data.words["pending_again"]));
}

/** The machine has read the call anew, and not all corrections fit what it reads now. */
export function newer(data: CallData, ask: (what: Ask) => void): HTMLElement | null {
  const found = data.history.newer;
  if (!found) return null;
  const { words } = data;
  const name = (kind: string, value: string): string => (kind === "text" ? value || words["nobody_said"] || "" : words[`role_${value}`] ?? value);
  const left = found.left.map((one) => el("li", {}, el("del", {}, name(one.kind, one.old)), " → ", el("ins", {}, name(one.kind, one.new)), " · ", one.now === null ? words["newer_nothing"] : fill(words["newer_reads"], { text: one.now })));
  return el(
    "div",
    { class: "pending newer", role: "status" },
    fill(words[left.length ? "newer" : "newer_fits"], { at: found.at }),
    left.length > 0 && el("ul", {}, ...left),
    data.may.correct && el("button", { type: "button", click: () => ask({ do: "take_newer", version: data.version }) }, words[left.length ? "newer_take" : "newer_take_all"]),
  );
}

/** It is not sure who is the agent: one click says so, for every line. */
export function rolesInDoubt(data: CallData, ask: (what: Ask) => void): HTMLElement | null {
  if (!data.roles_in_doubt || !data.may.correct) return null;
  const { words, turns } = data;
  const voices = [...new Map(turns.filter((turn) => turn.role === "agent" || turn.role === "customer").map((turn) => [turn.voice, [turn.i, turn.role]] as const)).values()];
  const send = (scope: string): void => ask({ do: "correct", turn: voices[0]?.[0] ?? 0, version: data.version, scope, voices });
  return el(
    "p",
    { class: "pending doubt", role: "status" },
    words["roles_in_doubt"],
    " ",
    el("button", { type: "button", class: "right", click: () => send("right") }, words["roles_right"]),
    " ",
    el("button", { type: "button", class: "swap", click: () => send("swap") }, words["roles_swapped"]),
  );
}
