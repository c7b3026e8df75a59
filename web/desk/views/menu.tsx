/** A button with a menu below it: arrows, Home, End and first letters move, Escape closes. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "../../shared/icons";

export interface Item {
  readonly label: string;
  readonly icon?: IconName;
  /** A colour by role for the icon. */
  readonly tone?: string;
  /** One of several, and whether it is the one. */
  readonly isChosen?: boolean;
  /** Why it cannot be chosen now. */
  readonly reason?: string;
  /** Begins another group. */
  readonly begins?: boolean;
  readonly choose: () => void;
}

interface Props {
  readonly label?: string;
  readonly class: string;
  readonly items: readonly Item[];
  readonly children: ComponentChildren;
}

export function MenuButton(props: Props): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = (back: boolean) => {
    setOpen(false);
    if (back) button.current?.focus();
  };
  const open = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    setOpen(true);
  };
  return (
    <div class="menu-holder">
      <button
        ref={button}
        type="button"
        class={props.class}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label={props.label}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={open}
      >
        {props.children}
      </button>
      {isOpen && <Menu id={id} items={props.items} close={close} />}
    </div>
  );
}

function Menu(props: {
  id: string;
  items: readonly Item[];
  close: (back: boolean) => void;
}): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const entries = (): HTMLElement[] => [
    ...(list.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? []),
  ];
  useEffect(() => {
    const all = entries();
    (all.find((one) => one.getAttribute("aria-checked") === "true") ?? all[0])?.focus();
  }, []);
  const move = (event: KeyboardEvent) => {
    if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault();
      event.stopPropagation();
      props.close(event.key === "Escape");
      return;
    }
    const all = entries();
    const place = placeFor(event.key, all, all.indexOf(document.activeElement as HTMLElement));
    if (place === null) return;
    event.preventDefault();
    event.stopPropagation();
    all[place]?.focus();
  };
  const leave = (event: FocusEvent) => {
    const holder = list.current?.parentElement;
    if (holder?.contains(event.relatedTarget as Node | null) !== true) props.close(false);
  };
  return (
    <div ref={list} id={props.id} class="menu" role="menu" onKeyDown={move} onFocusOut={leave}>
      {props.items.map((item) => (
        <Entry key={item.label} item={item} close={props.close} />
      ))}
    </div>
  );
}

function Entry({ item, close }: { item: Item; close: (back: boolean) => void }): JSX.Element {
  const choose = () => {
    if (item.reason !== undefined) return;
    close(true);
    item.choose();
  };
  return (
    <>
      {item.begins === true && <hr />}
      <button
        type="button"
        role={item.isChosen === undefined ? "menuitem" : "menuitemradio"}
        aria-checked={item.isChosen}
        aria-disabled={item.reason !== undefined}
        tabIndex={-1}
        onClick={choose}
      >
        {item.icon !== undefined && (
          <span class={`tone-${item.tone ?? "text"}`}>
            <Icon name={item.icon} />
          </span>
        )}
        <span class="menu-text">
          {item.label}
          {item.reason !== undefined && <small>{item.reason}</small>}
        </span>
        {item.isChosen === true && <Icon name="check" />}
      </button>
    </>
  );
}

/** Where a key leads in a list of entries; null when it leads nowhere. */
export function placeFor(
  key: string,
  all: readonly { textContent: string | null }[],
  from: number,
): number | null {
  const count = all.length;
  if (key === "ArrowDown") return (from + 1) % count;
  if (key === "ArrowUp") return (from - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key.length !== 1 || key === " ") return null;
  const order = all.map((_, step) => (from + 1 + step) % count);
  return (
    order.find((place) =>
      all[place]?.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()),
    ) ?? null
  );
}
