"""What customers and agents say around a value that comes in pieces, in nine languages."""

from typing import Final

Phrases = dict[str, tuple[str, ...]]

HELLO: Final[Phrases] = {
    "en": ("Hi, how can I help?", "Hello! This is Sam.", "Good morning, what can I do for you?"),
    "sv": ("Hej, hur kan jag hjälpa till?", "Hej! Sam här.", "God morgon!"),
    "da": ("Hej, hvad kan jeg hjælpe med?", "Hej! Det er Sam.", "Godmorgen!"),
    "pt": ("Olá, como posso ajudar?", "Oi! Aqui é o Sam.", "Bom dia!"),
    "de": ("Hallo, wie kann ich helfen?", "Guten Tag, Sam hier.", "Guten Morgen!"),
    "fr": ("Bonjour, comment puis-je aider ?", "Bonjour ! Ici Sam.", "Bonjour à vous."),
    "es": ("Hola, ¿en qué puedo ayudar?", "¡Hola! Soy Sam.", "Buenos días."),
    "ja": ("こんにちは、ご用件は？", "サムです。よろしくお願いします。", "おはようございます。"),
    "ar": ("مرحبا، كيف أساعدك؟", "أهلا، معك سام.", "صباح الخير."),
}

GO_ON: Final[Phrases] = {
    "en": ("ok", "go on", "yes?", "and the rest?", "one moment please"),
    "sv": ("ok", "fortsätt", "ja?", "och resten?", "ett ögonblick"),
    "da": ("ok", "fortsæt", "ja?", "og resten?", "et øjeblik"),
    "pt": ("ok", "pode continuar", "sim?", "e o resto?", "um momento"),
    "de": ("ok", "weiter bitte", "ja?", "und der Rest?", "einen Moment"),
    "fr": ("ok", "continuez", "oui ?", "et la suite ?", "un instant"),
    "es": ("ok", "continúe", "¿sí?", "¿y el resto?", "un momento"),
    "ja": ("はい", "続けてください", "はい？", "残りは？", "少々お待ちください"),
    "ar": ("حسنا", "تفضل", "نعم؟", "والباقي؟", "لحظة من فضلك"),
}

CHATTER: Final[Phrases] = {
    "en": ("sorry, the phone rang", "just a sec", "my glasses...", "wait, the doorbell", "so"),
    "sv": ("förlåt, det ringde", "vänta lite", "mina glasögon...", "det är någon vid dörren", "så"),
    "da": (
        "undskyld, det ringede",
        "lige et sekund",
        "mine briller...",
        "der er nogen ved døren",
        "så",
    ),
    "pt": (
        "desculpe, o telefone tocou",
        "só um segundo",
        "meus óculos...",
        "a campainha",
        "pronto",
    ),
    "de": ("Entschuldigung, es hat geklingelt", "Sekunde", "meine Brille...", "die Tür", "so"),
    "fr": ("pardon, ça sonne", "une seconde", "mes lunettes...", "la porte", "voilà"),
    "es": ("perdón, sonó el teléfono", "un segundo", "mis gafas...", "la puerta", "ya"),
    "ja": ("すみません、電話が", "少し待って", "眼鏡が…", "玄関に誰か", "では"),
    "ar": ("عفوا، رن الهاتف", "ثانية", "نظارتي...", "الباب", "حسنا"),
}

AGAIN: Final[Phrases] = {
    "en": ("I did not get that, could you send it again?", "sorry, once more?"),
    "sv": ("Det kom inte fram, kan du skicka igen?", "en gång till?"),
    "da": ("Det kom ikke frem, kan du sende igen?", "en gang til?"),
    "pt": ("Não chegou, pode enviar de novo?", "mais uma vez?"),
    "de": ("Das kam nicht an, können Sie es noch einmal senden?", "noch einmal?"),
    "fr": ("Je n'ai rien reçu, vous pouvez renvoyer ?", "encore une fois ?"),
    "es": ("No llegó, ¿puede enviarlo de nuevo?", "¿una vez más?"),
    "ja": ("届きませんでした。もう一度お願いします。", "もう一度？"),
    "ar": ("لم يصل، هل يمكنك الإرسال مرة أخرى؟", "مرة أخرى؟"),
}

ASK: Final[dict[str, Phrases]] = {
    "pan": {
        "en": ("What is your card number?", "Could you give me the card number, please?"),
        "sv": ("Vad är ditt kortnummer?", "Kan jag få kortnumret?"),
        "da": ("Hvad er dit kortnummer?", "Må jeg få kortnummeret?"),
        "pt": ("Qual é o número do cartão?", "Pode me dar o número do cartão?"),
        "de": ("Wie lautet Ihre Kartennummer?", "Geben Sie mir bitte die Kartennummer?"),
        "fr": ("Quel est votre numéro de carte ?", "Le numéro de carte, s'il vous plaît ?"),
        "es": ("¿Cuál es su número de tarjeta?", "¿Me da el número de la tarjeta?"),
        "ja": ("カード番号を教えてください。", "クレジットカードの番号は？"),
        "ar": ("ما هو رقم بطاقتك؟", "هل تعطيني رقم البطاقة؟"),
    },
    "cvv": {
        "en": ("And the security code?", "What is the CVV on the back?", "cvc?"),
        "sv": ("Och säkerhetskoden?", "Vad är CVV-koden?", "cvc?"),
        "da": ("Og sikkerhedskoden?", "Hvad er CVV-koden?", "kontrolcifre?"),
        "pt": ("E o código de segurança?", "Qual é o CVV?", "cvv?"),
        "de": ("Und die Prüfziffer?", "Wie lautet der Sicherheitscode?", "CVC?"),
        "fr": ("Et le cryptogramme ?", "Quel est le code de sécurité ?", "CVV ?"),
        "es": ("¿Y el código de seguridad?", "¿Cuál es el CVV?", "cvc?"),
        "ja": ("セキュリティコードは？", "CVVを教えてください。"),
        "ar": ("ورمز الأمان؟", "ما هو رمز CVV؟"),
    },
    "expiry": {
        "en": ("And when does it expire?", "The expiry date?"),
        "sv": ("När går det ut?", "Och utgångsdatum?"),
        "da": ("Hvornår udløber det?", "Og udløbsdato?"),
        "pt": ("Qual a validade?", "E quando vence?"),
        "de": ("Wann läuft sie ab?", "Und das Ablaufdatum?"),
        "fr": ("Et la date d'expiration ?", "Quand expire-t-elle ?"),
        "es": ("¿Y la fecha de vencimiento?", "¿Cuándo caduca?"),
        "ja": ("有効期限は？", "有効期限を教えてください。"),
        "ar": ("وتاريخ الانتهاء؟", "متى تنتهي صلاحيتها؟"),
    },
    "iban": {
        "en": ("What is your IBAN?", "Which account should we refund? The IBAN please."),
        "sv": ("Vad är ditt IBAN?", "Vilket konto? IBAN tack."),
        "da": ("Hvad er dit IBAN?", "Hvilken konto? IBAN, tak."),
        "pt": ("Qual é o seu IBAN?", "Para que conta? O IBAN, por favor."),
        "de": ("Wie lautet Ihre IBAN?", "Auf welches Konto? Die IBAN bitte."),
        "fr": ("Quel est votre IBAN ?", "Sur quel compte ? L'IBAN svp."),
        "es": ("¿Cuál es su IBAN?", "¿A qué cuenta? El IBAN, por favor."),
        "ja": ("IBANを教えてください。", "返金先のIBANは？"),
        "ar": ("ما هو رقم الآيبان؟", "إلى أي حساب؟ رقم IBAN من فضلك."),
    },
    "ssn": {
        "en": ("What is your social security number?", "Your SSN, please?"),
        "sv": ("Vad är ditt SSN?", "Ditt social security number?"),
        "da": ("Hvad er dit SSN?", "Dit social security number?"),
        "pt": ("Qual é o seu SSN?", "O seu social security number?"),
        "de": ("Wie lautet Ihre SSN?", "Ihre Social Security Number?"),
        "fr": ("Quel est votre SSN ?", "Votre social security number ?"),
        "es": ("¿Cuál es su SSN?", "¿Su número de seguro social?"),
        "ja": ("SSNを教えてください。", "社会保障番号は？"),
        "ar": ("ما هو رقم SSN؟", "رقم الضمان الاجتماعي؟"),
    },
    "phone": {
        "en": ("What is your phone number?", "Which number can we call you on?"),
        "sv": ("Vad är ditt telefonnummer?", "Vilket nummer kan vi ringa?"),
        "da": ("Hvad er dit telefonnummer?", "Hvilket nummer kan vi ringe på?"),
        "pt": ("Qual é o seu telefone?", "Para que número podemos ligar?"),
        "de": ("Wie ist Ihre Telefonnummer?", "Unter welcher Nummer können wir anrufen?"),
        "fr": ("Quel est votre numéro de téléphone ?", "À quel numéro vous appeler ?"),
        "es": ("¿Cuál es su teléfono?", "¿A qué número le llamamos?"),
        "ja": ("電話番号を教えてください。", "お電話番号は？"),
        "ar": ("ما هو رقم هاتفك؟", "على أي رقم نتصل بك؟"),
    },
    "email": {
        "en": ("What is your e-mail address?", "Where can I send it?"),
        "sv": ("Vad är din e-postadress?", "Vart ska jag skicka det?"),
        "da": ("Hvad er din mailadresse?", "Hvor skal jeg sende det hen?"),
        "pt": ("Qual é o seu e-mail?", "Para onde envio?"),
        "de": ("Wie ist Ihre E-Mail-Adresse?", "Wohin darf ich es schicken?"),
        "fr": ("Quelle est votre adresse e-mail ?", "Où l'envoyer ?"),
        "es": ("¿Cuál es su correo?", "¿A dónde lo envío?"),
        "ja": ("メールアドレスを教えてください。", "どちらに送りますか？"),
        "ar": ("ما هو بريدك الإلكتروني؟", "إلى أين أرسله؟"),
    },
}

LEAD: Final[dict[str, Phrases]] = {
    "pan": {
        "en": ("my card is {v}", "it starts {v}", "{v}", "{v} and"),
        "sv": ("kortet är {v}", "det börjar {v}", "{v}", "{v} och"),
        "da": ("kortet er {v}", "det starter {v}", "{v}", "{v} og"),
        "pt": ("o cartão é {v}", "começa com {v}", "{v}", "{v} e"),
        "de": ("die Karte ist {v}", "sie beginnt mit {v}", "{v}", "{v} und"),
        "fr": ("la carte est {v}", "ça commence par {v}", "{v}", "{v} et"),
        "es": ("la tarjeta es {v}", "empieza con {v}", "{v}", "{v} y"),
        "ja": ("カードは {v}", "最初は {v}", "{v}", "{v} と"),
        "ar": ("البطاقة {v}", "تبدأ بـ {v}", "{v}", "{v} و"),
    },
}

REST: Final[Phrases] = {
    "en": ("{v}", "{v}", "and then {v}", "the rest is {v}", "{v} that is all"),
    "sv": ("{v}", "{v}", "och sedan {v}", "resten är {v}", "{v} det var allt"),
    "da": ("{v}", "{v}", "og så {v}", "resten er {v}", "{v} det var det hele"),
    "pt": ("{v}", "{v}", "e depois {v}", "o resto é {v}", "{v} é isso"),
    "de": ("{v}", "{v}", "und dann {v}", "der Rest ist {v}", "{v} das ist alles"),
    "fr": ("{v}", "{v}", "et puis {v}", "la suite est {v}", "{v} c'est tout"),
    "es": ("{v}", "{v}", "y luego {v}", "el resto es {v}", "{v} eso es todo"),
    "ja": ("{v}", "{v}", "それから {v}", "残りは {v}", "{v} 以上です"),
    "ar": ("{v}", "{v}", "ثم {v}", "والباقي {v}", "{v} هذا كل شيء"),
}
