/** What was typed and not sent yet, kept in this tab: it survives leaving the page, a lost session, a reload. */

export function keep(key: string, text: string): void {
  try {
    if (text) sessionStorage.setItem(`rapport.${key}`, text);
    else sessionStorage.removeItem(`rapport.${key}`);
  } catch {
    // a browser may forbid storage; the text then lives as long as the field
  }
}

export function kept(key: string): string {
  try {
    return sessionStorage.getItem(`rapport.${key}`) ?? "";
  } catch {
    return "";
  }
}
