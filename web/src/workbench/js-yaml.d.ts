// The part of it that openapi.test.ts takes; it brings no types.
declare module 'js-yaml' {
  export function load(text: string): unknown;
}
