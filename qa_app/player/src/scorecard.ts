/** The scorecard: every verdict with its evidence; trainers confirm or override, agents dispute. */

import { el, fill } from "./dom";
import { type Pending, Detail } from "./item";
import { keep, kept } from "./store";
import type { Ask, CallData, Criterion, Evidence, Verdict } from "./types";

export interface ScorecardPart {
  play(start: number, end: number | null, turn: number | null): void;
  ask(what: Ask): void;
  seconds(): number;
}

const SIGNS: Record<Verdict, string> = { yes: "✓", no: "✕", na: "–", review: "?", unscored: "∅", hidden: "·" };
const CHOICES: Verdict[] = ["yes", "no", "na"];
const BEFORE_S = 0.7;
const AFTER_S = 0.8;
const SHORTEST_S = 3;
const LONGEST_S = 8;

export function tone(criterion: Criterion): string {
  const stands = criterion.stands;
  if (stands === "review") return "review";
  if (stands === "na" || stands === "unscored" || stands === "hidden" || criterion.good === null || !criterion.counts) return "plain";
  return stands === criterion.good ? "good" : "bad";
}

/** Good and bad differ by sign, not by colour alone; a fault that was found is a ✕ though its verdict is yes. */
function sign(criterion: Criterion): string {
  return { good: "✓", bad: "✕", review: "?" }[tone(criterion)] ?? (["yes", "no"].includes(criterion.stands) || criterion.value !== null ? "•" : SIGNS[criterion.stands]);
}

/** Whether a number or a label answers the item, which people correct rather than judge. */
export function isMeasured(criterion: Criterion): boolean {
  return criterion.value !== null && (criterion.measured || !criterion.counts) && criterion.verdict !== "hidden";
}

/** The clip around evidence: 3 to 8 seconds. */
export function clip(evidence: Evidence): [start: number, end: number] | null {
  if (evidence.start === null) return null;
  const start = Math.max(0, evidence.start - BEFORE_S);
  const length = (evidence.end ?? evidence.start) + AFTER_S - start;
  return [start, start + Math.min(LONGEST_S, Math.max(SHORTEST_S, length))];
}

export class Scorecard {
  readonly box = el("section", { class: "card" });
  private items: HTMLElement[] = [];
  private shown: Criterion[] = [];
  private onlyOpen = false;
  selected = 0;
  private pending: Pending | null = null;
  private conflict = false;
  /** The reel plays the next doubtful item's evidence as soon as one is decided. */
  private reel = false;
  private clip = -1;
  private readonly detail: Detail;

  constructor(private data: CallData, private readonly part: ScorecardPart) {
    this.detail = new Detail(part, {
      choose: (verdict) => this.choose(verdict),
      undo: () => this.undo(),
      open: (pending) => this.open(pending),
      play: (evidence) => this.playOne(evidence),
    });
    this.selected = this.firstOpen();
    this.restore();
    this.draw();
  }

  update(data: CallData): void {
    const turned = data.review.blind !== this.data.review.blind;
    const at = this.shown[this.selected]?.id;
    const before = data.criteria.find((criterion) => criterion.id === at);
    this.data = data;
    this.conflict = data.answer?.conflict === true;
    if (data.answer?.ok) {
      if (this.pending) keep(`reason.${data.call}.${this.pending.criterion}`, "");
      this.remember(null);
    }
    this.filter();
    const now = this.shown.findIndex((criterion) => criterion.id === at);
    this.selected = Math.max(0, now);
    if (turned) this.select(this.firstOpen());
    else if (data.answer?.ok && before?.drafted && data.may.review) {
      const next = this.nextOpen(now);
      if (next >= 0) this.select(next);
      if (this.reel && next >= 0) this.playEvidence();
      else this.reel = false;
    }
    this.draw();
  }

  get current(): Criterion | undefined {
    return this.shown[this.selected];
  }

  private isOpen(criterion: Criterion): boolean {
    if (criterion.drafted) return false;
    if (this.data.review.blind) return true;
    if (this.data.review.own || criterion.by === "human") return false;
    return (criterion.verdict === "review" || !criterion.clear) && criterion.verdict !== "unscored";
  }

  private nextOpen(after: number): number {
    const later = this.shown.findIndex((criterion, i) => i > after && this.isOpen(criterion));
    return later >= 0 ? later : this.shown.findIndex((criterion) => this.isOpen(criterion));
  }

  private firstOpen(): number {
    this.filter();
    return Math.max(0, this.data.may.review ? this.shown.findIndex((criterion) => this.isOpen(criterion)) : this.shown.findIndex((criterion) => tone(criterion) === "bad"));
  }

  private filter(): void {
    this.shown = this.onlyOpen ? this.data.criteria.filter((criterion) => this.isOpen(criterion)) : this.data.criteria;
  }

  private select(index: number): void {
    this.selected = index;
    this.clip = -1;
  }

  private remember(pending: Pending | null): void {
    this.pending = pending;
    keep(`pending.${this.data.call}`, pending ? JSON.stringify(pending) : "");
  }

  /** A reason that was begun before the page was left is open again. */
  private restore(): void {
    const text = kept(`pending.${this.data.call}`);
    if (!text) return;
    const found = JSON.parse(text) as Pending;
    const at = this.shown.findIndex((criterion) => criterion.id === found.criterion);
    const allowed = found.kind === "override" ? this.data.may.review : this.data.may.dispute;
    if (at < 0 || !allowed || !kept(`reason.${this.data.call}.${found.criterion}`)) return;
    this.selected = at;
    this.pending = found;
  }

  move(step: 1 | -1): void {
    if (!this.shown.length) return;
    this.select((this.selected + step + this.shown.length) % this.shown.length);
    this.remember(null);
    this.draw();
    this.items[this.selected]?.querySelector<HTMLElement>(".item-head")?.focus({ preventScroll: true });
  }

  /** Play the item's evidence; again plays its next clip. */
  playEvidence(): void {
    const clips = this.current?.evidence.filter((evidence) => evidence.start !== null) ?? [];
    if (!clips.length) return;
    this.clip = (this.clip + 1) % clips.length;
    this.playOne(clips[this.clip] as Evidence);
  }

  /** Start or stop going through what is in doubt, clip by clip. */
  toggleReel(): void {
    this.reel = !this.reel;
    if (this.reel) {
      const current = this.current;
      const next = current && this.isOpen(current) ? this.selected : this.nextOpen(-1);
      if (next < 0) this.reel = false;
      else {
        this.select(next);
        this.playEvidence();
      }
    }
    this.draw();
  }

  private playOne(evidence: Evidence): void {
    const span = clip(evidence);
    if (span) this.part.play(span[0], span[1], evidence.turn);
  }

  private open(pending: Pending | null): void {
    this.remember(pending);
    this.draw();
    this.items[this.selected]?.querySelector<HTMLTextAreaElement>("textarea")?.focus();
  }

  /** One key: the verdict; a contradiction of a sure machine opens the field for the reason. */
  choose(verdict: Verdict): void {
    const criterion = this.current;
    if (!criterion || !this.data.may.review) return;
    if (isMeasured(criterion) && verdict === "no") this.open({ criterion: criterion.id, verdict: "yes", kind: "override", value: true });
    else if (["review", "unscored", "hidden"].includes(criterion.verdict)) this.part.ask({ do: "override", criterion: criterion.id, verdict, reason: "" });
    else if (verdict === criterion.verdict) this.part.ask({ do: "confirm", criterion: criterion.id });
    else this.open({ criterion: criterion.id, verdict, kind: "override" });
  }

  confirmCurrent(): void {
    const criterion = this.current;
    if (criterion && CHOICES.includes(criterion.verdict)) this.choose(criterion.verdict);
    else if (criterion?.suggestion) this.choose(criterion.suggestion);
  }

  confirmClear(): void {
    if (this.data.may.review && !this.data.review.blind) this.part.ask({ do: "confirm_clear" });
  }

  finish(anyway = false): void {
    if (!this.data.may.review) return;
    if (this.data.review.own && this.data.review.draft === null) this.part.ask({ do: "release" });
    else this.part.ask({ do: "finish", seconds: this.part.seconds(), anyway });
  }

  undo(): void {
    const criterion = this.current;
    if (criterion?.drafted) this.part.ask({ do: "undo", criterion: criterion.id });
  }

  private get waiting(): Criterion[] {
    return this.data.criteria.filter((criterion) => ["review", "hidden"].includes(criterion.verdict) && !criterion.drafted);
  }

  private draw(): void {
    const { data } = this;
    this.filter();
    this.items = this.shown.map((criterion, i) => this.item(criterion, i));
    const list = el("ol", { class: "items" }, ...this.items);
    if (!this.items.length) list.append(el("li", { class: "empty" }, data.criteria.length ? data.words["all_decided"] : data.words["no_scores"]));
    const top = this.box.querySelector(".items")?.scrollTop ?? 0;
    this.box.replaceChildren(this.head(), list, this.foot());
    list.scrollTop = top;
    this.reveal(list);
  }

  /** Scroll the list, and never the page, so that the chosen item is in sight. */
  private reveal(list: HTMLElement): void {
    const chosen = this.items[this.selected];
    if (!chosen) return;
    const top = chosen.offsetTop; // the list is its items' offset parent
    const bottom = top + chosen.offsetHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = Math.min(top, bottom - list.clientHeight);
  }

  private head(): HTMLElement {
    const { data } = this;
    const { words, review } = data;
    const number = (value: number): string => String(Math.round(value * 10) / 10).replace(".", data.language === "de" ? "," : ".");
    const open = data.criteria.filter((criterion) => this.isOpen(criterion)).length;
    const { value, preview } = data.score;
    const total = el(
      "div",
      { class: "total" },
      el("strong", { class: "points" }, value === null ? "–" : number(value)),
      el("span", { class: "of" }, "/ 100"),
      el("span", { class: `maker ${data.score.by}` }, words[`by_${data.score.by}`]),
      data.score.passed !== null && el("span", { class: `pass ${data.score.passed ? "good" : "bad"}` }, words[data.score.passed ? "passed" : "not_passed"]),
    );
    const own = review.own && review.draft === null;
    const state = own ? words["own_submitted"] : fill(words[`state_${review.state}`], { by: review.by ?? "" });
    const judged = data.criteria.filter((criterion) => criterion.decision && CHOICES.includes(criterion.verdict) && !isMeasured(criterion));
    return el(
      "header",
      { class: "card-head" },
      review.blind ? el("p", { class: "blind", role: "status" }, words["blind_on"]) : total,
      preview !== null && el("p", { class: "preview" }, fill(words["preview"], { n: number(preview) })),
      data.card && el("p", { class: "card-name" }, data.card),
      el("p", { class: "state" }, state),
      own && judged.length > 0 && el("p", { class: "state" }, fill(words["agrees"], { n: judged.filter((criterion) => criterion.stands === criterion.verdict).length, of: judged.length })),
      review.others.length > 0 && el("p", { class: "others", role: "status" }, fill(words["others"], { names: review.others.join(", ") })),
      el(
        "div",
        { class: "filter", role: "group", "aria-label": words["show"] },
        el("button", { type: "button", "aria-pressed": String(!this.onlyOpen), click: () => this.show(false) }, fill(words["show_all"], { n: data.criteria.length })),
        el("button", { type: "button", "aria-pressed": String(this.onlyOpen), click: () => this.show(true) }, fill(words["show_open"], { n: open })),
        this.reelButton(),
        this.blindButton(),
      ),
    );
  }

  private reelButton(): HTMLElement | null {
    const clips = this.data.criteria.filter((criterion) => this.isOpen(criterion) && criterion.evidence.some((evidence) => evidence.start !== null)).length;
    if (!this.data.may.review || !this.data.url || (!clips && !this.reel)) return null;
    return el("button", { type: "button", class: "reel", "aria-pressed": String(this.reel), click: () => this.toggleReel() }, this.reel ? this.data.words["reel_stop"] : `▶ ${fill(this.data.words["reel"], { n: clips })}`, el("kbd", {}, "R"));
  }

  private blindButton(): HTMLElement | null {
    const { may, review, criteria, words } = this.data;
    if (!may.review || review.blind || review.state !== "none" || criteria.some((criterion) => criterion.drafted)) return null;
    return el("button", { type: "button", class: "quiet blind-start", click: () => this.part.ask({ do: "blind" }) }, words["blind_start"]);
  }

  private show(onlyOpen: boolean): void {
    this.onlyOpen = onlyOpen;
    this.select(0);
    this.draw();
  }

  private item(criterion: Criterion, index: number): HTMLElement {
    const words = this.data.words;
    const chosen = index === this.selected;
    const sure = criterion.confidence;
    const verdict = isMeasured(criterion) && criterion.stands !== "na" ? criterion.value : words[`verdict_${criterion.stands}`] ?? criterion.stands;
    const differs = this.data.review.own && criterion.verdict !== criterion.stands && criterion.by === "human";
    const maker = criterion.verdict === "hidden" ? null : differs ? el("span", { class: "maker machine" }, fill(words["machine_says"], { verdict: words[`verdict_${criterion.verdict}`] ?? "" })) : el("span", { class: `maker ${criterion.by}` }, criterion.by === "human" ? words["human"] : words["machine"], criterion.by === "machine" && sure !== null ? ` ${Math.round(sure * 100)} %` : "");
    const head = el(
      "button",
      {
        type: "button",
        class: "item-head",
        "aria-expanded": String(chosen),
        click: () => {
          this.select(chosen ? -1 : index);
          this.remember(null);
          this.draw();
          this.items[index]?.querySelector<HTMLElement>(".item-head")?.focus({ preventScroll: true });
        },
      },
      el("span", { class: `sign ${tone(criterion)}`, "aria-hidden": "true" }, sign(criterion)),
      el("span", { class: "title" }, criterion.title, criterion.critical && el("em", { class: "critical" }, words["critical"])),
      el("span", { class: `verdict ${tone(criterion)}` }, verdict),
      maker,
      criterion.dispute && el("span", { class: "disputed" }, words[`dispute_${criterion.dispute}`]),
    );
    const state = `${chosen ? " chosen" : ""}${criterion.drafted ? " done" : ""}${this.isOpen(criterion) && this.data.may.review && !this.data.review.blind ? " open" : ""}`;
    return el("li", { class: `item${state}`, "data-criterion": criterion.id }, head, chosen && this.detail.draw(this.data, criterion, this.pending));
  }

  private foot(): HTMLElement {
    const { data } = this;
    const { words, review } = data;
    const foot = el("footer", { class: "card-foot" });
    if (data.may.review) {
      const clear = data.criteria.filter((criterion) => criterion.clear && !criterion.drafted).length;
      const waiting = this.waiting.length;
      const own = review.own && review.draft === null;
      if (!review.blind && !own) foot.append(el("button", { type: "button", class: "clear", disabled: clear === 0, click: () => this.confirmClear() }, fill(words["confirm_clear"], { n: clear }), el("kbd", {}, "A")));
      const name = own ? "release" : review.blind ? "submit" : "finish";
      const blocked = waiting > 0 && !own;
      const why = blocked ? fill(words["waiting"], { n: waiting }) : null;
      if (why) foot.append(el("p", { class: "why" }, why));
      if (this.conflict) foot.append(el("button", { type: "button", class: "quiet", click: () => this.finish(true) }, words["anyway"]));
      if (data.next) foot.append(this.nextButton());
      foot.append(el("button", { type: "button", class: "main finish", disabled: blocked, title: why, click: () => this.finish() }, words[name], el("kbd", {}, "F")));
    } else if (data.next) foot.append(this.nextButton());
    if (data.may.acknowledge) foot.append(el("button", { type: "button", class: "main acknowledge", click: () => this.part.ask({ do: "acknowledge", text: "" }) }, words["acknowledge"]));
    return foot;
  }
  private nextButton(): HTMLElement {
    return el("button", { type: "button", class: "next", click: () => this.part.ask({ do: "next" }) }, this.data.words["next_call"], el("kbd", {}, "G"));
  }
}
