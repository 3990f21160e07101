"""Everything held on an agent as one page to read and print: no script, nothing loaded from elsewhere."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from database.types import as_utc
from qa_app.i18n import Translator
from qa_app.presenting import EMPTY, clock, criterion_title, moment, score, verdict_name

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1d2733}"
    "h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem;border-top:1px solid #ccd3da;padding-top:1rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0}td,th{text-align:left;padding:.2rem .6rem 0 0;"
    "border-bottom:1px solid #e5e9ed;vertical-align:top}p.l{margin:.15rem 0}.q{color:#5a6773}"
)


def readable(held: Mapping[str, Any], t: Translator, name: str, zone: str) -> str:
    """The page; ``held`` is what ``own.everything_on`` gives."""

    def when(text: str) -> str:
        return moment(as_utc(text), zone, t)

    parts = [f"<h1>{escape(t('own.title', name=name))}</h1><p class='q'>{escape(t('own.lead'))}</p>"]
    parts += [_call(call, t, when) for call in held["calls"]]
    parts.append(f"<h2>{escape(t('coaching.title'))}</h2>")
    for plan in held["coaching"]:
        title = criterion_title(plan["criterion"], t)
        parts.append(f"<h3>{escape(title)} · {escape(t('coaching.state_' + plan['state']))}</h3>")
        parts.append(_line(plan["aim"]))
        parts += [_line(f"{when(e['at'])} · {e['by']} · {e['text'] or '✓'}") for e in plan["entries"]]
        parts += [
            _line(f"{clock(c['start'])}–{clock(c['end'])} · {c['by']} · {c['comment']}")
            for c in plan["clips"]
        ]
    parts.append(f"<h2>{escape(t('examples.title'))}</h2>")
    for one in held["good_examples"]:
        shared = t("examples.is_shared" if one["shared"] else "examples.is_private")
        parts.append(_line(f"{one['title']} · {one['by']} · {shared}"))
    parts.append(f"<h2>{escape(t('my.listened'))}</h2><table>")
    parts += [
        f"<tr><td>{escape(when(e['at']))}</td><td>{escape(e['who'])}</td>"
        f"<td>{escape(audit_name(e['what'], t))}</td><td>{e['call'] or ''}</td></tr>"
        for e in held["seen_by"]
    ]
    body = "".join(parts) + "</table>"
    return (
        f'<!doctype html><html lang="{t.language}"><meta charset="utf-8">'
        f"<title>{escape(t('own.title', name=name))}</title><style>{STYLE}</style><body>{body}</body></html>"
    )


def audit_name(action: str, t: Translator) -> str:
    """What was done, in the person's words."""
    return t.get(f"did.{action.replace(' ', '_')}", action)


def _role(role: str | None, t: Translator) -> str:
    return t.get(f"role.{role or 'other'}", "")


def _line(text: str) -> str:
    return f"<p class='l'>{escape(text)}</p>" if text else ""


def _call(call: Mapping[str, Any], t: Translator, when: Any) -> str:
    by = t(f"by.{call['score_by']}")
    head = f"{call['file_name']} · {when(call['started_at'])} · {score(call['score'], t)} ({by})"
    parts = [f"<h2>{escape(head)}</h2>"]
    judged = (call["assessment"] or {}).get("criteria", [])
    people = call["decided_by_people"]
    rows = [
        f"<tr><td>{escape(criterion_title(one['id'], t))}</td>"
        f"<td>{escape(verdict_name(one['verdict'], t))}</td>"
        f"<td>{escape(verdict_name(people[one['id']], t) if one['id'] in people else EMPTY)}</td></tr>"
        for one in judged
    ]
    if rows:
        names = (t("calls.criterion"), t("by.machine"), t("by.human"))
        head_row = "".join(f"<th>{escape(one)}</th>" for one in names)
        parts.append(f"<table><tr>{head_row}</tr>{''.join(rows)}</table>")
    parts += [_line(f"{c['by']}, {when(c['at'])}: {c['text']}") for c in call["comments"]]
    parts += [
        _line(f"{criterion_title(d['criterion'], t)}: {t('disputes.state_' + d['state'])} · {d['reason']}")
        for d in call["disputes"]
    ]
    for own in call["self_reviews"]:
        said = ", ".join(f"{criterion_title(c, t)}: {verdict_name(v, t)}" for c, v in own["verdicts"].items())
        parts.append(_line(f"{t('nav.self_review')}, {when(own['at'])}: {said}"))
    if call["conversation"]:
        turns = json.loads(call["conversation"])["turns"]
        said = "".join(
            f"<p class='l'><span class='q'>{clock(one['start'])} {escape(_role(one['role'], t))}</span> "
            f"{escape(one['text'])}</p>"
            for one in turns
        )
        parts.append(f"<details><summary>{escape(t('player.transcript'))}</summary>{said}</details>")
    return "".join(parts)
