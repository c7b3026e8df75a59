// The icons of the widget.
import type { JSX } from "preact";
import { Drawing } from "../../shared/drawing";
import {
  back,
  bell,
  chat,
  check,
  close,
  cloudOff,
  delivered,
  down,
  expand,
  more,
  send,
  sent,
  shrink,
} from "../../shared/paths";

const PATHS = { back, bell, chat, check, close, cloudOff, delivered, down, expand, more, send, sent, shrink };

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return <Drawing path={PATHS[name]} turns={name === "back"} />;
}
