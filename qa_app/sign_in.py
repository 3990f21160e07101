"""The sign-in page: plain HTML, so that it needs no script and no session."""

from html import escape
from urllib.parse import quote

from qa_app.i18n import Translator
from qa_app.theme import DARK, FONT, LIGHT


def page(
    t: Translator, *, target: str = "/", login: str = "", problem: str = "", provider: str | None = None
) -> str:
    """The page as HTML; ``problem`` says why the last try failed; ``provider`` is the name of the identity
    provider where there is one."""
    warning = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    other = ""
    if provider:
        address = f"/account/oidc?next={quote(target)}"
        label = escape(t("sign_in.by", name=provider))
        other = f'<a class="other" href="{address}">{label}</a><p class="or">{escape(t("sign_in.or"))}</p>'
    focus = ("", " autofocus") if login else (" autofocus", "")
    return f"""<!doctype html>
<html lang="{t.language}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(t("sign_in.title"))} · Rapport</title>
<style>{_STYLE}</style>
</head>
<body><main>
<h1>Rapport</h1>
<p class="lead">{escape(t("sign_in.lead"))}</p>
{warning}
{other}
<form method="post" action="/account/sign-in?next={quote(target)}">
<label for="login">{escape(t("sign_in.login"))}</label>
<input id="login" name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required
 maxlength="120" value="{escape(login, quote=True)}"{focus[0]}>
<label for="password">{escape(t("sign_in.password"))}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
 maxlength="1000"{focus[1]}>
<button type="submit">{escape(t("sign_in.submit"))}</button>
</form>
<p class="foot">{escape(t("sign_in.foot"))}</p>
</main></body></html>"""


def _colours(theme: dict[str, str]) -> str:
    return (
        f"--bg:{theme['secondaryBackgroundColor']};--card:{theme['backgroundColor']};--ink:{theme['textColor']};"
        f"--quiet:{theme['grayTextColor']};--line:{theme['borderColor']};--accent:{theme['primaryColor']};"
        f"--warn:{theme['redTextColor']}"
    )


_STYLE = f"""
:root{{color-scheme:light dark;{_colours(LIGHT)};--on-accent:#fff}}
@media (prefers-color-scheme:dark){{:root{{{_colours(DARK)};--on-accent:#0e1417}}}}
*{{box-sizing:border-box}}
body{{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);color:var(--ink);
font:16px/1.5 {FONT}}}
main{{width:min(24rem,calc(100vw - 2rem));background:var(--card);border:1px solid var(--line);
border-radius:10px;padding:2rem}}
h1{{margin:0;font-size:1.5rem;letter-spacing:-.01em}}
.lead{{margin:.25rem 0 1.5rem;color:var(--quiet)}}
label{{display:block;margin:1rem 0 .3rem;font-size:.9rem;font-weight:600}}
input{{width:100%;padding:.6rem .7rem;font:inherit;color:inherit;background:var(--bg);
border:1px solid var(--line);border-radius:6px}}
input:focus,button:focus{{outline:2px solid var(--accent);outline-offset:2px}}
button{{width:100%;margin-top:1.5rem;padding:.65rem;font:inherit;font-weight:600;color:var(--on-accent);
background:var(--accent);border:0;border-radius:6px;cursor:pointer}}
.problem{{margin:0 0 .5rem;padding:.6rem .8rem;border-left:3px solid var(--warn);
background:var(--bg);color:var(--warn)}}
.other{{display:block;text-align:center;padding:.65rem;font-weight:600;color:var(--on-accent);
background:var(--accent);border-radius:6px;text-decoration:none}}
.other:focus{{outline:2px solid var(--accent);outline-offset:2px}}
.or{{margin:1.2rem 0 0;text-align:center;font-size:.85rem;color:var(--quiet)}}
.foot{{margin:1.5rem 0 0;font-size:.85rem;color:var(--quiet)}}
"""
