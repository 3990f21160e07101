/** The sound: one <audio> element, drawn by wavesurfer from stored peaks, so nothing is decoded here. */

import WaveSurfer from "wavesurfer.js";

export const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];

export interface SoundOptions {
  url: string;
  duration: number;
  peaks: number[][] | null;
  colours: { wave: string[]; played: string[]; cursor: string };
  onTime(seconds: number): void;
  onPlaying(playing: boolean): void;
  onError(): void;
}

export class Sound {
  readonly audio: HTMLAudioElement;
  private readonly wave: WaveSurfer | null;
  private stopAt: number | null = null;
  private frame = 0;

  constructor(box: HTMLElement, private readonly options: SoundOptions) {
    this.audio = document.createElement("audio");
    this.audio.preload = "metadata";
    this.audio.src = options.url;
    this.audio.addEventListener("play", () => this.playing(true));
    this.audio.addEventListener("pause", () => this.playing(false));
    this.audio.addEventListener("seeked", () => this.tick());
    this.audio.addEventListener("error", () => options.onError());
    this.wave = options.peaks?.length ? this.draw(box, options.peaks) : null;
  }

  private draw(box: HTMLElement, peaks: number[][]): WaveSurfer {
    const { wave, played, cursor } = this.options.colours;
    const height = peaks.length > 1 ? 30 : 48;
    return WaveSurfer.create({
      container: box,
      media: this.audio,
      peaks,
      duration: this.options.duration,
      height,
      normalize: true,
      cursorColor: cursor,
      cursorWidth: 2,
      barWidth: 2,
      barGap: 1,
      barRadius: 1,
      dragToSeek: true,
      hideScrollbar: true,
      splitChannels: peaks.map((_, i) => ({
        waveColor: wave[i % wave.length],
        progressColor: played[i % played.length],
        height,
      })),
    });
  }

  private playing(playing: boolean): void {
    cancelAnimationFrame(this.frame);
    if (playing) {
      const step = (): void => {
        this.tick();
        this.frame = requestAnimationFrame(step);
      };
      step();
    } else {
      this.tick();
    }
    this.options.onPlaying(playing);
  }

  private tick(): void {
    const now = this.audio.currentTime;
    if (this.stopAt !== null && now >= this.stopAt) {
      this.stopAt = null;
      this.audio.pause();
    }
    this.options.onTime(now);
  }

  get time(): number {
    return this.audio.currentTime;
  }

  /** Play from a moment, up to another one where given (a clip). */
  playFrom(seconds: number, until: number | null = null): void {
    this.seek(seconds);
    this.stopAt = until;
    void this.audio.play().catch(() => undefined);
  }

  /** Stand at a moment without playing, as soon as the sound's length is known. */
  startAt(seconds: number, speed: number): void {
    this.speed = speed;
    this.audio.addEventListener("loadedmetadata", () => this.seek(seconds), { once: true });
  }

  seek(seconds: number): void {
    this.stopAt = null;
    const end = Number.isFinite(this.audio.duration) ? this.audio.duration : this.options.duration;
    this.audio.currentTime = Math.max(0, Math.min(seconds, end));
    this.options.onTime(this.audio.currentTime);
  }

  toggle(): void {
    this.stopAt = null;
    if (this.audio.paused) void this.audio.play().catch(() => undefined);
    else this.audio.pause();
  }

  get speed(): number {
    return this.audio.playbackRate;
  }

  set speed(value: number) {
    this.audio.preservesPitch = true;
    this.audio.playbackRate = value;
  }

  /** The next speed up (+1) or down (-1). */
  faster(direction: 1 | -1): number {
    const at = SPEEDS.reduce((best, s, i) => (Math.abs(s - this.speed) < Math.abs((SPEEDS[best] ?? 1) - this.speed) ? i : best), 0);
    this.speed = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + direction))] ?? 1;
    return this.speed;
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.audio.pause();
    this.wave?.destroy();
    this.audio.removeAttribute("src");
    this.audio.load();
  }
}
