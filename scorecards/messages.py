"""What the checks say in words, in English and German. A card's own texts are in its YAML."""

_TEXTS: dict[str, tuple[str, str]] = {
    "done": ("{what} here", "{what} (hier)"),
    "missing": ("nowhere in the call: {what}", "kommt im Gespräch nicht vor: {what}"),
    "against": ("instead: {what}", "stattdessen: {what}"),
    "occasion": ("this calls for {what}", "das verlangt nach: {what}"),
    "no_occasion": ("nothing in the call gave an occasion", "das Gespräch gab keinen Anlass"),
    "unanswered": ("this was not followed by: {what}", "darauf folgte nicht: {what}"),
    "answered": ("followed by: {what}", "darauf folgt: {what}"),
    "no_hold": ("nobody was put on hold", "niemand wurde in die Warteschleife gelegt"),
    "asked": ("asked, and the customer agreed", "gefragt, und der Kunde war einverstanden"),
    "not_asked": ("put on hold without asking", "ohne Frage in die Warteschleife gelegt"),
    "not_awaited": ("asked, but the answer was not waited for", "gefragt, aber die Antwort nicht abgewartet"),
    "declined": ("the customer said no", "der Kunde hat abgelehnt"),
    "hold_reason": ("the reason for the hold is given", "der Grund des Wartens wird genannt"),
    "no_hold_reason": ("no reason for the hold", "kein Grund für das Warten"),
    "hold_time": ("how long it will take is named", "die Dauer wird genannt"),
    "no_hold_time": ("how long it will take is not named", "die Dauer wird nicht genannt"),
    "thanked": ("thanks or apology for the wait", "Dank oder Entschuldigung für das Warten"),
    "not_thanked": ("back without thanks or apology", "zurück ohne Dank oder Entschuldigung"),
    "long_hold": (
        "{seconds:.0f} s on hold without coming back to the customer",
        "{seconds:.0f} s in der Warteschleife, ohne sich zu melden",
    ),
    "short_hold": ("{seconds:.0f} s on hold", "{seconds:.0f} s in der Warteschleife"),
    "hold_unknown": (
        "how long the hold was cannot be told from this recording",
        "wie lange gewartet wurde, lässt diese Aufnahme nicht erkennen",
    ),
    "cut_out": (
        "the recorder left the hold out, so its length is not known",
        "die Aufzeichnung lässt das Warten aus, die Dauer ist nicht bekannt",
    ),
    "no_times": (
        "the conversation carries no times and no events from the audio",
        "das Gespräch hat weder Zeiten noch Ereignisse aus dem Ton",
    ),
    "no_events": (
        "the conversation carries no events from the audio",
        "das Gespräch hat keine Ereignisse aus dem Ton",
    ),
    "no_signal": ("the signal {what} is not known", "der Messwert {what} ist nicht bekannt"),
    "no_refusal_alone": ("followed by something the customer can have", "gefolgt von einem Angebot"),
    "no_transfer": ("nobody was put through", "niemand wurde verbunden"),
    "cold_reason": ("no reason for the transfer", "kein Grund für die Weiterleitung"),
    "cold_consent": ("the customer was not asked", "der Kunde wurde nicht gefragt"),
    "cold_brief": (
        "the colleague was not told the story",
        "dem Kollegen wurde der Fall nicht geschildert",
    ),
    "retold": ("the customer has to tell it again", "der Kunde muss es noch einmal erzählen"),
    "warm": ("transfer: {what}", "Weiterleitung: {what}"),
    "identifiers": ("{count} identifiers given so far", "bis hier {count} Merkmale genannt"),
    "disclosed": (
        "an account matter with only {count} identifiers given",
        "eine Kontosache bei nur {count} genannten Merkmalen",
    ),
    "forbidden": ("turns the customer away: {what}", "weist den Kunden ab: {what}"),
    "label": ("speaks for {what}", "spricht für {what}"),
    "no_name": ("no name given by this agent", "dieser Mitarbeiter nennt keinen Namen"),
    "no_company": ("no company or department named", "weder Firma noch Abteilung genannt"),
    "opening": ("name and company", "Name und Firma"),
    "mid_call": ("the recording starts mid-call", "die Aufnahme beginnt mitten im Gespräch"),
    "hung_up": ("the customer ended the call", "der Kunde hat das Gespräch beendet"),
    "dropped": ("the line dropped", "die Verbindung brach ab"),
    "event": ("{seconds:.1f} s from {at}", "{seconds:.1f} s ab {at}"),
    "due": ("due: {what}", "fällig: {what}"),
    "vague": ("no time or no person is named", "Zeit oder Person bleibt offen"),
    "specific": ("a time and a person are named", "Zeit und Person sind genannt"),
    "other_language": (
        "the call is in {what}, this card is for {card}",
        "das Gespräch ist in {what}, diese Karte gilt für {card}",
    ),
    "no_words": ("the conversation has no words", "das Gespräch enthält keine Wörter"),
    "no_roles": ("nobody knows who is the agent", "es ist nicht bekannt, wer Mitarbeiter ist"),
    "no_agent": ("no agent speaks in this recording", "in der Aufnahme spricht kein Mitarbeiter"),
    "no_customer": ("no customer speaks in this recording", "in der Aufnahme spricht kein Kunde"),
    "roles_in_doubt": (
        "who is the agent and who the customer is not sure enough ({confidence:.2f})",
        "wer Agent und wer Kunde ist, ist nicht sicher genug ({confidence:.2f})",
    ),
    "weighed": (
        "the rest of the call tips it: {what}",
        "das übrige Gespräch gibt den Ausschlag: {what}",
    ),
    "doubt": (
        "not sure enough ({confidence:.2f}); it would say {what}",
        "nicht sicher genug ({confidence:.2f}); Vorschlag: {what}",
    ),
    "would": ("It would have been met {where}: {what}", "Es wäre erfüllt gewesen {where}: {what}"),
    "at": ("at {time}", "bei {time}"),
    "in_turn": ("in turn {turn}", "in Beitrag {turn}"),
    "anywhere": ("with this", "hiermit"),
}

_TERMS: dict[str, tuple[str, str]] = {
    "refusal": ("a refusal that stands alone", "eine Absage ohne Ausweg"),
    "blame": ("blame", "eine Schuldzuweisung"),
    "dont_know": ("“I don't know”, left at that", "„Weiß ich nicht“, und dabei bleibt es"),
    "not_my_job": ("somebody else's task", "andere seien zuständig"),
    "dismissive": ("waves the customer away", "wimmelt ab"),
    "rude": ("rude", "unhöflich"),
    "jargon": ("internal terms, unexplained", "interne Begriffe ohne Erklärung"),
    "other": ("other", "anderes"),
    "delivery": ("a delivery", "eine Lieferung"),
    "billing": ("a bill or payment", "Rechnung oder Zahlung"),
    "technical_fault": ("something that does not work", "etwas, das nicht funktioniert"),
    "account_access": ("access to an account", "den Zugang zum Konto"),
    "cancellation": ("a cancellation", "eine Kündigung"),
    "booking_change": ("an appointment or booking", "Termin oder Buchung"),
    "product_question": ("a question about a product", "eine Frage zum Produkt"),
    "complaint_service": ("a complaint about the service", "eine Beschwerde über den Service"),
    "claim": ("a claim or damage", "einen Schaden"),
    "earlier_contact": ("an earlier contact", "einen früheren Kontakt"),
    "product": ("the product", "das Produkt"),
    "self_service": ("self-service", "die Selbstbedienung"),
    "information": ("missing information", "fehlende Auskunft"),
    "negative": ("an unhappy mood", "eine schlechte Stimmung"),
    "neutral": ("a calm mood", "eine ruhige Stimmung"),
    "positive": ("a good mood", "eine gute Stimmung"),
}


def term(name: str, language: str) -> str:
    """A category or label of the standard cards in words for people; a company's own name as it is."""
    english, german = _TERMS.get(name, (name.replace("_", " "), name.replace("_", " ")))
    return german if language == "de" else english


def say(key: str, language: str, **values: object) -> str:
    """A message in a language; English where the language is neither English nor German."""
    english, german = _TEXTS[key]
    return (german if language == "de" else english).format(**values)


def clock(seconds: float) -> str:
    """Seconds as people read them on a player: 3:12."""
    return f"{int(seconds // 60):02d}:{int(seconds % 60):02d}"
