// What somebody wrote, as text nodes: links that open safely, masked values as chips.
import type { JSX } from "preact";
import { Drawing } from "./drawing";
import { lock } from "./paths";
import { piecesOf, type Piece, type Shown } from "./text";

/** Says a masked value in words, such as "masked phone number, ends in 7890". */
export type SayMasked = (kind: string, ending: string) => string;

/** The words of a message in an isolate of their own, whichever way they run. */
export function MessageText(props: { message: Shown; say: SayMasked }): JSX.Element {
  return (
    <bdi dir="auto">
      {piecesOf(props.message).map((piece) => (
        <PieceText piece={piece} say={props.say} />
      ))}
    </bdi>
  );
}

function PieceText({ piece, say }: { piece: Piece; say: SayMasked }): JSX.Element {
  switch (piece.kind) {
    case "text":
      return <>{piece.text}</>;
    case "link":
      return (
        <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow ugc" dir="ltr">
          {piece.text}
        </a>
      );
    case "masked":
      return <MaskedChip text={piece.text} of={piece.of} say={say} />;
  }
}

/** A value the server has masked; readers hear what it was instead of stars. */
export function MaskedChip(props: { text: string; of: string; say: SayMasked }): JSX.Element {
  const ending = /[^*\s]{2,}$/.exec(props.text)?.[0] ?? "";
  return (
    <span class="chip">
      <Drawing path={lock} isSolid />
      <bdi dir="ltr" aria-hidden="true">
        {props.text}
      </bdi>
      <span class="for-readers">{props.say(props.of, ending)}</span>
    </span>
  );
}
