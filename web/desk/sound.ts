/** Short tones without files; of several windows one plays, and none before the first click. */

const LOCK = "frontdesk.desk.sound";
const MESSAGE_EVERY_MS = 3_000;

/** Plays in one window of the browser. */
export class Sounds {
  #context: AudioContext | null = null;
  #isMine = false;
  #lastMessageAt = 0;

  /** Makes sounds possible after the first click, and asks to be the window that plays. */
  start(): void {
    const unlock = () => {
      this.#context ??= new AudioContext();
    };
    addEventListener("pointerdown", unlock, { once: true });
    addEventListener("keydown", unlock, { once: true });
    if (!("locks" in navigator)) {
      this.#isMine = true;
      return;
    }
    void navigator.locks.request(LOCK, () => {
      this.#isMine = true;
      return new Promise<void>(() => undefined); // held until the window closes
    });
  }

  /** Two rising notes. */
  offer(): void {
    this.#play([
      [587, 0],
      [784, 0.16],
    ]);
  }

  /** One soft note, at most once in three seconds. */
  message(): void {
    const now = performance.now();
    if (now - this.#lastMessageAt < MESSAGE_EVERY_MS) return;
    this.#lastMessageAt = now;
    this.#play([[440, 0]], 0.05);
  }

  #play(notes: readonly (readonly [number, number])[], volume = 0.1): void {
    const context = this.#context;
    if (context === null || !this.#isMine) return;
    void context.resume();
    for (const [frequency, after] of notes) {
      const from = context.currentTime + after;
      const tone = new OscillatorNode(context, { frequency, type: "sine" });
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.linearRampToValueAtTime(volume, from + 0.02);
      gain.gain.setValueAtTime(volume, from + 0.02);
      gain.gain.linearRampToValueAtTime(0, from + 0.2);
      tone.connect(gain).connect(context.destination);
      tone.start(from);
      tone.stop(from + 0.22);
    }
  }
}
