// Numbers that pass as payment cards, to warn who is about to send one; the server masks by itself.

/** 12 to 19 digits, with at most a space, dash or dot between two of them. */
const RUN = /\p{Nd}(?:[ .\-\u2010-\u2013\u00a0\u202f]?\p{Nd}){11,18}/gu;
const DIGIT = /\p{Nd}/gu;

/** Where a number that passes the check of ISO/IEC 7812-1 (Luhn) stands in a text. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export function cardNumbers(text: string): Place[] {
  return [...text.matchAll(RUN)]
    .filter((match) => passesLuhn(digitsOf(match[0])))
    .map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

/** The text with such numbers as the server writes them: stars, and the last four. */
export function withStars(text: string): string {
  let masked = "";
  let from = 0;
  for (const { start, end } of cardNumbers(text)) {
    const digits = (text.slice(start, end).match(DIGIT) ?? []).join("");
    const shown = [...digits];
    masked += text.slice(from, start) + "*".repeat(shown.length - 4) + shown.slice(-4).join("");
    from = end;
  }
  return masked + text.slice(from);
}

export function digitsOf(text: string): number[] {
  return (text.match(DIGIT) ?? []).map(valueOf);
}

/** Decimal digits stand in tens, from a code point that a zero begins. */
function valueOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return code - zero;
}

function passesLuhn(digits: readonly number[]): boolean {
  if (new Set(digits).size === 1) return false; // 0000…: a placeholder, not a card
  const sum = digits.reduceRight((total, digit, index) => {
    const doubled = (digits.length - index) % 2 === 0 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
