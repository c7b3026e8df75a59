"""Digits in words, and the words for ``at`` and ``dot``, of nine languages."""

from typing import Final

DIGIT_WORDS: Final = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "sv": ("noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio"),
    "da": ("nul", "en", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni"),
    "pt": ("zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove"),
    "de": ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
    "fr": ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    "ja": ("〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"),
    "ar": ("صفر", "واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة"),
}

ALSO: Final = {
    "0": ("oh", "ゼロ", "れい", "零"),
    "1": ("et", "ein", "une", "un", "uma", "いち"),
    "2": ("tva", "zwo", "duas", "に", "اثنين"),
    "3": ("tres", "さん", "ثلاث", "ثلاثه"),
    "4": ("よん", "し", "أربع", "اربعة", "اربعه"),
    "5": ("fuenf", "ご", "خمس", "خمسه"),
    "6": ("meia", "ろく", "ست", "سته"),
    "7": ("なな", "しち", "سبع", "سبعه"),
    "8": ("atta", "はち", "ثمان", "ثماني", "ثمانيه"),
    "9": ("きゅう", "く", "تسع", "تسعه"),
}
"""Other words for the same digits."""

AT_WORDS: Final = {
    "en": ("at",),
    "sv": ("snabel-a", "at", "snabela"),
    "da": ("snabel-a", "at"),
    "pt": ("arroba",),
    "de": ("at", "ät"),
    "fr": ("arobase", "at"),
    "es": ("arroba",),
    "ja": ("アットマーク", "アット"),
    "ar": ("آت", "at"),
}

DOT_WORDS: Final = {
    "en": ("dot",),
    "sv": ("punkt",),
    "da": ("punktum", "dot"),
    "pt": ("ponto",),
    "de": ("punkt",),
    "fr": ("point",),
    "es": ("punto",),
    "ja": ("ドット",),
    "ar": ("نقطة", "dot"),
}
