/** What Python sends (qa_app/payload.py) and what we send back. Times are seconds from the start. */

export type Role = "agent" | "customer" | "ivr" | "other";
/** "hidden": a blind review does not get to know it. */
export type Verdict = "yes" | "no" | "na" | "review" | "unscored" | "hidden";

export interface Turn {
  i: number;
  role: Role;
  voice: string;
  sure: number | null;
  start: number | null;
  end: number | null;
  text: string;
  doubtful: boolean;
  words: [text: string, start: number | null, probability: number | null][];
}

export interface Happening {
  kind: string;
  start: number | null;
  end: number | null;
  label: string;
}

export interface Evidence {
  turn: number | null;
  start: number | null;
  end: number | null;
  text: string;
  why: string;
  rule: string;
  category: string | null;
  instead: string | null;
}

export interface Criterion {
  id: string;
  title: string;
  about: string;
  verdict: Verdict;
  stands: Verdict;
  by: "machine" | "human";
  good: Verdict | null;
  counts: boolean;
  confidence: number | null;
  clear: boolean;
  /** What is measured: as people read it, as it is, what the machine had, and the labels there are. */
  value: string | null;
  raw: number | string | boolean | null;
  was: string | null;
  options: [value: string, name: string][];
  measured: boolean;
  points: number | null;
  max: number | null;
  critical: boolean;
  suggestion: Verdict | null;
  reason: string | null;
  change: string | null;
  drafted: string | null;
  decision: { action: string; reason: string; cause: string | null } | null;
  earlier: { verdict: Verdict; reason: string } | null;
  dispute: string | null;
  evidence: Evidence[];
}

export interface Remark {
  id: number;
  moment: number | null;
  text: string;
  kind: string;
  writer: string;
  at: string;
}

export interface Corrected {
  /** Its line in this transcript; none where it was made in an older one. */
  turn: number | null;
  kind: "text" | "role" | "swap";
  everywhere: boolean;
  old: string;
  new: string;
  by: string;
  at: string;
}

export interface Moved {
  at: string;
  before: number | null;
  after: number | null;
  verdicts: { title: string; old: string; new: string }[];
}

export interface History {
  corrections: Corrected[];
  moves: Moved[];
  pending: { since: string; cause: string | null; idle: boolean } | null;
  newer: { at: string; left: { turn: number; kind: string; old: string; new: string; now: string | null }[] } | null;
}

/** Minute by minute; what is unknown is null. */
export interface Plots {
  talk_share?: (number | null)[];
  agent_pace?: (number | null)[];
  customer_pace?: (number | null)[];
}

export interface CallData {
  call: number;
  seen: number | null;
  version: number | null;
  language: string;
  words: Record<string, string>;
  url: string | null;
  duration: number;
  peaks: number[][] | null;
  lanes: Role[];
  turns: Turn[];
  events: Happening[];
  plots: Plots;
  roles_in_doubt?: boolean;
  criteria: Criterion[];
  score: { value: number | null; by: "machine" | "human"; passed: boolean | null; preview: number | null };
  card: string | null;
  comments: Remark[];
  history: History;
  review: { state: string; draft: number | null; by: string | null; others: string[]; blind: boolean; own: boolean };
  may: { review: boolean; comment: boolean; praise: boolean; dispute: boolean; correct: boolean; acknowledge: boolean };
  next: boolean;
  answer?: { nonce: number; ok: boolean; text: string; conflict?: boolean } | null;
}

export type Ask = Record<string, unknown> & { do: string };

export interface Mount<Data> {
  data: Data;
  parentElement: HTMLElement | ShadowRoot;
  setTriggerValue(name: string, value: unknown): void;
  setStateValue(name: string, value: unknown): void;
}
