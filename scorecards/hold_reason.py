"""Reasons for a wait in the words that ask for it: said in so many words, or told beside the formula.

Who asks to wait says so in a few stock words ("could I pop you on hold for a minute, is that all right?").
What such a turn tells beyond them is, nearly always, why.
"""

import regex

from scorecards.patterns import lazily

TIMEOUT_S = 0.25
ENOUGH_WORDS = 3
"""So many words beyond the formula tell something."""
LAST_SENTENCES = 3
"""What was said longer before the question is about something else."""
_SEARCH = (
    r"(?:check|ask|look|see|find|get|pull|call|ring|phone|speak|talk|have a (?:quick )?(?:word|look|chat)|"
    r"clarify|confirm|consult|verify|review|search|sort|chase|read|open|go (?:and|through|over)|reach|fetch|"
    r"try|walk|run|dig|bring|compare|calculate|work out|figure|track|trace|locate|discuss|contact|collect|"
    r"gather|radio|message|catch|push|reset|update|process|arrange|load|print|double-?check|investigate|enquire|"
    r"inquire|brief|grab|test)"
)
_SUCHE = (
    r"(?:nach(?:sehen|schauen|fragen|lesen|forschen|haken|prüfen|rechnen|schlagen)|fragen|klären|abklären|"
    r"prüfen|überprüfen|schauen|sehen|suchen|heraussuchen|raussuchen|heraus ?finden|rausfinden|anrufen|"
    r"durchklingeln|sprechen|reden|besprechen|absprechen|abstimmen|rücksprache (?:halten|nehmen)|erkundigen|"
    r"rückfragen|rückversichern|vergewissern|vergleichen|abgleichen|ausrechnen|berechnen|ermitteln|"
    r"recherchieren|kontaktieren|erreichen|kontrollieren|einsehen|abrufen|anfordern|einholen|aufrufen|öffnen|"
    r"laden|holen|lesen|angucken|ansehen|anschauen|durchgehen|laufen|telefonieren|zurücksetzen|freischalten)"
)
_REASON = lazily(
    r"\b(?:while (?!you\b)\p{L}+|so (?:that )?(?:i|we|they|he|she|my \p{L}+)|because|until (?!you\b)\p{L}+|"
    r"in order to|(?:since|as) (?:i|we) (?:need|have|must|can't|cannot)|for me to|"
    rf"to (?:brief|reset|{_SEARCH})|and (?:(?:i|we)(?:'ll| will) )?(?:just |quickly |then )*{_SEARCH}|"
    r"während (?!sie\b)\p{L}+|(?:damit|denn) (?:ich|wir)|weil|"
    r"bis (?:ich|wir|er|das|der|die|meine?|unser\p{L}*)|dafür|"
    r"um (?:\p{L}+ ){0,5}zu \p{L}+|um (?:\p{L}+ ){0,5}\p{L}+zu\p{L}+en|solange (?:ich|wir)|zur prüfung|"
    r"rücksprache|"
    # said as a plan: "I need to have a word with the warehouse"
    r"(?:i|we)(?:'ll| will|'ve got to| need to| have to| want to| must|'d like to| would like to|'d have to|"
    r" would have to|'m going to| am going to|'m gonna|'m just going to) "
    rf"(?:just |quickly |then |also |go |go and |first )*{_SEARCH}|"
    rf"let me (?:just |quickly |then |go |go and |first )*{_SEARCH}|"
    r"(?:ich|wir) (?:muss|müsste|müssen|möchte|möchten|will|wollen|werde|werden|würde|würden|kann|könnte) "
    rf"(?:[\p{{L}}\d]+,? ){{0,8}}?{_SUCHE}|"
    r"(?:frage|frag|schaue|schau|sehe|seh|kläre|klär|prüfe|prüf|suche|such|rufe|ruf|hole|hol|lese|spreche|"
    r"vergleiche|rechne|telefoniere|kontrolliere) (?:ich|wir)|"
    r"(?:ich|und) (?:frage|frag|schaue|schau|sehe|seh|kläre|klär|prüfe|prüf|suche|such|rufe|ruf|spreche|hole|"
    r"hol|lese|vergleiche|rechne|telefoniere|kontrolliere|erkundige) (?!sie\b)|"
    # somebody else has to do it: "that is handled by my colleague", „dafür ist die Kasse zuständig“
    r"(?:handled|dealt with|looked after|sorted|done) by|(?:he|she|they|who|that) (?:handles?|deals?|"
    r"looks? after|knows?|has access|have access|can (?:help|do|fix|sort|see|change|reset|approve))|"
    r"(?:better|best|right) (?:person|people|place|team|department)|responsible for|in charge of|"
    r"need (?:my|a|the|our|someone|somebody)\b|"
    r"zuständig|kümmer\p{L}+ sich|kenn\p{L}+ sich|weiterhelfen|(?:besser|direkt|sofort|gleich) helfen|"
    r"(?:braucht?|brauchen|benötig\p{L}+) (?:ich |wir )?(?:dafür |dazu )?"
    r"(?:die|den|das|meine\p{L}*|unsere\p{L}*)|"
    r"(?:hat|haben) (?:\p{L}+ ){0,2}zugriff|"
    # on a check-in, what still goes on, or is not done yet, is the reason
    r"(?:'re|'m|'s|are|am|is) (?:just |still |currently )*"
    r"(?:check|look|search|load|ring|call|pull|wait|try|run|work|read|finish|speak|talk|queue|open|compar|"
    r"confirm|sort)\p{L}*ing|"
    r"still (?:on (?:it|with|to)|at it|busy|(?!hold)\p{L}+ing(?! (?:on|up)\b))|"
    r"(?:ha(?:ve|s)n't|(?:have|has) not|(?:is|are)n't|not) (?:\p{L}+ ){0,4}"
    r"(?:yet|answered|found|replied|through)|"
    r"no (?:answer|reply|luck)|waiting (?:for|on)|on (?:the other line|another call)|"
    r"(?:need|take|taking|want)s? (?:\p{L}+ ){0,3}(?:longer|more time)|"
    r"(?:nearly|almost) (?:there|done|through|finished)|"
    r"(?:sucht|suchen|suche|prüft|prüfen|prüfe|schaut|schauen|schaue|wartet|warten|warte|klärt|"
    r"klären|kläre|rechnet|lädt|läuft|dauert|braucht|brauche|telefoniert|spricht|liest) (?:\p{L}+ ){0,2}noch|"
    r"(?:bin|ist|sind) (?:immer )?noch(?! (?:einmal |mal |kurz )?(?:da|dran|hier)\b)|"
    r"(?:sucht|prüft|klärt|fragt|holt|wartet|telefoniert|spricht|liest) (?:\p{L}+ ){0,2}gerade|"
    r"noch (?:dabei|dran|nicht|niemand\p{L}*|kein\p{L}*|am \p{L}+|beim \p{L}+)|"
    r"dauert (?:\p{L}+ ){0,3}länger|(?:besetzt|mehr zeit)|"
    r"(?:warte|warten|wartet) (?:\p{L}+ ){0,2}auf|fast (?:fertig|so ?weit)|gleich so ?weit)\b",
    regex.IGNORECASE,
)
_SENTENCE = lazily(r"(?<=[.?!…])\s+")
_WORD = lazily(r"\p{L}+")
_TITLED = lazily(r"\b(?:mr|mrs|ms|miss|mister|missus|herrn?|frau)\.? \p{L}+", regex.IGNORECASE)
_FORMULA = {
    "en": lazily(
        r"(?:i|me|my|you|your|u|we|us|our|it|this|that|these|those|there|here|he|she|they|a|an|the|to|for|on|in|"
        r"at|of|off|by|with|from|up|down|over|about|around|and|or|so|but|if|as|than|then|while|whilst|until|"
        r"till|not|no|now|also|too|what|which|how|is|are|was|be|been|being|am|do|does|did|done|can|could|may|"
        r"might|must|shall|should|will|would|wanna|gonna|going|go|get|got|gotta|have|has|had|having|need|want|"
        r"like|let|lemme|s|m|t|d|ll|re|ve|don|won|"
        r"hold\w*|wait\w*|stay\w*|remain\w*|hang\w*|bear\w*|bare|sit\w*|tight|line|lines|phone|handset|receiver|"
        r"call|caller|music|mute|quiet|put\w*|pop\w*|plac\w+|stick|park\w*|set|aside|leav\w+|keep\w*|throw|"
        r"seconds?|secs?|minutes?|mins?|moments?|mo|ticks?|jiffy|bit|little|long|longer|more|time|another|one|"
        r"two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|forty|fifty|sixty|ninety|half|"
        r"couple|few|most|least|max\w*|tops|roughly|approximately|"
        r"please|kindly|okay|ok|alright|all|right|sure|fine|good|great|well|mind|happy|able|willing|possible|"
        r"allow\w*|permission|ask|asking|sir|madam|ma|miss|dear|mate|love|thanks?|thankyou|patien\w+|sorry|"
        r"apolog\w+|excuse|bother|much|very|really|just|only|quick\w*|brief\w*|short\w*|real|still|back|again|"
        r"hello|hi|hey|yes|yeah|yep|oh|um|uh|er|hm|aye|of|course|certainly|perfect|lovely|brilliant|wonderful|"
        r"know|soon|away|first)",
        regex.IGNORECASE,
    ),
    "de": lazily(
        r"(?:der|die|das|den|dem|des|ein\w{0,2}|kein\w{0,2}|ich|mich|mir|mein\w{0,2}|du|dich|dir|dein\w{0,2}|sie|"
        r"ihnen|ihr\w{0,2}|er|ihn|ihm|es|wir|uns|unser\w{0,2}|man|ist|sind|bin|bist|war\w{0,2}|wär\w{0,3}|sei\w?|"
        r"hab\w{0,2}|hat|hätt\w{0,3}|werd\w{0,2}|wird|würd\w{0,3}|kann|könn\w{0,4}|darf\w?|dürf\w{0,4}|"
        r"muss|müss\w{0,4}|soll\w{0,3}|will|woll\w{0,3}|möcht\w{0,3}|mög\w{0,2}|mag|lass\w{0,2}|"
        r"und|oder|aber|dass|wenn|ob|als|wie|so|dann|denn|da|dafür|damit|dabei|dazu|hier|nicht|nur|auch|noch|"
        r"mal|einmal|nochmal|eben|grade|gerade|schnell|kurz\w{0,2}|ganz|gern\w?|bitte\w?|bitten|jetzt|gleich|"
        r"schon|wieder|doch|ja|nein|okay|ok|gut|recht|einverstanden|ordnung|in|im|ins|an|am|auf|aus|bei|mit|"
        r"von|vom|zu|zum|zur|für|um|über|nach|vor|bis|unter|"
        r"(?:ab)?(?:zu)?wart\w*|gewartet|\w*musik|\w*schleife|\w*position|leitung|apparat|telefon|hörer|"
        r"dran\w*|(?:zu)?bleib\w*|leg\w{0,2}|stell\w{0,2}|setz\w{0,2}|halt\w{0,2}|häng\w{0,2}|park\w{0,2}|"
        r"nehm\w{0,2}|weg\w*|stumm\w*|schalt\w{0,2}|leise|seite|(?:zu)?gedulden|geduld\w*|"
        r"sekunde\w?|sekündchen|minut\w*|minüt\w*|moment\w*|augenblick\w*|weile|zeit|zwei|zwo|drei|vier|fünf|"
        r"sechs|sieben|acht|zehn|fünfzehn|zwanzig|dreißig|halb\w{0,2}|anderthalb|eineinhalb|paar|etwa|circa|"
        r"ca|ungefähr|rund|höchstens|maximal|vielleicht|dauer\w{0,2}|länger|lang\w?|weitere\w?|klein\w{0,2}|"
        r"danke\w*|vielen|dank|herzlich\w*|entschuld\w*|verzeih\w*|leid|sorry|hallo|herr|frau|also|nun|na|ach|"
        r"ah|äh|ähm|hm|natürlich|klar|selbstverständlich|prima|super|wunderbar|perfekt|alles|derweil|solange|"
        r"lieb|nett|freundlich|macht|etwas|nichts|s)",
        regex.IGNORECASE,
    ),
}
"""What asking to wait is made of: little words, waiting, lengths of time, manners."""


def reason_named(text: str) -> str | None:
    """The words that give a reason for a wait, None where there are none."""
    try:
        match = _REASON.search(text, timeout=TIMEOUT_S)
    except TimeoutError:  # a text that no expression can be held against gives no reason
        return None
    return match.group() if match else None


def told_beside(text: str, language: str) -> list[str]:
    """The words of the last sentences of a turn beyond the formula of asking to wait; people's names after
    their title are none. English is the formula of any language that has none of its own."""
    said = " ".join(_SENTENCE.split(text)[-LAST_SENTENCES:])
    formula = _FORMULA.get(language[:2], _FORMULA["en"])
    return [word for word in _WORD.findall(_TITLED.sub(" ", said)) if not formula.fullmatch(word)]
