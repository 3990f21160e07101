/** The transcript: follows the sound, plays from any word, can be searched and corrected. */

import { clock, el, fill, plain } from "./dom";
import { editKey, editor } from "./edit";
import { kept } from "./store";
import type { Ask, CallData, Corrected, Happening, Turn } from "./types";

const LOW = 0.55;
const PAUSES = new Set(["hold", "silence", "transfer"]);

export class Transcript {
  readonly box: HTMLElement;
  private readonly list: HTMLElement;
  private readonly lines: HTMLElement[] = [];
  private readonly starts: (number | null)[];
  private active = -1;
  private hits: number[] = [];
  private hit = -1;
  private readonly found: HTMLElement;
  readonly search: HTMLInputElement;
  follow = true;

  constructor(private readonly data: CallData, private readonly play: (seconds: number) => void, private readonly ask: (what: Ask) => void) {
    const words = data.words;
    this.starts = data.turns.map((turn) => turn.start);
    this.found = el("span", { class: "found", "aria-live": "polite" });
    this.search = el("input", {
      type: "search",
      placeholder: words["search"],
      "aria-label": words["search"],
      input: () => this.find(),
      keydown: ((event: KeyboardEvent) => {
        if (event.key === "Enter") this.next(event.shiftKey ? -1 : 1);
        if (event.key === "Escape") {
          this.search.value = "";
          this.find();
          this.search.blur();
        }
      }) as (event: never) => void,
    });
    this.list = el("div", { class: "turns", tabindex: 0, role: "region", "aria-label": words["transcript"] });
    const waiting = data.events.filter((event) => PAUSES.has(event.kind) && event.start !== null).sort((a, b) => (a.start ?? 0) - (b.start ?? 0));
    for (const turn of data.turns) {
      while (waiting[0] && turn.start !== null && (waiting[0].start ?? 0) <= turn.start) this.list.append(this.happening(waiting.shift() as Happening));
      this.list.append(this.line(turn));
    }
    for (const event of waiting) this.list.append(this.happening(event));
    if (!data.turns.length) this.list.append(el("p", { class: "empty" }, words["no_turns"]));
    this.list.addEventListener("wheel", () => (this.follow = false), { passive: true });
    this.list.addEventListener("touchmove", () => (this.follow = false), { passive: true });
    this.box = el(
      "section",
      { class: "transcript" },
      el("div", { class: "bar" }, el("h2", {}, words["transcript"]), this.search, this.found),
      this.list,
    );
    const left = data.may.correct ? data.turns.find((turn) => kept(editKey(data.call, turn.i))) : undefined;
    if (left) this.edit(left.i);
  }

  /** The line that is being said, or the first one. */
  get current(): number {
    return Math.max(0, this.active);
  }

  /** Put a form in place of a line's text; ``word`` is the word to start at. */
  edit(index: number, word: number | null = null): void {
    const turn = this.data.turns[index];
    const line = this.lines[index];
    if (!this.data.may.correct || !turn || !line || line.querySelector(".editor")) return;
    this.lines.forEach((other) => this.close(other));
    line.classList.add("editing");
    line.append(editor(this.data, turn, this.ask, () => this.close(line), word));
    this.follow = false;
    this.show(line);
  }

  private close(line: HTMLElement): void {
    line.classList.remove("editing");
    line.querySelector(".editor")?.remove();
  }

  /** A hold, dead air or a transfer, where it falls between the lines. */
  private happening(event: Happening): HTMLElement {
    const start = event.start ?? 0;
    const length = event.end !== null && event.end > start ? ` · ${Math.round(event.end - start)} s` : "";
    return el("div", { class: "happening" }, el("button", { type: "button", title: this.data.words["play_here"], click: () => this.play(start) }, `${clock(start)} ${event.label}${length}`));
  }

  private line(turn: Turn): HTMLElement {
    const words = this.data.words;
    const name = words[`role_${turn.role}`] ?? turn.role;
    const unsure = turn.sure !== null && turn.sure < 0.6;
    const start = turn.start;
    const text = el("p", { class: "said" });
    const changes = this.data.history.corrections.filter((one) => one.turn === turn.i && one.kind !== "swap");
    if (!turn.text) {
      text.append(el("span", { class: "nobody" }, words["nobody_said"]));
    } else if (turn.words.length) {
      turn.words.forEach(([word, at, probability], i) => {
        const low = probability !== null && probability < LOW;
        const span = el("span", { class: low ? "w low" : "w", title: low ? fill(words["word_doubt"], { p: Math.round((probability ?? 0) * 100) }) : null }, word);
        if (at !== null) span.dataset["t"] = String(at);
        text.append(i ? " " : "", span);
      });
    } else {
      text.append(turn.text);
    }
    const line = el(
      "div",
      { class: `turn ${turn.role}${turn.doubtful ? " doubtful" : ""}`, "data-turn": turn.i },
      el(
        "button",
        { class: "when", type: "button", title: words["play_here"], "aria-label": `${name} ${clock(start)}: ${words["play_here"]}`, disabled: start === null },
        el("span", { class: "who" }, name, unsure ? " ?" : ""),
        el("span", { class: "at" }, clock(start)),
      ),
      text,
      this.data.may.correct && el("button", { class: "edit", type: "button", "aria-label": `${words["edit_line"]} ${clock(start)}`, click: () => this.edit(turn.i) }, words["edit"]),
      turn.doubtful && el("span", { class: "note" }, words["doubtful"]),
      changes[0] && this.correction(changes),
    );
    line.addEventListener("dblclick", (event) => {
      const word = event.composedPath().find((node): node is HTMLElement => node instanceof HTMLElement && node.classList.contains("w"));
      if (word) this.edit(turn.i, [...text.querySelectorAll(".w")].indexOf(word));
    });
    line.addEventListener("click", (event) => {
      if (event.composedPath().some((node) => node instanceof HTMLElement && (node.classList.contains("edit") || node.classList.contains("editor")))) return;
      const word = event.composedPath().find((node): node is HTMLElement => node instanceof HTMLElement && node.dataset["t"] !== undefined);
      const at = word ? Number(word.dataset["t"]) : start;
      if (at === null || window.getSelection()?.toString()) return;
      this.follow = true;
      this.play(at);
    });
    this.lines.push(line);
    return line;
  }

  private correction(changes: Corrected[]): HTMLElement {
    const words = this.data.words;
    const first = changes[changes.length - 1] as Corrected;
    const before = first.kind === "text" ? first.old : words[`role_${first.old}`] ?? first.old;
    return el("span", { class: "note", title: fill(words["was"], { text: before }) }, fill(words["corrected"], { by: (changes[0] as Corrected).by }));
  }

  /** Mark the line that is being said at a moment; scroll to it unless the person scrolled away. */
  at(seconds: number): void {
    let current = -1;
    for (let i = 0; i < this.starts.length; i++) {
      const start = this.starts[i];
      if (start !== null && start !== undefined && start <= seconds + 0.05) current = i;
    }
    if (current === this.active) return;
    this.lines[this.active]?.classList.remove("now");
    this.active = current;
    const line = this.lines[current];
    line?.classList.add("now");
    if (line && this.follow) this.show(line);
  }

  private show(line: HTMLElement): void {
    const top = line.offsetTop; // the list is its lines' offset parent
    if (top < this.list.scrollTop || top + line.offsetHeight > this.list.scrollTop + this.list.clientHeight) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.list.scrollTo({ top: top - this.list.clientHeight / 3, behavior: calm ? "auto" : "smooth" });
    }
  }

  /** The start of the line before (-1) or after (+1) the one being said. */
  neighbour(direction: 1 | -1): number | null {
    for (let i = this.active + direction; i >= 0 && i < this.starts.length; i += direction) {
      const start = this.starts[i];
      if (start !== null && start !== undefined) return start;
    }
    return null;
  }

  reveal(turn: number | null): void {
    const line = turn === null ? undefined : this.lines[turn];
    if (!line) return;
    this.show(line);
    line.classList.remove("flash");
    void line.offsetWidth;
    line.classList.add("flash");
  }

  /** Underline the words that decided a verdict. */
  mark(turns: Map<number, string>): void {
    this.lines.forEach((line, i) => {
      const tone = turns.get(i);
      line.classList.toggle("evidence", tone !== undefined);
      line.dataset["tone"] = tone ?? "";
    });
  }

  private find(): void {
    const wanted = plain(this.search.value.trim());
    this.hits = wanted ? this.data.turns.filter((turn) => plain(turn.text).includes(wanted)).map((turn) => turn.i) : [];
    this.lines.forEach((line, i) => line.classList.toggle("hit", this.hits.includes(i)));
    this.hit = -1;
    this.found.textContent = wanted ? fill(this.data.words["found"], { n: this.hits.length }) : "";
    if (this.hits.length) this.next(1);
  }

  private next(direction: 1 | -1): void {
    if (!this.hits.length) return;
    this.hit = (this.hit + direction + this.hits.length) % this.hits.length;
    const turn = this.hits[this.hit] ?? null;
    this.follow = false;
    this.reveal(turn);
  }
}
