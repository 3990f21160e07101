/** Comments at a moment: listed under the transcript, written with the moment that plays now. */

import { clock, el, fill } from "./dom";
import { keep, kept } from "./store";
import type { Ask, CallData } from "./types";

export class Remarks {
  readonly box = el("section", { class: "remarks" });
  private moment: number | null = null;
  private readonly field: HTMLTextAreaElement;
  private readonly when = el("span", { class: "at" });

  constructor(private data: CallData, private readonly ask: (what: Ask) => void, private readonly play: (seconds: number) => void, private readonly now: () => number) {
    this.field = el("textarea", { rows: 2, maxlength: 10000, "aria-label": data.words["comment"], placeholder: data.words["comment"], focus: () => this.pin(), input: () => keep(this.key, this.field.value) });
    this.field.value = kept(this.key);
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.send("remark");
      if (event.key === "Escape") this.field.blur();
    });
    this.draw();
  }

  private get key(): string {
    return `comment.${this.data.call}`;
  }

  private pin(): void {
    if (this.moment === null) this.moment = this.now();
    this.when.textContent = fill(this.data.words["at"], { t: clock(this.moment) });
  }

  write(): void {
    this.moment = this.now();
    this.pin();
    this.field.focus();
  }

  private send(kind: string): void {
    const text = this.field.value.trim();
    if (text) this.ask({ do: "comment", text, moment: this.moment ?? this.now(), kind });
  }

  update(data: CallData, sent: boolean): void {
    this.data = data;
    if (sent) {
      this.field.value = "";
      this.moment = null;
      keep(this.key, "");
    }
    this.draw();
  }

  private draw(): void {
    const { data } = this;
    const words = data.words;
    const list = el("ul", {});
    for (const remark of data.comments) {
      const moment = remark.moment;
      list.append(
        el(
          "li",
          { class: remark.kind },
          moment === null ? null : el("button", { type: "button", class: "play", click: () => this.play(moment) }, "▶ ", clock(moment)),
          el("span", { class: "tag" }, words[`kind_${remark.kind}`] ?? remark.kind),
          el("span", { class: "text" }, remark.text),
          el("span", { class: "by" }, `${remark.writer}, ${remark.at}`),
        ),
      );
    }
    const parts: HTMLElement[] = [el("h2", {}, words["comments"])];
    if (data.comments.length) parts.push(list);
    if (data.may.comment) {
      this.when.textContent = this.moment === null ? "" : fill(words["at"], { t: clock(this.moment) });
      parts.push(
        el(
          "div",
          { class: "write" },
          this.field,
          el(
            "div",
            { class: "choices" },
            el("button", { type: "button", click: () => this.send("remark") }, words["save_comment"]),
            data.may.praise && el("button", { type: "button", click: () => this.send("praise") }, words["save_praise"]),
            this.when,
          ),
        ),
      );
    } else if (!data.comments.length) {
      parts.push(el("p", { class: "empty" }, words["no_comments"]));
    }
    this.box.replaceChildren(...parts);
  }
}
