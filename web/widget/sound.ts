// One soft note, for who asked for it: no file, no tab but one, and not more often than it helps.
//
// Browsers play nothing before a visitor has done something on the page.

/** Within which nothing more is heard. */
const QUIET_MS = 3_000;
const NOTE_S = 0.3;

export function playNote(): void {
  void navigator.locks?.request("frontdesk:note", { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    const context = new AudioContext();
    const volume = context.createGain();
    volume.gain.setValueAtTime(0.08, context.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + NOTE_S);
    const note = context.createOscillator();
    note.frequency.value = 660;
    note.connect(volume).connect(context.destination);
    note.start();
    note.stop(context.currentTime + NOTE_S);
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    await context.close();
  });
}
