/** The scorecard: every verdict with its evidence; trainers confirm or override, agents dispute. */

import { clock, el, fill } from "./dom";
import type { Ask, CallData, Criterion, Evidence, Verdict } from "./types";

export interface ScorecardPart {
  play(start: number, end: number | null, turn: number | null): void;
  ask(what: Ask): void;
  now(): number;
  seconds(): number;
}

const SIGNS: Record<Verdict, string> = { yes: "✓", no: "✕", na: "–", review: "?", unscored: "∅" };
const CHOICES: Verdict[] = ["yes", "no", "na"];

export function tone(criterion: Criterion): string {
  const stands = criterion.stands;
  if (stands === "review") return "review";
  if (stands === "na" || stands === "unscored" || criterion.good === null || !criterion.counts) return "plain";
  return stands === criterion.good ? "good" : "bad";
}

/** Good and bad differ by sign, not by colour alone; a fault that was found is a ✕ though its verdict is yes. */
function sign(criterion: Criterion): string {
  return { good: "✓", bad: "✕" }[tone(criterion)] ?? (["yes", "no"].includes(criterion.stands) || criterion.value !== null ? "•" : SIGNS[criterion.stands]);
}

export class Scorecard {
  readonly box = el("section", { class: "card" });
  private items: HTMLElement[] = [];
  private shown: Criterion[] = [];
  private onlyOpen = false;
  selected = 0;
  private pending: { criterion: string; verdict: Verdict; kind: "override" | "dispute" } | null = null;
  private conflict = false;

  constructor(private data: CallData, private readonly part: ScorecardPart) {
    this.selected = this.firstOpen();
    this.draw();
  }

  update(data: CallData): void {
    const kept = this.shown[this.selected]?.id;
    const before = data.criteria.find((criterion) => criterion.id === kept);
    this.data = data;
    this.conflict = data.answer?.conflict === true;
    if (data.answer?.ok) {
      if (this.pending) this.keep(this.pending.criterion, "");
      this.pending = null;
    }
    this.filter();
    const at = this.shown.findIndex((criterion) => criterion.id === kept);
    this.selected = Math.max(0, at);
    if (data.answer?.ok && before?.drafted && data.may.review) {
      const next = this.shown.findIndex((criterion, i) => i > at && this.open(criterion));
      if (next >= 0) this.selected = next;
    }
    this.draw();
  }

  get current(): Criterion | undefined {
    return this.shown[this.selected];
  }

  private open(criterion: Criterion): boolean {
    return !criterion.drafted && (criterion.verdict === "review" || !criterion.clear) && criterion.verdict !== "unscored";
  }

  private firstOpen(): number {
    this.filter();
    return Math.max(0, this.data.may.review ? this.shown.findIndex((criterion) => this.open(criterion)) : this.shown.findIndex((criterion) => tone(criterion) === "bad"));
  }

  private filter(): void {
    this.shown = this.onlyOpen ? this.data.criteria.filter((criterion) => this.open(criterion)) : this.data.criteria;
  }

  move(step: 1 | -1): void {
    if (!this.shown.length) return;
    this.selected = (this.selected + step + this.shown.length) % this.shown.length;
    this.pending = null;
    this.draw();
    this.items[this.selected]?.scrollIntoView({ block: "nearest" });
    this.items[this.selected]?.querySelector<HTMLElement>(".item-head")?.focus({ preventScroll: true });
  }

  playEvidence(): void {
    const first = this.current?.evidence.find((evidence) => evidence.start !== null);
    if (first) this.playOne(first);
  }

  private playOne(evidence: Evidence): void {
    if (evidence.start === null) return;
    const start = Math.max(0, evidence.start - 0.7);
    const end = Math.max((evidence.end ?? evidence.start) + 0.8, start + 3);
    this.part.play(start, Math.min(end, start + 20), evidence.turn);
  }

  /** One key: the verdict; a contradiction of a sure machine opens the field for the reason. */
  choose(verdict: Verdict): void {
    const criterion = this.current;
    if (!criterion || !this.data.may.review) return;
    if (verdict === criterion.verdict) this.part.ask({ do: "confirm", criterion: criterion.id });
    else if (criterion.verdict === "review" || criterion.verdict === "unscored") this.part.ask({ do: "override", criterion: criterion.id, verdict, reason: "" });
    else {
      this.pending = { criterion: criterion.id, verdict, kind: "override" };
      this.draw();
      this.items[this.selected]?.querySelector<HTMLTextAreaElement>("textarea")?.focus();
    }
  }

  confirmCurrent(): void {
    const criterion = this.current;
    if (criterion && CHOICES.includes(criterion.verdict)) this.choose(criterion.verdict);
    else if (criterion?.suggestion) this.choose(criterion.suggestion);
  }

  confirmClear(): void {
    if (this.data.may.review) this.part.ask({ do: "confirm_clear" });
  }

  finish(anyway = false): void {
    if (this.data.may.review) this.part.ask({ do: "finish", seconds: this.part.seconds(), anyway });
  }

  undo(): void {
    const criterion = this.current;
    if (criterion?.drafted) this.part.ask({ do: "undo", criterion: criterion.id });
  }

  private get waiting(): Criterion[] {
    return this.data.criteria.filter((criterion) => criterion.verdict === "review" && !criterion.drafted);
  }

  private draw(): void {
    const { data } = this;
    this.filter();
    this.items = this.shown.map((criterion, i) => this.item(criterion, i));
    const list = el("ol", { class: "items" }, ...this.items);
    if (!this.items.length) list.append(el("li", { class: "empty" }, data.criteria.length ? data.words["all_decided"] : data.words["no_scores"]));
    this.box.replaceChildren(this.head(), list, this.foot());
  }

  private head(): HTMLElement {
    const { data } = this;
    const words = data.words;
    const value = data.score.value;
    const number = value === null ? "–" : String(Math.round(value * 10) / 10).replace(".", data.language === "de" ? "," : ".");
    const open = data.criteria.filter((criterion) => this.open(criterion)).length;
    const preview = data.score.preview;
    return el(
      "header",
      { class: "card-head" },
      el(
        "div",
        { class: "total" },
        el("strong", { class: "points" }, number),
        el("span", { class: "of" }, "/ 100"),
        el("span", { class: `maker ${data.score.by}` }, words[`by_${data.score.by}`]),
        data.score.passed !== null && el("span", { class: `pass ${data.score.passed ? "good" : "bad"}` }, words[data.score.passed ? "passed" : "not_passed"]),
      ),
      preview !== null && el("p", { class: "preview" }, fill(words["preview"], { n: Math.round(preview * 10) / 10 })),
      data.card && el("p", { class: "card-name" }, data.card),
      el("p", { class: "state" }, fill(words[`state_${data.review.state}`], { by: data.review.by ?? "" })),
      data.review.others.length > 0 && el("p", { class: "others", role: "status" }, fill(words["others"], { names: data.review.others.join(", ") })),
      el(
        "div",
        { class: "filter", role: "group", "aria-label": words["show"] },
        el("button", { type: "button", "aria-pressed": String(!this.onlyOpen), click: () => this.show(false) }, fill(words["show_all"], { n: data.criteria.length })),
        el("button", { type: "button", "aria-pressed": String(this.onlyOpen), click: () => this.show(true) }, fill(words["show_open"], { n: open })),
      ),
    );
  }

  private show(onlyOpen: boolean): void {
    this.onlyOpen = onlyOpen;
    this.selected = 0;
    this.draw();
  }

  private item(criterion: Criterion, index: number): HTMLElement {
    const words = this.data.words;
    const chosen = index === this.selected;
    const sure = criterion.confidence;
    const verdict = criterion.value !== null && (!criterion.counts || criterion.measured) ? criterion.value : words[`verdict_${criterion.stands}`] ?? criterion.stands;
    const head = el(
      "button",
      {
        type: "button",
        class: "item-head",
        "aria-expanded": String(chosen),
        click: () => {
          this.selected = chosen ? -1 : index;
          this.pending = null;
          this.draw();
          this.items[index]?.querySelector<HTMLElement>(".item-head")?.focus({ preventScroll: true });
        },
      },
      el("span", { class: `sign ${tone(criterion)}`, "aria-hidden": "true" }, sign(criterion)),
      el("span", { class: "title" }, criterion.title, criterion.critical && el("em", { class: "critical" }, words["critical"])),
      el("span", { class: `verdict ${tone(criterion)}` }, verdict),
      el(
        "span",
        { class: `maker ${criterion.by}` },
        criterion.by === "human" ? words["human"] : words["machine"],
        criterion.by === "machine" && sure !== null ? ` ${Math.round(sure * 100)} %` : "",
      ),
      criterion.dispute && el("span", { class: "disputed" }, words[`dispute_${criterion.dispute}`]),
    );
    return el("li", { class: `item${chosen ? " chosen" : ""}${criterion.drafted ? " done" : ""}`, "data-criterion": criterion.id }, head, chosen && this.detail(criterion));
  }

  private detail(criterion: Criterion): HTMLElement {
    const words = this.data.words;
    const box = el("div", { class: "detail" });
    if (criterion.about) box.append(el("p", { class: "about" }, criterion.about));
    if (criterion.verdict === "review" && criterion.suggestion) box.append(el("p", { class: "why" }, fill(words["suggests"], { verdict: words[`verdict_${criterion.suggestion}`] ?? "" })));
    if (criterion.reason) box.append(el("p", { class: "why" }, criterion.reason));
    for (const evidence of criterion.evidence) box.append(this.evidence(evidence));
    if (!criterion.evidence.length && criterion.verdict !== "na") box.append(el("p", { class: "why" }, words["no_evidence"]));
    if (criterion.change) box.append(el("p", { class: "change" }, el("b", {}, words["change"]), " ", criterion.change));
    if (criterion.by === "human" && criterion.verdict !== criterion.stands) box.append(el("p", { class: "why" }, fill(words["machine_said"], { verdict: words[`verdict_${criterion.verdict}`] ?? "" })));
    if (criterion.decision?.reason) box.append(el("blockquote", {}, criterion.decision.reason));
    if (this.data.may.review) box.append(this.choices(criterion));
    if (this.data.may.dispute && !["open", "escalated"].includes(criterion.dispute ?? "") && criterion.counts) box.append(this.disputing(criterion));
    return box;
  }

  private evidence(evidence: Evidence): HTMLElement {
    const words = this.data.words;
    const box = el("div", { class: "evidence-line" });
    if (evidence.start !== null) {
      box.append(el("button", { type: "button", class: "play", "aria-label": `${words["play_clip"]} ${clock(evidence.start)}`, click: () => this.playOne(evidence) }, "▶ ", clock(evidence.start)));
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
    const keys: Record<string, string> = { yes: "Y", no: "N", na: "X" };
    const row = el("div", { class: "choices" });
    for (const verdict of CHOICES) {
      const chosen = (criterion.drafted || criterion.by === "human") && criterion.stands === verdict;
      row.append(
        el(
          "button",
          { type: "button", "data-verdict": verdict, "aria-pressed": String(Boolean(chosen)), class: verdict === criterion.verdict ? "same" : null, click: () => this.choose(verdict) },
          verdict === criterion.verdict ? fill(words["confirm"], { verdict: words[`verdict_${verdict}`] ?? "" }) : words[`verdict_${verdict}`] ?? verdict,
          el("kbd", {}, keys[verdict] ?? ""),
        ),
      );
    }
    if (criterion.drafted) row.append(el("button", { type: "button", class: "quiet", click: () => this.undo() }, words["undo"], el("kbd", {}, "U")));
    const box = el("div", {}, row);
    if (this.pending?.criterion === criterion.id && this.pending.kind === "override") box.append(this.reason(criterion, words["why_override"] ?? "", this.pending.verdict, "override"));
    return box;
  }

  private disputing(criterion: Criterion): HTMLElement {
    const words = this.data.words;
    const row = el("div", { class: "choices" }, el("span", { class: "ask" }, words["dispute_ask"]));
    for (const verdict of CHOICES) {
      if (verdict === criterion.stands) continue;
      row.append(
        el("button", { type: "button", "data-verdict": verdict, click: () => {
          this.pending = { criterion: criterion.id, verdict, kind: "dispute" };
          this.draw();
          this.items[this.selected]?.querySelector<HTMLTextAreaElement>("textarea")?.focus();
        } }, words[`verdict_${verdict}`] ?? verdict),
      );
    }
    const box = el("div", {}, row);
    if (this.pending?.criterion === criterion.id && this.pending.kind === "dispute") box.append(this.reason(criterion, words["why_dispute"] ?? "", this.pending.verdict, "dispute"));
    return box;
  }

  private keep(criterion: string, text: string): void {
    const key = `rapport.reason.${this.data.call}.${criterion}`;
    try {
      if (text) sessionStorage.setItem(key, text);
      else sessionStorage.removeItem(key);
    } catch {
      // a browser may forbid storage; the text then lives as long as the field
    }
  }

  private kept(criterion: string): string {
    try {
      return sessionStorage.getItem(`rapport.reason.${this.data.call}.${criterion}`) ?? "";
    } catch {
      return "";
    }
  }

  private reason(criterion: Criterion, label: string, verdict: Verdict, what: "override" | "dispute"): HTMLElement {
    const words = this.data.words;
    const field = el("textarea", { rows: 2, maxlength: 4000, "aria-label": label, placeholder: label });
    field.value = this.kept(criterion.id);
    const send = (): void => this.part.ask({ do: what, criterion: criterion.id, verdict, reason: field.value });
    field.addEventListener("input", () => this.keep(criterion.id, field.value));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        send();
      }
      if (event.key === "Escape") {
        this.pending = null;
        this.draw();
      }
    });
    return el(
      "div",
      { class: "reason" },
      el("p", {}, fill(words["becomes"], { verdict: words[`verdict_${verdict}`] ?? "" })),
      field,
      el("div", { class: "choices" }, el("button", { type: "button", class: "main", click: send }, words[what === "override" ? "save" : "send_dispute"]), el("button", { type: "button", class: "quiet", click: () => { this.pending = null; this.draw(); } }, words["cancel"])),
    );
  }

  private foot(): HTMLElement {
    const { data } = this;
    const words = data.words;
    const foot = el("footer", { class: "card-foot" });
    if (data.may.review) {
      const clear = data.criteria.filter((criterion) => criterion.clear && !criterion.drafted).length;
      const waiting = this.waiting.length;
      foot.append(
        el("button", { type: "button", class: "clear", disabled: clear === 0, click: () => this.confirmClear() }, fill(words["confirm_clear"], { n: clear }), el("kbd", {}, "A")),
        el("button", { type: "button", class: "main finish", disabled: waiting > 0, title: waiting ? fill(words["waiting"], { n: waiting }) : null, click: () => this.finish() }, words["finish"], el("kbd", {}, "F")),
      );
      if (waiting) foot.append(el("p", { class: "why" }, fill(words["waiting"], { n: waiting })));
      if (this.conflict) foot.append(el("button", { type: "button", class: "quiet", click: () => this.finish(true) }, words["anyway"]));
    }
    if (data.may.acknowledge) foot.append(el("button", { type: "button", class: "main acknowledge", click: () => this.part.ask({ do: "acknowledge", text: "" }) }, words["acknowledge"]));
    return foot;
  }
}
