// Defines `<frontdesk-chat>`: the widget in a shadow root of its own.
import { render } from "preact";
import { Icon } from "../shared/icons";
import { sheetOf } from "../shared/sheets";
import base from "../shared/base.css?inline";
import tokens from "../shared/tokens.css?inline";
import styles from "./widget.css?inline";

const SHEETS = [tokens, base, styles].map(sheetOf);

class FrontdeskChat extends HTMLElement {
  connectedCallback(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = SHEETS;
    render(
      <button class="launcher" type="button" aria-label="Chat">
        <Icon name="chat" />
      </button>,
      root,
    );
  }
}

customElements.define("frontdesk-chat", FrontdeskChat);
