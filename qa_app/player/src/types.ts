/** What Python sends (qa_app/payload.py) and what we send back. Times are seconds from the start. */

export type Role = "agent" | "customer" | "ivr" | "other";
export type Verdict = "yes" | "no" | "na" | "review" | "unscored";

export interface Turn {
  i: number;
  role: Role;
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
  value: string | null;
  measured: boolean;
  points: number | null;
  max: number | null;
  critical: boolean;
  suggestion: Verdict | null;
  reason: string | null;
  change: string | null;
  drafted: string | null;
  decision: { action: string; reason: string } | null;
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

export interface CallData {
  call: number;
  seen: number | null;
  language: string;
  words: Record<string, string>;
  url: string | null;
  duration: number;
  peaks: number[][] | null;
  lanes: Role[];
  turns: Turn[];
  events: Happening[];
  criteria: Criterion[];
  score: { value: number | null; by: "machine" | "human"; passed: boolean | null; preview: number | null };
  card: string | null;
  comments: Remark[];
  review: { state: string; draft: number | null; by: string | null; others: string[] };
  may: { review: boolean; comment: boolean; praise: boolean; dispute: boolean; acknowledge: boolean };
  answer?: { nonce: number; ok: boolean; text: string; conflict?: boolean } | null;
}

export type Ask = Record<string, unknown> & { do: string };

export interface Mount<Data> {
  data: Data;
  parentElement: HTMLElement | ShadowRoot;
  setTriggerValue(name: string, value: unknown): void;
  setStateValue(name: string, value: unknown): void;
}
