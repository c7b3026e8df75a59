"""What a line of a chat is about, told by the words for it in nine languages.

English, Swedish, Danish, Portuguese, German, French, Spanish, Japanese, Arabic. The words only say
what a number that follows may be; they never make a value of a number by themselves.
"""

import re
from enum import IntEnum, auto
from typing import Final


class Topic(IntEnum):
    """What somebody speaks of, or asks for."""

    CARD = auto()
    CODE = auto()
    EXPIRY = auto()
    IBAN = auto()
    EMAIL = auto()
    SSN = auto()
    PHONE = auto()
    NUMBER = auto()  # all of something, and not whether there is one
    TAIL = auto()  # only the last digits of something
    NATIONAL = auto()
    OTHER = auto()  # a number that is none of all these: an order, a price, a room


_LATIN: Final = {
    # Beginnings of words, unless they end in `$`: languages add their endings.
    Topic.CARD: (
        "card$ cards$ card'?s$ credit[ -]?card debit[ -]?card cardnumber cardno"
        " kort$ kortet$ kortnum(?:me?r|ret) kortnr kredit-?kort kontokort betal-?kort betalingskort"
        " bankkort visakort dankort"
        " cart[aã]o cart[oõ]es tarjeta kreditkarte bankkarte karte$ kartennummer karten-?nr"
        " carte$ cartes$ cb$ visa$ mastercard amex$ maestro american\\ express pan$"
    ),
    Topic.CODE: (
        "cvv cvc cv2 csc$ cid$ security\\ code card\\ code card\\ verification"
        " verification\\ (?:value|number) (?:3|three)[ -]digit"
        " (?:3|three|4|four)\\ (?:digits|numbers)\\ (?:on|at)\\ the\\ (?:back|front|reverse)"
        " (?:on|at)\\ the\\ back digits\\ behind code\\ on\\ the\\ (?:back|card)"
        " s[aä]kerhets-?kod kontroll?-?kod kort-?kod tre\\ siffror (?:p[aå]\\ )?baksidan"
        " sikkerheds-?kode kontrol(?:cifre|kode) tre\\ cifre (?:p[aå]\\ )?bagsiden"
        " c[oó]digo\\ (?:de\\ )?(?:seguran[cç]a|seguridad|verifica) c[oó]digo\\ do\\ cart[aã]o"
        " tr[eê]s\\ (?:d[ií]gitos|n[uú]meros) (?:3|tres)\\ (?:d[ií]gitos|n[uú]meros)"
        " pr[uü]f-?(?:nummer|ziffer|code) pruef(?:nummer|ziffer) sicherheits-?(?:code|nummer)"
        " karten-?pr[uü]f dreistellig drei\\ ziffern r[uü]ckseite kartencode"
        " cryptogramme code\\ de\\ (?:s[eé]curit[eé]|v[eé]rification) (?:3|trois)\\ chiffres"
        " au\\ (?:dos|verso)"
    ),
    Topic.EXPIRY: (
        "exp$ expir expiry valid\\ (?:thru|through|until|till|to) good\\ thr valid$"
        " utg[aå]ng(?:en|sdatum)?$ giltig g[aä]ller\\ till gyldig udl[oø]b"
        " g[aå]r\\ (?:det|den|kortet)\\ ut"
        " validade v[aá]lid vence vencimiento vencimento caduc"
        " g[uü]ltig ablauf(?:datum|monat)?$ l[aä]uft\\ (?:sie|es)\\ ab"
        " l[aä]uft\\ (?:die|ihre)\\ karte\\ ab verfall validit[eé] fin\\ de\\ valid"
    ),
    Topic.SSN: (
        "ssn$ ss#?$ soc(?:ial)?\\.?\\ sec social\\ (?:security|number)"
        " seguro\\ social seguridad\\ social seguran[cç]a\\ social n[uú]mero\\ social"
        " socialf[oö]rs[aä]kring sozialversicherung s[eé]curit[eé]\\ sociale social\\ sikring"
    ),
    Topic.PHONE: (
        "phone telephone cell$ cellphone mobile mobil$ mobil-?numme?r mobilen$ tel$ tel\\."
        " call\\ (?:me|you) ringa?$ ringe$ ligar$ llamar?$ llamamos appeler anrufen"
        " reach\\ (?:me|you) n[åa]r\\ vi\\ dig text\\ me whatsapp telefon telefone tlf$"
        " ring\\ mi[gj] celular"
        " (?:dit|ditt|your|seu|su|tu|dein|ihre|votre)\\ (?:nummer|number|n[uú]m[eé]ro)\\s?\\?"
        " telem[oó]vel tel[eé]fono m[oó]vil$ ll[aá]mame me\\ ligue handy$ handynummer"
        " contact\\ number kontakt-?nu erreichbar joindre joignable n[uú]m[eé]ro\\ de\\ contact"
        " rufnummer ruf\\ mich t[eé]l[eé]phone portable$ appelez"
    ),
    Topic.NATIONAL: "cpf$ cpr(?:-?n(?:umme)?r)?$ person-?n(?:umme)?r$ personal\\ (?:id|number)",
    Topic.IBAN: "iban",
    Topic.EMAIL: "mejl e-?mail mail(?:en|adress)?$ mail-?adress e-?post correo courriel",
    Topic.NUMBER: (
        "numbers?$ no\\. digits? details data$ full$ nr$ [a-zäöåæøü]{0,16}(?:nummer|numret)"
        " siff uppgifter oplysning cif"
        " n[uú]mer d[ií]gito dados datos d[eé]tails num[eé]ro chiffre coordonn[eé]es daten ziffer"
    ),
    Topic.TAIL: (
        "last\\ (?:4|four|few|digits) final\\ (?:4|four) ending ends$ (?:4|four)\\ last"
        " (?:de\\ )?(?:sista|sidste)\\ (?:4|fyra|fire) slutar$ slutter$ ender$"
        " [uú]ltim[oa]s\\ (?:4|quatro|cuatro|d[ií]gitos) terminad[oa] termina$ final$"
        " letzten?\\ (?:4|vier) endet$ endend (?:4|quatre)\\ derniers? derniers\\ (?:4|quatre)"
        " se\\ termin finit\\ par$"
    ),
    Topic.OTHER: (
        "order invoice ticket track parcel package shipment case$ booking reference ref$ refno"
        " reservation serial model customer\\ (?:number|no|id) member loyalty gift library"
        " account\\ id user\\ id zip$ postal postcode flight room quantity price amount total$"
        " paid$ charged costs?$ coupon voucher meter sn$ version build imei isbn article item sku"
        " best[aä]llning faktura [aä]rende bokning sp[aå]rning kundnummer postn(?:umme)?r paket"
        " medlem"
        " presentkort leverans kvitto pris$ summa belopp f[oö]rs[aä]ndelse artikel"
        " ordre sag$ sagsnumme?r sagen$ bestilling sporing kundenumme?r pakke gavekort bel[oø]b"
        " levering kvittering varenummer"
        " chamado pedido encomenda fatura reserva rastre protocolo cep$ pre[cç]o valor$"
        " nota\\ fiscal"
        " presente c[oó]digo\\ postal bestell auftrag rechnung vorgang sendung sendungs buchung"
        " kundennummer plz$ postleitzahl preis$ betrag gutschein mitglied seriennummer"
        " commande facture suivi dossier r[eé]servation num[eé]ro\\ de\\ client client$ colis prix$"
        " montant cadeau fid[eé]lit[eé] article"
        " factura seguimiento n[uú]mero\\ de\\ cliente cliente$ caso$ paquete precio importe regalo"
        " env[ií]o art[ií]culo socio serienu n[uú]m[eé]ro\\ de\\ s[eé]rie modell?$"
        " modelo mod[eè]le how\\ many how\\ much hur\\ m[aå]nga hvor\\ mange quant[oa]s"
        " wie\\ viele? combien cu[aá]nt[oa]s? zimmer$"
        " chambre$ habitaci[oó]n v[æa]relse quarto$ rum$"
    ),
}
_OTHERS: Final = {
    Topic.CARD: "カード クレカ 卡号 بطاق البطاق كرت",
    Topic.CODE: (
        "セキュリティコード セキュリティ番号 セキュリティーコード 裏面 3桁 三桁"
        " رمز\\ الأمان رمز\\ الامان رمز\\ التحقق كود\\ الأمان كود\\ التحقق الرمز\\ السري"
        " الرمز\\ الموجود ثلاثة\\ أرقام خلف\\ البطاقة ظهر\\ البطاقة"
    ),
    Topic.EXPIRY: "有効期限 期限 تاريخ\\ الانتهاء انتهاء صلاحي الصلاحية تنتهي",
    Topic.SSN: "社会保障 ソーシャルセキュリティ الضمان\\ الاجتماعي الضمان",
    Topic.PHONE: "電話 携帯 هاتف الهاتف جوال الجوال موبايل اتصل نتصل رقم\\ التليفون",
    Topic.NATIONAL: "個人番号 الرقم\\ الشخصي",
    Topic.IBAN: "آيبان ايبان",
    Topic.EMAIL: "メール アドレス بريد إيميل ايميل",
    Topic.NUMBER: "番号 رقم أرقام بيانات",
    Topic.TAIL: "下4桁 下四桁 末尾 最後の4 آخر\\ أربع آخر\\ 4 تنتهي\\ ب",
    Topic.OTHER: (
        "注文 請求 追跡 予約 問い合わせ番号 お問い合わせ 郵便 お客様番号 会員 伝票 商品 金額 円"
        " シリアル 製造番号 型番 号室 いくつ いくら おいくら 何個 何時"
        " الطلب طلب فاتور تتبع حجز شحن الشحن العميل التسلسلي موديل السعر المبلغ الرمز\\ البريدي"
    ),
}


_WORD_BEGINS: Final = "(?<![a-zA-Z\u00c0-\u024f])"  # letters of scripts without spaces may be near
_WORD_ENDS: Final = "(?![a-zA-Z\u00c0-\u024f])"


def _pattern(topic: Topic) -> re.Pattern[str]:
    latin = "|".join(
        word.replace("$", _WORD_ENDS).replace("\\ ", r"\s+")
        for word in re.split(r"(?<!\\)\s+", _LATIN.get(topic, "").strip())
    )
    others = "|".join(re.split(r"(?<!\\)\s+", _OTHERS[topic]))
    return re.compile(rf"{_WORD_BEGINS}(?:{latin})|{others}", re.IGNORECASE)


PATTERNS: Final = {topic: _pattern(topic) for topic in Topic}

_REACH: Final = 48  # characters between a word and the end of what leads from it to a number
_WORD_END: Final = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff]*")  # in Japanese, it is over
_FILLED: Final = re.compile(
    # What may stand between a word for something and its number: signs, and words such as "is".
    r"(?:[\s:;,.#=\-–—>()'\"*!/\u200b]|\b(?:is|are|it'?s|its|no|nr|num|number|nummer|numme|here"
    r"|är|ar|det|er|é|e|o|os|ist|lautet|die|der|das|est|le|la|les|el|es|son|número|numero"
    r"|numéro|n[º°]|mein|my|the|mit|min|meu|mi|mon|ma|code|kod|kode|código|date|datum|dato"
    r"|data|fecha|of|de|du|that|this|one|follows|following|starts|begins|with|was|would|be)\b"
    r"|は|が|の|を|も|番号|です|هو|هي|رقم|الرقم|:)*"
)


def leads_to(topic: Topic, text: str, place: int) -> bool:
    """The number at a place is named by a word for the topic before it."""
    return any(
        _FILLED.fullmatch(text, _word_end(text, word.end()), place)
        for word in PATTERNS[topic].finditer(text, max(0, place - _REACH), place)
    )


def _word_end(text: str, place: int) -> int:
    """Where the word ends whose beginning was found."""
    match = _WORD_END.match(text, place)
    return match.end() if match else place
