// What ESLint, TypeScript and Svelte recommend; each exception with its reason.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default typescript.config(
  { ignores: ['node_modules', 'dist'] },
  js.configs.recommended,
  ...typescript.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: typescript.parser, svelteConfig } } },
  { files: ['**/*.ts', '**/*.svelte'], rules: { 'no-undef': 'off' } }, // svelte-check resolves names
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'svelte/require-each-key': 'off', // rows and list items have no state of their own that a key would keep
      'svelte/no-useless-mustaches': 'off', // {' '} is a space that the formatter does not remove
      'svelte/prefer-svelte-reactivity': 'off', // the collections it finds are local to a function; none is state
    },
  },
);
