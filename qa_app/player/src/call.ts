/** The call page: sound, lanes, transcript and scorecard in one component. */

import { clock, el } from "./dom";
import { editKey } from "./edit";
import { history, newer, pending, rolesInDoubt } from "./history";
import { type Key, listen } from "./keys";
import { Remarks } from "./remarks";
import { Scorecard, tone } from "./scorecard";
import { SPEEDS, Sound } from "./sound";
import { keep, kept } from "./store";
import { legend, timeline } from "./timeline";
import { Transcript } from "./transcript";
import type { Ask, CallData, Mount } from "./types";

const IDLE_S = 60;

class CallPage {
  private readonly root: HTMLElement;
  private sound: Sound | null = null;
  private readonly transcript: Transcript;
  private readonly card: Scorecard;
  private readonly remarks: Remarks;
  private readonly lanes = el("div", { class: "lanes-box" });
  private readonly cursor = el("div", { class: "cursor", "aria-hidden": "true" });
  private readonly time = el("output", { class: "time", "aria-label": "" });
  private readonly playButton: HTMLButtonElement;
  private readonly speed: HTMLSelectElement;
  private readonly answer = el("div", { class: "answer", role: "status", "aria-live": "polite" });
  private readonly help: HTMLDialogElement;
  private readonly stopListening: () => void;
  private readonly fitting: ResizeObserver;
  private readonly clockWork: number;
  private readonly banner = el("div", { class: "banner" });
  private readonly past = el("div", {});
  private active = 0;
  private lastSign = performance.now();
  private seen: number | null = null;
  private sent: Ask | null = null;
  readonly shape: string;

  /** ``before`` is the page that this one takes the place of: the sound goes on where it was. */
  constructor(private readonly host: HTMLElement, private data: CallData, private mount: Mount<CallData>, before?: CallPage) {
    const words = data.words;
    this.shape = shapeOf(data);
    this.active = before?.data.call === data.call ? before.active : Number(kept(`seconds.${data.call}`)) || 0;
    this.seen = before ? before.seen : data.answer?.nonce ?? null;
    const at = before?.data.call === data.call ? before.sound?.time ?? 0 : 0;
    this.playButton = el("button", { type: "button", class: "play-main", "aria-label": words["play"], click: () => this.sound?.toggle() }, "▶");
    this.speed = el(
      "select",
      { "aria-label": words["speed"], change: () => { if (this.sound) this.sound.speed = Number(this.speed.value); } },
      ...SPEEDS.map((s) => el("option", { value: s, selected: s === 1 }, `${String(s).replace(".", data.language === "de" ? "," : ".")}×`)),
    );
    this.transcript = new Transcript(data, (seconds) => this.play(seconds), (what) => this.ask(what));
    this.card = new Scorecard(data, {
      play: (start, end, turn) => {
        this.transcript.follow = true;
        if (this.sound) this.sound.playFrom(start, end);
        this.transcript.reveal(turn);
      },
      ask: (what) => this.ask(what),
      seconds: () => Math.round(this.active),
    });
    this.remarks = new Remarks(data, (what) => this.ask(what), (seconds) => this.play(seconds), () => this.sound?.time ?? 0);
    const keys = this.keys();
    this.help = this.helpBox(keys);
    const wave = el("div", { class: "wave" });
    const player = el(
      "section",
      { class: "player", "aria-label": words["player"] },
      el("div", { class: "controls" }, this.playButton, this.time, this.speed, legend(data), el("button", { type: "button", class: "quiet help", "aria-label": words["keys"], title: words["keys"], click: () => this.help.showModal() }, "?")),
      el("div", { class: "strip" }, wave, this.lanes, this.cursor),
    );
    const left = el("div", { class: "left" }, this.transcript.box, this.remarks.box, this.past);
    this.root = el("div", { class: "call" }, player, this.banner, el("div", { class: "columns" }, left, this.card.box), this.answer, this.help);
    this.host.replaceChildren(this.root);
    this.drawLanes();
    this.drawPast();
    if (data.url) this.startSound(data.url, wave);
    else wave.append(el("p", { class: "empty" }, words["no_sound"]));
    if (!data.url) this.playButton.disabled = true;
    this.fitting = new ResizeObserver(() => this.fit(player));
    this.fitting.observe(player);
    this.fitting.observe(document.documentElement);
    this.stopListening = listen(keys, this.root, () => this.help.open);
    for (const kind of ["pointermove", "keydown", "wheel"]) this.root.addEventListener(kind, () => (this.lastSign = performance.now()), { passive: true });
    this.clockWork = window.setInterval(() => this.count(), 500);
    if (at && this.sound) this.sound.startAt(at, before?.sound?.speed ?? 1);
    this.speed.value = String(this.sound?.speed ?? 1);
    this.showTime(at);
    this.root.dataset["ready"] = "true";
  }

  /** Tell the style how tall the player is and how much room is left below it on an unscrolled page. */
  private fit(player: HTMLElement): void {
    let scrolled = window.scrollY;
    for (let box: Element | null = host(this.root); box; box = box.parentElement) scrolled += box.scrollTop;
    const top = player.getBoundingClientRect().bottom + scrolled;
    this.root.style.setProperty("--player", `${player.offsetHeight}px`);
    this.root.style.setProperty("--room", `${Math.round(window.innerHeight - top)}px`);
  }

  /** Seconds of work: the page is visible, and it plays or somebody moved within the last minute. */
  private count(): void {
    if (!this.root.isConnected) {
      this.destroy();
      return;
    }
    const busy = performance.now() - this.lastSign < IDLE_S * 1000 || (this.sound !== null && !this.sound.audio.paused);
    if (document.visibilityState !== "visible" || !busy) return;
    this.active += 0.5;
    if (Number.isInteger(this.active / 5)) keep(`seconds.${this.data.call}`, String(this.active));
  }

  private drawPast(): void {
    this.past.replaceChildren(...[history(this.data, (seconds) => this.play(seconds))].filter((node) => node !== null));
    const told = [pending(this.data, () => this.ask({ do: "read_again" })), rolesInDoubt(this.data, (what) => this.ask(what)), newer(this.data, (what) => this.ask(what))];
    this.banner.replaceChildren(...told.filter((node) => node !== null));
  }

  private startSound(url: string, wave: HTMLElement): void {
    const style = getComputedStyle(this.root);
    const colour = (name: string): string => style.getPropertyValue(name).trim() || "#888";
    const words = this.data.words;
    this.sound = new Sound(wave, {
      url,
      duration: this.data.duration,
      peaks: this.data.peaks,
      colours: { wave: [colour("--wave")], played: [colour("--played")], cursor: "transparent" },
      onTime: (seconds) => this.showTime(seconds),
      onPlaying: (playing) => {
        this.playButton.textContent = playing ? "❚❚" : "▶";
        this.playButton.setAttribute("aria-label", words[playing ? "pause" : "play"] ?? "");
        this.root.dataset["playing"] = String(playing);
      },
      onError: () => this.say(words["sound_failed"] ?? "", false),
    });
  }

  private play(seconds: number): void {
    this.sound?.playFrom(seconds);
  }

  private showTime(seconds: number): void {
    this.time.textContent = `${clock(seconds)} / ${clock(this.data.duration)}`;
    this.root.dataset["time"] = seconds.toFixed(2);
    this.cursor.style.setProperty("--at", String(this.data.duration ? seconds / this.data.duration : 0));
    this.transcript.at(seconds);
  }

  private drawLanes(): void {
    this.lanes.replaceChildren(timeline(this.data, (seconds) => this.play(seconds)));
    const tones = new Map<number, string>();
    for (const criterion of this.data.criteria) {
      for (const evidence of criterion.evidence) if (evidence.turn !== null) tones.set(evidence.turn, tone(criterion));
    }
    this.transcript.mark(tones);
  }

  private ask(what: Ask): void {
    if (this.sent) return;
    this.sent = what;
    this.root.dataset["busy"] = "true";
    window.setTimeout(() => this.settle(), 8000);
    this.mount.setTriggerValue("ask", { ...what, seen: this.data.seen, draft: this.data.review.draft, nonce: Date.now() });
  }

  private settle(): void {
    this.sent = null;
    delete this.root.dataset["busy"];
  }

  update(data: CallData, mount: Mount<CallData>): void {
    this.mount = mount;
    const before = JSON.stringify(this.data);
    this.data = data;
    const answer = data.answer ?? null;
    const fresh = answer !== null && answer.nonce !== this.seen;
    if (fresh) {
      this.seen = answer.nonce;
      this.say(answer.text, answer.ok);
    }
    if (JSON.stringify(data) === before) return;
    const sent = fresh && answer.ok ? this.sent?.do : null;
    if (fresh) this.settle();
    if (sent === "finish") {
      this.active = 0;
      keep(`seconds.${data.call}`, "");
    }
    this.drawLanes();
    this.drawPast();
    this.card.update(data);
    this.remarks.update(data, sent === "comment");
  }

  /** Say what was answered while the page before this one was still there. */
  arrived(before?: CallPage): void {
    const answer = this.data.answer ?? null;
    if (!before || answer === null || answer.nonce === this.seen) return;
    this.seen = answer.nonce;
    this.say(answer.text, answer.ok);
  }

  /** A correction that was accepted needs its text no longer. */
  leave(data: CallData): void {
    if (data.answer?.ok && data.answer.nonce !== this.seen && this.sent?.do === "correct") keep(editKey(data.call, Number(this.sent["turn"])), "");
  }

  private say(text: string, ok: boolean): void {
    this.answer.replaceChildren(el("p", { class: ok ? "ok" : "bad" }, text));
    if (ok) window.setTimeout(() => this.answer.replaceChildren(), 4000);
  }

  private keys(): Key[] {
    const words = this.data.words;
    const jump = (seconds: number) => (): void => this.sound?.seek((this.sound?.time ?? 0) + seconds);
    const line = (direction: 1 | -1) => (): void => {
      const start = this.transcript.neighbour(direction);
      if (start !== null) this.sound?.seek(start);
    };
    const faster = (direction: 1 | -1) => (): void => {
      if (this.sound) this.speed.value = String(this.sound.faster(direction));
    };
    const key = (keys: string[], show: string, name: string, run: () => void, group: Key["group"] = "listen"): Key => ({ keys, show, help: words[`key_${name}`] ?? name, group, run });
    const listening = [
      key([" "], "Space", "play", () => this.sound?.toggle()),
      key(["ArrowLeft"], "←", "back", jump(-5)),
      key(["ArrowRight"], "→", "forward", jump(5)),
      key(["ArrowUp"], "↑", "line_before", line(-1)),
      key(["ArrowDown"], "↓", "line_after", line(1)),
      key(["["], "[", "slower", faster(-1)),
      key(["]"], "]", "faster", faster(1)),
      key(["/"], "/", "search", () => this.transcript.search.focus()),
      key(["?"], "?", "help", () => (this.help.open ? this.help.close() : this.help.showModal())),
      key(["j", "J"], "J", "next", () => this.card.move(1), "items"),
      key(["k", "K"], "K", "before", () => this.card.move(-1), "items"),
      key(["e", "E"], "E", "evidence", () => this.card.playEvidence(), "items"),
    ];
    if (this.data.next) listening.push(key(["g", "G"], "G", "next_call", () => this.ask({ do: "next" }), "items"));
    if (this.data.may.comment) listening.push(key(["m", "M"], "M", "comment", () => this.remarks.write(), "decide"));
    if (this.data.may.correct) listening.push(key(["w", "W"], "W", "edit", () => this.transcript.edit(this.transcript.current), "decide"));
    if (!this.data.may.review) return listening;
    return [
      ...listening,
      key(["r", "R"], "R", "reel", () => this.card.toggleReel(), "items"),
      key(["y", "Y"], "Y", "yes", () => this.card.choose("yes"), "decide"),
      key(["n", "N"], "N", "no", () => this.card.choose("no"), "decide"),
      key(["x", "X"], "X", "na", () => this.card.choose("na"), "decide"),
      key(["c", "C"], "C", "confirm", () => this.card.confirmCurrent(), "decide"),
      key(["a", "A"], "A", "clear", () => this.card.confirmClear(), "decide"),
      key(["u", "U"], "U", "undo", () => this.card.undo(), "decide"),
      key(["f", "F"], "F", "finish", () => this.card.finish(), "decide"),
    ];
  }

  private helpBox(keys: Key[]): HTMLDialogElement {
    const words = this.data.words;
    const group = (name: Key["group"]): HTMLElement[] => {
      const rows = keys.filter((key) => key.group === name).map((key) => el("div", {}, el("dt", {}, el("kbd", {}, key.show)), el("dd", {}, key.help)));
      return rows.length ? [el("section", {}, el("h3", {}, words[`keys_${name}`]), el("dl", {}, ...rows))] : [];
    };
    const box = el("dialog", { class: "keys", "aria-label": words["keys"] }, el("h2", {}, words["keys"]), el("div", { class: "groups" }, ...group("listen"), ...group("items"), ...group("decide")));
    box.append(el("button", { type: "button", click: () => box.close() }, words["close"]));
    return box;
  }

  destroy(): void {
    window.clearInterval(this.clockWork);
    this.stopListening();
    this.fitting.disconnect();
    this.sound?.destroy();
    this.sound = null;
  }
}

/** The element of the page that holds a component. */
function host(inside: Element): Element | null {
  const root = inside.getRootNode();
  return root instanceof ShadowRoot ? root.host : inside.parentElement;
}

/** What makes a new page necessary; all else is updated in place and the sound plays on. */
function shapeOf(data: CallData): string {
  return JSON.stringify([data.call, data.version, data.url, data.language, data.duration, data.may, data.next]);
}

const pages = new WeakMap<object, CallPage>();

export default function (mount: Mount<CallData>): void {
  const box = mount.parentElement;
  const host = (box.querySelector<HTMLElement>(".rapport-call") ?? box) as HTMLElement;
  let page = pages.get(box);
  if (page && page.shape === shapeOf(mount.data)) {
    page.update(mount.data, mount);
  } else {
    const before = page;
    before?.leave(mount.data);
    page = new CallPage(host, mount.data, mount, before);
    before?.destroy();
    pages.set(box, page);
    page.arrived(before);
  }
}
