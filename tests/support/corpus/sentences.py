"""Sentences of nine languages with a value in them, each with what people say beside it.

``{v}`` is the value; ``{c}`` a card and ``{x}`` its expiry, where the value is a detail of a card.
"""

from typing import Final

from tests.support.corpus.row import Kind

Sentences = dict[str, tuple[str, ...]]

PAN: Final[Sentences] = {
    "en": (
        "My card number is {v}, can you charge it?",
        "{v}",
        "Please use {v} instead of the old one.",
        "I paid with {v} yesterday and it was declined",
        "Visa: {v}",
        "here you go {v} thanks",
    ),
    "sv": (
        "Mitt kortnummer är {v}.",
        "Kan ni dra pengarna från {v} i stället?",
        "Jag betalade med kortet {v} i går",
        "kort: {v}",
    ),
    "da": (
        "Mit kortnummer er {v}, tak.",
        "Jeg har betalt med {v} men det virkede ikke",
        "Kort {v}",
        "Kan I trække beløbet på {v}?",
    ),
    "pt": (
        "O número do meu cartão é {v}.",
        "Podem cobrar no cartão {v}?",
        "paguei com {v} ontem e foi recusado",
        "cartão: {v}",
    ),
    "de": (
        "Meine Kartennummer lautet {v}.",
        "Bitte buchen Sie von {v} ab",
        "Ich habe mit {v} bezahlt, es ging aber nicht durch.",
        "Kreditkarte: {v}",
    ),
    "fr": (
        "Mon numéro de carte est le {v}.",
        "Vous pouvez débiter la carte {v} ?",
        "j'ai payé avec {v} hier",
        "CB : {v}",
    ),
    "es": (
        "Mi número de tarjeta es {v}.",
        "¿Pueden cobrar a la tarjeta {v}?",
        "pagué con {v} y no funcionó",
        "tarjeta: {v}",
    ),
    "ja": (
        "カード番号は {v} です。",
        "{v} で支払いました",
        "クレジットカード：{v}",
        "このカード {v} でお願いします。",
    ),
    "ar": (
        "رقم بطاقتي هو {v}.",
        "دفعت بالبطاقة {v} أمس",
        "البطاقة: {v}",
        "هل يمكنكم الخصم من {v}؟",
    ),
}

CVV: Final[Sentences] = {
    "en": (
        "Card {c}, expires {x}, CVV {v}",
        "{c} {x} {v}",
        "My card is {c} and the security code is {v}.",
        "number {c}, cvc: {v}",
        "{c} exp {x} cvv2 is {v}, thanks",
        "the code on the back is {v}, card {c}",
    ),
    "sv": (
        "Kort {c}, giltigt till {x}, CVV {v}",
        "Kortet är {c} och säkerhetskoden är {v}.",
        "{c} {x} cvc {v}",
    ),
    "da": (
        "Kort {c}, udløber {x}, kontrolcifre {v}",
        "Kortnummer {c} og sikkerhedskoden er {v}",
        "{c} {x} CVC {v}",
    ),
    "pt": (
        "Cartão {c}, validade {x}, CVV {v}",
        "O cartão é {c} e o código de segurança é {v}.",
        "{c} val {x} cvv: {v}",
    ),
    "de": (
        "Karte {c}, gültig bis {x}, Prüfziffer {v}",
        "Kartennummer {c}, Sicherheitscode {v}",
        "{c}, {x}, CVC: {v}",
    ),
    "fr": (
        "Carte {c}, expire le {x}, cryptogramme {v}",
        "Le numéro est {c} et le code de sécurité est {v}",
        "{c} exp {x} CVV {v}",
    ),
    "es": (
        "Tarjeta {c}, vence {x}, CVV {v}",
        "La tarjeta es {c} y el código de seguridad es {v}.",
        "{c} cad {x} cvc {v}",
    ),
    "ja": (
        "カード番号 {c}、有効期限 {x}、セキュリティコード {v}",
        "{c} {x} CVV {v} です",
        "番号は{c}、セキュリティコードは{v}です",
    ),
    "ar": (
        "البطاقة {c} تنتهي {x} رمز الأمان {v}",
        "رقم البطاقة {c} والرمز السري {v}",
        "{c} {x} CVV {v}",
    ),
}

EXPIRY: Final[Sentences] = {
    "en": (
        "Card {c}, expires {v}",
        "{c} {v}",
        "My card is {c}, valid thru {v}.",
        "{c} exp. {v}",
        "it expires {v}, the number is {c}",
    ),
    "sv": ("Kort {c}, giltigt till {v}", "{c} utgår {v}", "Kortet {c}, utgångsdatum {v}."),
    "da": ("Kort {c}, udløber {v}", "{c} gyldigt til {v}", "Kortet er {c}, udløbsdato {v}."),
    "pt": ("Cartão {c}, validade {v}", "{c} vence em {v}", "O cartão {c} expira {v}."),
    "de": ("Karte {c}, gültig bis {v}", "{c} Ablaufdatum {v}", "Kartennummer {c}, läuft ab {v}."),
    "fr": ("Carte {c}, expire le {v}", "{c} valable jusqu'au {v}", "La carte {c}, expiration {v}."),
    "es": ("Tarjeta {c}, vence {v}", "{c} caduca {v}", "La tarjeta {c}, válida hasta {v}."),
    "ja": ("カード番号 {c}、有効期限 {v}", "{c} 期限 {v}", "{c}、有効期限は{v}です。"),
    "ar": ("البطاقة {c} تنتهي {v}", "{c} صالحة حتى {v}", "رقم البطاقة {c} تاريخ الانتهاء {v}"),
}

IBAN: Final[Sentences] = {
    "en": (
        "Please refund to {v}.",
        "My IBAN is {v}",
        "IBAN: {v}",
        "you can transfer it to {v}, thank you",
    ),
    "sv": ("Sätt in pengarna på {v}, tack.", "Mitt IBAN är {v}", "IBAN {v}"),
    "da": ("Overfør pengene til {v}.", "Mit IBAN er {v}", "IBAN-nr. {v}"),
    "pt": ("Podem devolver para {v}.", "O meu IBAN é {v}", "IBAN: {v}"),
    "de": ("Bitte überweisen Sie auf {v}.", "Meine IBAN lautet {v}", "Kontonummer {v}"),
    "fr": ("Merci de rembourser sur {v}.", "Mon IBAN est {v}", "RIB : {v}"),
    "es": ("Por favor, devuélvanlo a {v}.", "Mi IBAN es {v}", "cuenta: {v}"),
    "ja": ("{v} に振り込んでください。", "IBANは {v} です", "口座：{v}"),
    "ar": ("يرجى التحويل إلى {v}.", "رقم الآيبان {v}", "IBAN: {v}"),
}

SSN: Final[Sentences] = {
    "en": (
        "My social security number is {v}.",
        "SSN: {v}",
        "ssn {v}, please verify me",
        "My social is {v}",
        "Social Security No. {v}",
        "the last form had my SSN as {v} which is right",
    ),
    "sv": ("Mitt amerikanska social security number är {v}.", "SSN {v}", "mitt SSN är {v}"),
    "da": ("Mit amerikanske social security number er {v}.", "SSN: {v}", "mit SSN er {v}"),
    "pt": ("O meu social security number é {v}.", "SSN: {v}", "meu SSN é {v}"),
    "de": ("Meine US-Social-Security-Number ist {v}.", "SSN: {v}", "meine SSN lautet {v}"),
    "fr": ("Mon social security number est {v}.", "SSN : {v}", "mon SSN est {v}"),
    "es": ("Mi número de seguro social es {v}.", "SSN: {v}", "mi seguro social es {v}"),
    "ja": ("私のSSNは {v} です。", "SSN：{v}", "アメリカの社会保障番号は {v} です"),
    "ar": ("رقم الضمان الاجتماعي {v}.", "SSN: {v}", "رقم SSN الخاص بي {v}"),
}

EMAIL: Final[Sentences] = {
    "en": (
        "You can reach me at {v}.",
        "{v}",
        "Please send the receipt to {v}, thanks!",
        "my email is {v}",
        "I signed up with {v} last week",
    ),
    "sv": ("Min e-post är {v}.", "Skicka kvittot till {v} tack", "mejla {v}"),
    "da": ("Min mail er {v}.", "Send kvitteringen til {v}, tak", "skriv til {v}"),
    "pt": ("O meu e-mail é {v}.", "Mandem o recibo para {v}", "escrevam para {v}"),
    "de": ("Meine E-Mail ist {v}.", "Schicken Sie es bitte an {v}", "Mail: {v}"),
    "fr": ("Mon adresse est {v}.", "Envoyez le reçu à {v} svp", "écrivez à {v}"),
    "es": ("Mi correo es {v}.", "Envíen el recibo a {v}", "escríbanme a {v}"),
    "ja": ("メールアドレスは {v} です。", "{v} に送ってください", "メール：{v}"),
    "ar": ("بريدي الإلكتروني {v}.", "أرسلوا الإيصال إلى {v}", "البريد: {v}"),
}

PHONE: Final[Sentences] = {
    "en": (
        "Call me on {v}.",
        "My phone number is {v}",
        "tel: {v}",
        "you can reach me at {v} after five",
        "mobile {v}",
        "text me at {v} please",
        "my WhatsApp is {v}",
        "My cell is {v}, call anytime",
    ),
    "sv": (
        "Ring mig på {v}.",
        "Mitt telefonnummer är {v}",
        "mobil: {v}",
        "Tel {v}",
        "ni når mig på {v} efter fem",
    ),
    "da": ("Ring til mig på {v}.", "Mit telefonnummer er {v}", "mobil: {v}", "Tlf. {v}"),
    "pt": (
        "Liguem para {v}.",
        "O meu telefone é {v}",
        "celular: {v}",
        "telemóvel {v}",
        "me chama no zap {v}",
    ),
    "de": (
        "Rufen Sie mich unter {v} an.",
        "Meine Telefonnummer ist {v}",
        "Handy: {v}",
        "Tel.: {v}",
        "mobil erreichbar unter {v}",
    ),
    "fr": (
        "Appelez-moi au {v}.",
        "Mon numéro de téléphone est le {v}",
        "portable : {v}",
        "Tél. {v}",
    ),
    "es": (
        "Llámenme al {v}.",
        "Mi teléfono es {v}",
        "móvil: {v}",
        "celular {v}",
        "mi número es {v}",
    ),
    "ja": (
        "電話番号は {v} です。",
        "{v} に電話してください",
        "携帯：{v}",
        "TEL {v}",
        "{v} までご連絡ください",
    ),
    "ar": ("اتصلوا بي على {v}.", "رقم هاتفي {v}", "جوال: {v}", "هاتف {v}", "رقم الموبايل {v}"),
}

NATIONAL_ID: Final[Sentences] = {
    "en": ("My Swedish personal number is {v}.", "personnummer {v}"),
    "sv": (
        "Mitt personnummer är {v}.",
        "personnr: {v}",
        "Jag heter Anna, {v}, och vill byta adress",
        "pers.nr {v}",
    ),
    "da": ("Mit CPR-nummer er {v}.", "CPR: {v}", "cpr nr. {v}", "personnummer {v}"),
    "pt": ("O meu CPF é {v}.", "CPF: {v}", "cpf {v}, pode conferir", "CPF nº {v}"),
}

SENTENCES: Final[dict[Kind, Sentences]] = {
    "pan": PAN,
    "cvv": CVV,
    "expiry": EXPIRY,
    "iban": IBAN,
    "ssn": SSN,
    "email": EMAIL,
    "phone": PHONE,
    "national_id": NATIONAL_ID,
}
