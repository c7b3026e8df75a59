"""The words that ask for or name a card's security code and expiry, in nine languages.

Patterns are read on text in lower case.
"""

import re
from typing import Final

from masking.scan import by_first_letter

CARD_WORDS: Final = frozenset(
    word.encode()
    for word in str.split(
        "cvv cvvs cvc cvn cv cid csc security securitycode securite sécurité verification"
        " cardcvv cardcvc cvvcode cvccode cvvkod cvckod cvvnummer cvcnummer cvvnumret"
        " säkerhetskod säkerhetskoden sakerhetskod sakerhetskoden säkerhetskodens kontrollkod"
        " kontrollkoden kortkod kortkoden"
        " sikkerhedskode sikkerhedskoden kontrolcifre kontrolcifrene kontrolciffer kontrolkode"
        " kontrolkoden kortkode kortkoden"
        " segurança seguranca seguridad"
        " prüfziffer prüfnummer prüfzahl prüfcode kartenprüfnummer kartenprüfziffer"
        " kartenprüfcode pruefziffer pruefnummer kartenpruefnummer prufnummer prufziffer"
        " sicherheitscode sicherheitsnummer sicherheitszahl sicherheitsziffer"
        " cryptogramme visuel"
        " exp expdate expiry expirydate expire expires expired expiration expirationdate expiring"
        " expira expiracion expiración expiração expiracao cardexpiry expmonth"
        " valid validity validthru goodthru thru mm"
        " giltig giltigt giltighetstid giltighet utgångsdatum utgangsdatum utgångsdatumet utgång"
        " utgår utgar"
        " gyldig gyldigt gyldighed udløb udlob udløber udlober udløbsdato udlobsdato udløbsdatoen"
        " validade vence vencimento vencimiento válido válida valido valida validez validité"
        " validite valable caduca caducidad caducité"
        " gültig gueltig gultig gültigkeit ablauf ablaufdatum verfall verfallsdatum"
        " verfalldatum الأمان الامان أمان امان الحماية التحقق السري البطاقة"
        " الانتهاء انتهاء تنتهي ينتهي الصلاحية صلاحية صالحة صالح صلاحيتها"
    )
)
"""What tells cheaply, as words in lower case, that a text may name a code or an expiry."""

CARD_WORDS_WITHIN: Final = ("セキュリティ", "裏", "期限")
"""The same, in a script that has no spaces between words."""

BACK_WORDS: Final = frozenset(
    word.encode()
    for word in str.split(
        "back baksidan baksida bagsiden bagside verso trás atrás atras reverso dorso detrás"
        " detras rückseite rueckseite ruckseite dos الخلف خلف ظهر"
    )
)
CODE_WORDS: Final = frozenset(
    word.encode()
    for word in str.split(
        "code number numbers digit digits kod koden kode siffror siffrorna cifre cifrene código"
        " codigo dígitos digitos número número numeros números ziffern zahlen nummer chiffres"
        " numéro numéros الأرقام"
    )
)
"""A word of each of these sets together may name a security code."""

CARD_PAIRS: Final = tuple(
    frozenset(word.encode() for word in pair)
    for pair in (
        ("går", "ut"),
        ("gar", "ut"),
        ("läuft", "ab"),
        ("lauft", "ab"),
        ("sec", "code"),
        ("valide", "jusqu"),
    )
)
"""Words that name an expiry or a code together."""


def _each(words: str, rest: str) -> tuple[str, ...]:
    """Answer each of ``words``, with ``rest`` behind it."""
    return tuple(word + rest for word in words.split())


_ALONE: Final = "(?<![a-z].)"
_OF_SECURITY: Final = r"[\s_\-]*(?:code|number|digits|no\b|nr\b)"
NAMED_CODE: Final = by_first_letter(
    "cvv2?",
    "cvc2?",
    "cvn2?",
    *(f"c{_ALONE}{rest}(?![a-z])" for rest in ("v2", "id", "sc", r"\.v\.[vc]\.?")),
    f"security{_OF_SECURITY}",
    f"s[ée]curit[ée]{_OF_SECURITY}",
    r"card[\s_\-]*(?:verification|validation)[\s_\-]*(?:code|value|number)",
    r"code\s+de\s+s[ée]curit[ée]",
    r"cryptogramme(?:\s+visuel)?",
    r"s[äa]kerhets[\s\-]*kod[a-z]*",
    "kontrollkod[a-z]*",
    "kortkod[a-z]*",
    f"c{_ALONE} v [vc](?![a-z])",
    f"k{_ALONE}pn(?![a-z])",
    r"c[óo]d\.? seg\.?",
    "verification value",
    r"sikkerheds[\s\-]*kode[a-z]*",
    "kontrol(?:cifre|ciffer|kode)[a-z]*",
    r"c[óo]d(?:igo|\.)?\s+(?:de\s+)?(?:seguran[çc]a|seguridad)",
    r"clave\s+de\s+seguridad",
    r"c[óo]digo\s+(?:do\s+cart[ãa]o|de\s+la\s+tarjeta)",
    "pr(?:ü|u|ue)f(?:ziffer|nummer|zahl|code)",
    r"sicherheits[\s\-]*(?:code|nummer|zahl|ziffer)",
    r"セキュリティー?[\s・]*(?:コード|番号)",
    *_each("裏面 裏側 カード裏", r"の?\S{0,6}(?:番号|数字|コード|桁)"),
    r"sec\.? code",
    *_each("رمز كود رقم", r"\s+(?:الأمان|الامان|أمان|امان|الحماية|التحقق|البطاقة)"),
    *_each("digits? numbers? code", r"\s(?:[a-z']+\s){0,4}back(?:\sof\s(?:the|my)\s(?:card|it))?"),
    *_each("siffror siffrorna koden?", r"\s(?:[a-zåäö]+\s){0,3}baksida[a-z]*"),
    *_each("cifre cifrene koden?", r"\s(?:[a-zåæø]+\s){0,3}bagside[a-z]*"),
    *_each("ziffern zahlen code nummer", r"\s(?:[a-zäöü]+\s){0,3}r(?:ü|u|ue)ckseite"),
    *_each("chiffres code num[ée]ros?", r"\s(?:[a-zéè]+\s){0,3}(?:dos|verso)"),
    *_each(
        "d[íi]gitos c[óo]digo n[úu]meros?",
        r"\s(?:[a-zéãç]+\s){0,3}(?:verso|tr[áa]s|atr[áa]s|reverso|dorso|detr[áa]s)"
        r"(?:\s(?:do|de\sla|del)\s(?:cart[ãa]o|tarjeta))?",
    ),
    *_each("الرمز رمز الكود كود", r"\s+(?:\S+\s+){0,2}(?:خلف|ظهر)(?:\s+البطاقة)?"),
    r"الأرقام\s+(?:\S+\s+){0,3}(?:ال)?(?:خلف|ظهر\s+البطاقة)",
)
"""Means a card's security code wherever it is written."""

_BESIDE_CARD: Final = str.split(
    "code koden? kod c[óo]digo secret pin prüfnr nummer number digits siffror siffrorna cifre"
    " cifrene ziffern chiffres d[íi]gitos back bagp[åa] clave and ccv verifieringskod tallene"
    " zahlen hinten bagsiden verificaci[óo]n verifica[çc][ãa]o v[ée]rification"
)
ANY_CODE: Final = by_first_letter(
    *(rf"{word[0]}(?<![^\W_].){word[1:]}(?![^\W\d_])" for word in (*_BESIDE_CARD, "last three")),
    *str.split("コード 番号 数字 暗証 رمز كود رقم الثلاثة خلف"),
    r"bag(?<![a-z]...)\s?p[åa]\s+kortet",
)
"""Means the security code beside a card; elsewhere it may be that of a door."""

ANY_EXPIRY: Final = (
    r"(?:(?<![^\W\d_])(?:ends|use by|g[æa]lder til|val|l[äa]uft(?: aus)?|gilt bis|vto"
    r"|[ée]ch[ée]ance)(?![^\W\d_])|失効)"
)
"""Means the expiry beside a card; elsewhere it may be that of anything."""

_UNTIL: Final = r"[\s_]*(?:thru|through|until|till?|to|date)"
NAMED_EXPIRY: Final = by_first_letter(
    r"exp(?<![^\W\d_]...)(?![a-z])",
    r"card(?<![^\W_]....)_?exp",
    "exp_?(?:date|month)",
    r"expir[a-zçéãóù]*(?:[\s_]*(?:date|dato|datum))?",
    f"valid{_UNTIL}",
    f"good{_UNTIL}",
    "validity",
    r"valid(?<![^\W\d_].....)(?![a-z])",
    "thru(?<![a-z]....)(?![a-z])",
    r"mm\s?/\s?(?:yy|yyyy|aa|jj|åå)",
    r"giltig[a-z]*(?:\s+(?:till|t\.?o\.?m\.?))?",
    "utg[åa]ng[a-z]*",
    "utg[åa]r",
    r"utg(?<![a-z]...)(?![a-z])",
    r"g[äa]ller\s+(?:till|t\.?o\.?m\.?)",
    r"g[åa]r\s+ut",
    r"gyldig[a-z]*(?:\s+til)?",
    "udl[øo]b[a-z]*",
    r"v[áa]lid(?:ade|ez|it[ée]|[oa]\s+(?:at[ée]|hasta))",
    r"valide\s+jusqu",
    "valable",
    "venc(?:e|imento|imiento)",
    r"venc(?<![a-z]....)(?![a-z])",
    r"val(?<![a-z]...)\.",
    r"udl(?<![a-z]...)(?![a-z])",
    "caduc[a-zé]+",
    r"g(?:ü|u|ue)ltig[a-z]*(?:\s+bis)?",
    r"g(?:ü|u|ue)lt\.\s*bis",
    r"l[äa]uft\s+bis",
    "ablauf[a-z]*",
    r"l[äa]uft\s+ab",
    "verfalls?[a-z]*",
    "期限",
    r"انتهاء(?:\s+الصلاحية)?",
    r"إنتهاء(?:\s+الصلاحية)?",
    "تنتهي",
    "ينتهي",
    r"صالحة?(?:\s+حتى)?",
    "صلاحيت?[ةها]*",
)
"""Means a card's expiry, unless the text says that it is something else's."""

OTHER_CODE: Final = re.compile(
    r"order|ordre|ticket|invoice|faktura|pedido|bestell|commande|door|gate|dörr|grind|port|alarm"
    r"|room|rum|building|entrance|wi-?fi|apartment|locker|discount|rabatt|promo|kampanj|注文|ドア"
    r"|طلب|الباب"
)
OTHER_EXPIRY: Final = re.compile(
    r"voucher|coupon|offer|gift|passport|visum|licen[cs]e|contract|warranty|guarantee|garanti"
    r"|subscription|abonnem|assinatura|suscripci|membership|ticket|milk|food|medicin|insurance"
    r"|försäkring|rabatt|kampanj|erbjudande|promo|angebot|gutschein|cupom|cupón|oferta|trial"
    r"|mfg|batch|lot\b|best before|bäst före|bedst før|mindestens haltbar"
    r"|domain|certificate|token|link|session|pass\b|tilbud|gavekort|presentkort|avtal|vertrag"
    r"|contrato|contrat|クーポン|キャンペーン|パスポート|عرض|قسيمة|جواز|اشتراك"
)
