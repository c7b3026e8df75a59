// Loads what few visitors need when they need it.
import { useEffect, useState } from "preact/hooks";

/** Nothing until it has been loaded; browsers keep it from then on. */
export function useLater<Loaded>(load: () => Promise<Loaded>): Loaded | undefined {
  const [loaded, setLoaded] = useState<{ readonly it: Loaded }>();
  useEffect(() => {
    let isHere = true;
    void load().then((it) => {
      if (isHere) setLoaded({ it });
    });
    return () => {
      isHere = false;
    };
  }, []);
  return loaded?.it;
}
