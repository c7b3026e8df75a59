"""Country codes and how long the numbers behind them are (ITU-T E.164 and its list of codes)."""

from typing import Final, NamedTuple

DIGITS_MAX: Final = 15  # ITU-T E.164, 6: country code and national number together


class Plan(NamedTuple):
    """The digits of a country code, and the fewest and most digits of a number behind it."""

    code: int
    least: int
    most: int


_TWO: Final = """
    20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65
    66 81 82 84 86 90 91 92 93 94 95 98
    """
_THREE: Final = """
    211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238
    239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263
    264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372
    373 374 375 376 377 378 379 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505
    506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680
    681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 870 878 880 881 882 883
    886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 979 992 993 994 995
    996 998
    """
_LENGTHS: Final = {
    # Fewest and most digits of a national number, where they differ from the usual 7 to 10.
    code: (least, most)
    for (least, most), codes in {
        (4, 7): "247 290 500 508 674 677 681 682 683 688 690 691 692",
        (5, 9): "297 298 299 376 507 599 672 673 675 676 678 680 685 686 687 689",
        (5, 11): "234 352 353 501 679",
        (5, 12): "43 358",
        (6, 7): "597",
        (6, 9): "264 354 356 372 378",
        (6, 10): "850",
        (6, 12): "39 49",
        (7, 8): "230 267 503 598 853 961 965 974",
        (7, 9): "46 243 263 355",
        (7, 10): "31 44",
        (7, 12): "62",
        (8, 8): "45 47 65 216 223 226 227 228 235 268 371 502 504 505 506 852 968 973",
        (8, 9): "32 36 40 51 66 93 213 224 237 258 351 370 381 385 386 387 389 591 593 855 962 970"
        " 971 972",
        (8, 11): "52 54 55 82 86",
        (9, 9): "27 33 34 41 48 56 61 94 212 221 244 251 255 256 380 420 421 595 992 994 995 996"
        " 998",
        (10, 10): "1 7 30 57 58 90 91",
    }.items()
    for code in codes.split()
}
_PLANS: Final = {
    code: Plan(len(code), *_LENGTHS.get(code, (7, 10)))
    for code in ["1", "7", *_TWO.split(), *_THREE.split()]
}


def plan_of(digits: str) -> Plan | None:
    """Answer the plan of the country whose code ``digits`` begin with, if one is given out."""
    return _PLANS.get(digits[:1]) or _PLANS.get(digits[:2]) or _PLANS.get(digits[:3])
