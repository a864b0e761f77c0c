// Text of strangers made safe to show: control codes and marks that turn the direction of writing become visible signs, very long texts are cut.
// The framework escapes HTML; this is about what HTML cannot escape.

// eslint-disable-next-line no-control-regex -- control codes are what it is for
const unsafe = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

export function printable(text: string, longest = 2000): string {
  const shown = text.replace(unsafe, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}
