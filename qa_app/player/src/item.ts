/** One item opened: what it asks, why the verdict is what it is, its clips, and what one can do about it. */

import { clock, el, fill } from "./dom";
import { isMeasured } from "./scorecard";
import { keep, kept } from "./store";
import type { Ask, CallData, Criterion, Evidence, Verdict } from "./types";

/** A verdict that waits for its reason. */
export interface Pending {
  criterion: string;
  verdict: Verdict;
  kind: "override" | "dispute";
  /** It is the measured value that changes. */
  value?: boolean;
}

export interface Actions {
  choose(verdict: Verdict): void;
  undo(): void;
  open(pending: Pending | null): void;
  play(evidence: Evidence): void;
}

const CHOICES: Verdict[] = ["yes", "no", "na"];
const KEYS: Record<string, string> = { yes: "Y", no: "N", na: "X" };
const CAUSES = ["knowledge", "skill", "will", "process", "system"];

export class Detail {
  private data!: CallData;
  private pending: Pending | null = null;

  constructor(private readonly part: { ask(what: Ask): void }, private readonly actions: Actions) {}

  draw(data: CallData, criterion: Criterion, pending: Pending | null): HTMLElement {
    this.data = data;
    this.pending = pending?.criterion === criterion.id ? pending : null;
    const words = data.words;
    const box = el("div", { class: "detail" });
    const hidden = criterion.verdict === "hidden";
    if (criterion.about) box.append(el("p", { class: "about" }, criterion.about));
    if (criterion.earlier) box.append(el("p", { class: "earlier" }, fill(words["earlier"], { verdict: this.name(criterion.earlier.verdict) }), criterion.earlier.reason && el("q", {}, criterion.earlier.reason)));
    if (criterion.verdict === "review" && criterion.suggestion) box.append(el("p", { class: "why" }, fill(words["suggests"], { verdict: this.name(criterion.suggestion) })));
    if (criterion.reason) box.append(el("p", { class: "why" }, criterion.reason));
    for (const evidence of criterion.evidence) box.append(this.evidence(evidence));
    if (!criterion.evidence.length && criterion.verdict !== "na" && !hidden) box.append(el("p", { class: "why" }, words["no_evidence"]));
    if (criterion.change) box.append(el("p", { class: "change" }, el("b", {}, words["change"]), " ", criterion.change));
    if (criterion.by === "human" && criterion.verdict !== criterion.stands && !hidden) box.append(el("p", { class: "why" }, fill(words["machine_said"], { verdict: this.name(criterion.verdict) })));
    if (criterion.was !== null) box.append(el("p", { class: "why" }, fill(words["machine_said"], { verdict: criterion.was })));
    if (criterion.decision?.reason) box.append(el("blockquote", {}, criterion.decision.reason));
    if (criterion.decision?.cause) box.append(el("p", { class: "why" }, fill(words["cause_is"], { cause: criterion.decision.cause })));
    if (data.may.review) box.append(this.choices(criterion));
    if (data.may.dispute && !["open", "escalated"].includes(criterion.dispute ?? "") && (criterion.counts || isMeasured(criterion))) box.append(this.disputing(criterion));
    return box;
  }

  private name(verdict: Verdict): string {
    return this.data.words[`verdict_${verdict}`] ?? verdict;
  }

  private evidence(evidence: Evidence): HTMLElement {
    const words = this.data.words;
    const box = el("div", { class: "evidence-line" });
    if (evidence.start !== null) {
      box.append(el("button", { type: "button", class: "play", "aria-label": `${words["play_clip"]} ${clock(evidence.start)}`, click: () => this.actions.play(evidence) }, "▶ ", clock(evidence.start)));
    }
    const said = el("div", { class: "quote" });
    if (evidence.text) said.append(el("q", {}, evidence.text));
    if (evidence.category) said.append(" ", el("span", { class: "tag" }, evidence.category));
    if (evidence.why) said.append(el("p", {}, evidence.why));
    if (evidence.instead) said.append(el("p", { class: "instead" }, el("b", {}, words["say_instead"]), " ", evidence.instead));
    if (evidence.rule) said.append(el("details", { class: "rule" }, el("summary", {}, words["rule"]), evidence.rule));
    box.append(said);
    return box;
  }

  private choices(criterion: Criterion): HTMLElement {
    const words = this.data.words;
    const row = el("div", { class: "choices" });
    const measured = isMeasured(criterion);
    for (const verdict of CHOICES) {
      const chosen = (criterion.drafted || criterion.by === "human") && criterion.stands === verdict;
      const same = verdict === criterion.verdict;
      if (measured && verdict !== "na") {
        const label = same ? fill(words["confirm"], { verdict: criterion.value ?? "" }) : words["change_value"];
        row.append(el("button", { type: "button", "data-verdict": verdict, "aria-pressed": String(Boolean(chosen)), class: same ? "same" : null, click: () => this.actions.choose(verdict) }, label, el("kbd", {}, KEYS[verdict] ?? "")));
        continue;
      }
      row.append(
        el(
          "button",
          { type: "button", "data-verdict": verdict, "aria-pressed": String(Boolean(chosen)), class: same ? "same" : null, click: () => this.actions.choose(verdict) },
          same ? fill(words["confirm"], { verdict: this.name(verdict) }) : this.name(verdict),
          el("kbd", {}, KEYS[verdict] ?? ""),
        ),
      );
    }
    if (criterion.drafted) row.append(el("button", { type: "button", class: "quiet", click: () => this.actions.undo() }, words["undo"], el("kbd", {}, "U")));
    return el("div", {}, row, this.pending?.kind === "override" && this.reason(criterion, words["why_override"] ?? "", this.pending));
  }

  private disputing(criterion: Criterion): HTMLElement {
    const words = this.data.words;
    const row = el("div", { class: "choices" }, el("span", { class: "ask" }, words["dispute_ask"]));
    const measured = isMeasured(criterion);
    if (measured) row.append(el("button", { type: "button", "data-verdict": "value", click: () => this.actions.open({ criterion: criterion.id, verdict: "yes", kind: "dispute", value: true }) }, words["other_value"]));
    for (const verdict of CHOICES) {
      if (verdict === criterion.stands || (measured && verdict !== "na")) continue;
      row.append(el("button", { type: "button", "data-verdict": verdict, click: () => this.actions.open({ criterion: criterion.id, verdict, kind: "dispute" }) }, this.name(verdict)));
    }
    return el("div", {}, row, this.pending?.kind === "dispute" && this.reason(criterion, words["why_dispute"] ?? "", this.pending));
  }

  private valueField(criterion: Criterion): HTMLInputElement | HTMLSelectElement {
    if (criterion.options.length) return el("select", { class: "cause" }, ...criterion.options.map(([value, name]) => el("option", { value, selected: value === criterion.raw }, name)));
    return el("input", { type: "text", inputmode: "decimal", class: "value", value: String(criterion.raw ?? "") });
  }

  private reason(criterion: Criterion, label: string, pending: Pending): HTMLElement {
    const words = this.data.words;
    const key = `reason.${this.data.call}.${criterion.id}`;
    const field = el("textarea", { rows: 2, maxlength: 4000, "aria-label": label, placeholder: label });
    field.value = kept(key);
    const override = pending.kind === "override";
    const cause = el("select", { class: "cause", "aria-label": words["cause"] }, el("option", { value: "" }, words["cause_none"]), ...CAUSES.map((name) => el("option", { value: name }, words[`cause_${name}`])));
    const value = pending.value ? this.valueField(criterion) : null;
    const entered = (): number | string | null => {
      if (!value || criterion.options.length) return value?.value ?? null;
      const number = Number(value.value.replace(",", "."));
      return value.value.trim() && Number.isFinite(number) ? number : null;
    };
    const send = (): void => {
      const own = entered();
      if (value && own === null) {
        value.setAttribute("aria-invalid", "true");
        value.focus();
        return;
      }
      this.part.ask({ do: pending.kind, criterion: criterion.id, verdict: pending.verdict, reason: field.value, ...(override ? { root_cause: cause.value } : {}), ...(value ? { value: own } : {}) });
    };
    const leave = (): void => this.actions.open(null);
    field.addEventListener("input", () => keep(key, field.value));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        send();
      }
      if (event.key === "Escape") leave();
    });
    return el(
      "div",
      { class: "reason" },
      value ? el("label", {}, words["new_value"], " ", value) : el("p", {}, fill(words["becomes"], { verdict: this.name(pending.verdict) })),
      field,
      el("div", { class: "choices" }, override && cause, el("button", { type: "button", class: "main", click: send }, words[override ? "save" : "send_dispute"]), el("button", { type: "button", class: "quiet", click: leave }, words["cancel"])),
    );
  }
}
