// The types of api.ts are those of docs/api/openapi.yaml: its schemas are written as TypeScript, and the compiler holds the two against each other.
// @vitest-environment node
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { load } from 'js-yaml';
import ts from 'typescript';
import { expect, it } from 'vitest';

interface Schema {
  $ref?: string;
  oneOf?: Schema[];
  enum?: string[];
  type?: string | string[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
}

const of_type: Record<string, (schema: Schema) => string> = {
  string: () => 'string',
  integer: () => 'number',
  number: () => 'number',
  boolean: () => 'boolean',
  null: () => 'null',
  array: ({ items }) => `(${items ? written(items) : 'any'})[]`,
  object: ({ properties, required = [], additionalProperties }) => {
    if (typeof additionalProperties === 'object') return `Record<string, ${written(additionalProperties)}>`;
    const fields = Object.entries(properties ?? {}).map(([name, each]) => `${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${written(each)}`);
    return properties ? `{ ${fields.join('; ')} }` : 'any'; // its layout is stated elsewhere
  },
};

// A schema as a type.
function written(schema: Schema): string {
  if (schema.$ref) return schema.$ref.replace('#/components/schemas/', '');
  if (schema.oneOf) return schema.oneOf.map(written).join(' | ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  return (
    [schema.type ?? []]
      .flat()
      .map((type) => of_type[type]?.(schema) ?? `unknown_type_${type}`)
      .join(' | ') || 'unknown'
  );
}

// A type of api.ts, or of what one of its functions takes or gives, and the schema of it.
const takes = (name: string, at = 0) => `Parameters<typeof Api.api.${name}>[${at}]`;
const gives = (name: string) => `Awaited<ReturnType<typeof Api.api.${name}>>`;
const received: [mine: string, schema: string][] = [
  ['Api.Problem', "Schema.Error['error']"],
  ['Api.CaseInfo', 'Schema.Case'],
  ['Api.CountEntry', "Schema.Case['counts'][number]"],
  ['Api.AssemblyEntry', "Schema.Case['assemblies'][number]"],
  ['Api.ChallengeEntry', 'Schema.ChallengeEntry'],
  ['Api.ObjectEntry', 'Schema.ObjectEntry'],
  ['Api.ObjectEvent', 'Schema.ObjectEvent'],
  ['Api.Totals', 'Schema.Totals'],
  ['Api.CountInfo', 'Schema.Count'],
  ['Api.ColumnInfo', "Schema.Count['columns'][number]"],
  ['Api.Method', 'Schema.Method'],
  ['Api.OptionInfo', "Schema.Method['options'][number]"],
  ['Api.PlaceEntry', 'Schema.PlaceEntry'],
  ['Api.Places', 'Schema.Places'],
  ['Api.UnitsPage', 'Schema.UnitsPage'],
  ['Api.UnitRow', "Schema.UnitsPage['units'][number]"],
  ['Api.Selected', 'Schema.Selected'],
  ['Api.Grid', 'Schema.Grid'],
  ['Api.Pictures', 'Schema.Pictures'],
  ['Api.UnitInfo', 'Schema.Unit'],
  ['Api.UnitReturn', "Schema.Unit['counts'][number]"],
  ['Api.ReturnCell', "Schema.Unit['counts'][number]['cells'][number]"],
  ['Api.Job', 'Schema.Job'],
  ['Api.Upload', 'Schema.Upload'],
  ['Api.Proposal', 'Schema.Proposal'],
  ['Api.Activity', 'Schema.Activity'],
  [gives('write_note'), 'Schema.NoteWritten'],
  [gives('correct'), 'Schema.Corrected'],
  [gives('enter_count'), 'Schema.CountEntered'],
  [gives('add_challenge'), 'Schema.ChallengeAdded'],
  [gives('change_object'), 'Schema.ObjectChanged'],
  [gives('plan'), 'Schema.Plan'],
];
const sent: [mine: string, schema: string][] = [
  ['Api.Selection', 'Schema.Selection'],
  ['Api.EnteredCount', 'Schema.NewEnteredCount'],
  ['Api.Correction', 'Schema.NewCorrection'],
  ['Api.NewNote', 'Schema.NewNote'],
  ['Api.ObjectChange', 'Schema.ObjectChange'],
  ['Api.RunRequest', 'Schema.RunRequest'],
  ['Api.PlanRequest', 'Schema.PlanRequest'],
  [takes('units'), 'Schema.UnitsRequest'],
  [takes('select'), 'Schema.SelectRequest'],
  [takes('add_challenge'), 'Schema.NewChallenge'],
];
// Asked is a part of RunRequest and of PlanRequest; the answers of a ProposeRequest are named by the questions of a Proposal.
const others = ['Asked', 'ProposeRequest'];

// Faults of a file of these lines beside api.ts, each with the line that it is on.
function faults(lines: string[]): string[] {
  const file = resolve(__dirname, 'openapi_check.ts');
  const text = lines.join('\n');
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    allowImportingTsExtensions: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, ...rest) => (resolve(name) === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest));
  host.fileExists = (name) => resolve(name) === file || fileExists(name);
  host.readFile = (name) => (resolve(name) === file ? text : readFile(name));
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((fault) => {
    const line = lines[source?.getLineAndCharacterOfPosition(fault.start ?? 0).line ?? 0] ?? '';
    return `${line}\n  ${ts.flattenDiagnosticMessageText(fault.messageText, '\n  ')}`;
  });
}

const api_text = readFileSync(resolve(__dirname, 'api.ts'), 'utf8');
const yaml = load(readFileSync(resolve(__dirname, '../../../docs/api/openapi.yaml'), 'utf8')) as { components: { schemas: Record<string, Schema> } };
const { Axis = {}, ...stated } = yaml.components.schemas;
// The server fills in what an axis of a request leaves out.
const schemas: Record<string, Schema> = { ...stated, Axis: { ...Axis, required: Object.keys(Axis.properties ?? {}) } };
// What a finding and its messages hold is in docs/formats/finding.md: here they are the pages' own.
const head = [
  "import type * as Api from './api.ts';",
  "import type { Finding } from '../lib/finding.ts';",
  "import type { Messages } from '../lib/messages.ts';",
  `export namespace Schema { ${Object.entries(schemas)
    .filter(([name]) => name !== 'Finding' && name !== 'Messages')
    .map(([name, schema]) => `export type ${name} = ${written(schema)};`)
    .join(' ')} }`,
  'export declare function value<T>(): T;',
  // The names of all properties, however deep; what has no stated layout is like anything.
  'type Names<T> = 0 extends 1 & T ? any : NonNullable<T> extends readonly (infer U)[] ? Names<U>[] : NonNullable<T> extends object ? { [K in keyof NonNullable<T>]-?: Names<NonNullable<T>[K]> } : true;',
  // The names of properties of M, however deep, that S does not have.
  'type Excess<M, S> = 0 extends 1 & S ? never : NonNullable<M> extends readonly (infer U)[] ? (NonNullable<S> extends readonly (infer V)[] ? Excess<U, V> : never) : NonNullable<M> extends object ? { [K in keyof NonNullable<M>]-?: K extends keyof NonNullable<S> ? Excess<NonNullable<M>[K], NonNullable<S>[K]> : K }[keyof NonNullable<M>] : never;',
  'export type Used = [Finding, Messages, Names<true>, Excess<true, true>];',
];
let at = 0;
const holds = (to: string, from: string) => `export const check_${++at}: ${to} = value<${from}>();`;

it('what the server answers is what the pages take it for, with the same properties', { timeout: 120_000 }, () => {
  const lines = received.flatMap(([mine, schema]) => [
    holds(mine, schema),
    holds(`Names<${mine}>`, `Names<${schema}>`),
    holds(`Names<${schema}>`, `Names<${mine}>`),
  ]);
  expect(faults([...head, ...lines])).toEqual([]);
});

it('what the pages ask is what the server takes, and nothing that it does not know', { timeout: 120_000 }, () => {
  const lines = sent.flatMap(([mine, schema]) => [holds(schema, mine), holds('never', `Excess<${mine}, ${schema}>`)]);
  expect(faults([...head, ...lines])).toEqual([]);
});

it('finds a property that is not there, and one of another type', { timeout: 120_000 }, () => {
  const found = faults([
    ...head,
    holds('Names<Schema.Upload & { more: string }>', 'Names<Schema.Upload>'),
    holds("Omit<Api.Upload, 'bytes'> & { bytes: string }", 'Schema.Upload'),
    holds('never', 'Excess<Api.PlanRequest & { findings: { more: string }[] }, Schema.PlanRequest>'),
  ]);
  expect(found).toEqual([
    expect.stringContaining("'more' is missing"),
    expect.stringContaining("'number' is not assignable to type 'string'"),
    expect.stringContaining("'\"more\"' is not assignable to type 'never'"),
  ]);
});

it('every type of api.ts is compared', () => {
  const exported = [...api_text.matchAll(/^export interface (\w+)/gm)].map(([, name]) => name);
  const compared = [...received, ...sent].map(([mine]) => mine.replace('Api.', ''));
  expect(exported.filter((name) => name && ![...compared, ...others].includes(name))).toEqual([]);
});
