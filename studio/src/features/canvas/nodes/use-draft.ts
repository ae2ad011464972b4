/** A text that is being typed. The field shows what was typed at once, and what others wrote when nobody types here. */

import { type ChangeEvent, useEffect, useRef, useState } from "react";

/** `commit` is called with each text, but never with one that an input method is still composing. */
export function useDraft(value: string, commit: (text: string) => void) {
  const [text, setText] = useState(value);
  const composing = useRef(false);
  const sent = useRef(value);

  useEffect(() => {
    if (composing.current || value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);

  const send = (now: string) => {
    if (now === sent.current) return;
    sent.current = now;
    commit(now);
  };
  return {
    value: text,
    onChange: (event: ChangeEvent<HTMLTextAreaElement | HTMLInputElement>) => {
      setText(event.target.value);
      if (!composing.current) send(event.target.value);
    },
    onCompositionStart: () => {
      composing.current = true;
    },
    onCompositionEnd: (event: { currentTarget: HTMLTextAreaElement | HTMLInputElement }) => {
      composing.current = false;
      setText(event.currentTarget.value);
      send(event.currentTarget.value);
    },
  };
}
