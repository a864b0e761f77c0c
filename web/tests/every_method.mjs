// Findings of every method of the registry, made by the program on a small drawn election and a small assembly: what the tests of texts look at.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');

// What a method is asked with; those that are not named take the count alone.
const count = ['--count', 'demo/official'];
const quick = ['--against', 'demo/quick'];
const objected = ['--challenge', 'objected'];
const fast = ['--option', 'replicates=99'];
const asked = {
  strike: [[...count, ...objected]],
  grounds: [[...count, ...objected, '--challenge', 'again']],
  collate: [['--count', 'demo/quick', '--against', 'demo/official']],
  controls: [[...count, ...objected, ...fast]],
  'next-election': [[...count, ...objected, '--against', 'demo-next/final', ...fast]],
  curve: [[...count, ...quick]],
  projection: [[...count, ...quick]],
  discontinuity: [[...count, ...quick]],
  shift: [[...count, ...quick, '--against', 'demo-next/final', ...fast]],
  'early-late': [[...count, ...quick, ...fast]],
  rivals: [[...count, ...quick, ...fast]],
  swing: [[...count, '--against', 'demo-next/final', ...fast]],
  copies: [[...count, ...quick]],
  'parallel-tally': [[...count, ...quick]],
  'tally-chain': [[...count, ...quick]],
  'contested-ballots': [[...count, '--option', 'ballots=500']],
  battery: [[...count, ...fast]],
  'false-alarms': [[...count, '--option', 'replicates=99']],
  seats: [['--assembly', 'oas', '--option', 'on=2020-10-21']],
  recount: [
    ['--assembly', 'oas', '--option', 'roll_call=GA50-2020-10-21', '--option', 'of=35,34,33'],
    ['--assembly', 'oas', '--option', 'of=35,34,33'],
  ],
  coalition: [['--assembly', 'oas', '--option', 'motion=removal', '--option', 'on=2020-10-21']],
  power: [['--assembly', 'oas', '--option', 'rule=charter-art-116', '--option', 'on=2020-10-21']],
  'ideal-points': [['--assembly', 'oas', '--option', 'polarity=US', '--option', 'abstain=no', '--option', 'min_votes=5']],
  mandate: [['--assembly', 'oas']],
  mixture: [[...count, '--option', 'trials=1']],
  'mixture-eforensics': [[...count]],
};

export function findings_of_every_method(program) {
  const folder = mkdtempSync(join(tmpdir(), 'cotejo-methods-'));
  const run = (...words) => execFileSync(program, words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
  try {
    run('simulate', '--out', 'data', '--option', 'units=1000', '--option', 'objected_units=30', '--option', 'objected_precincts=12', '--seed', '7');
    run('import', 'a.cotejo', ...['official', 'quick', 'next'].map((name) => join(root, `profiles/demo-${name}.toml`)), '--data', 'data');
    for (const id of ['objected', 'again'])
      run(
        'challenge',
        'a.cotejo',
        'add',
        '--id',
        id,
        '--count',
        'demo/official',
        '--units',
        'data/objected.csv',
        '--by',
        'M',
        '--reason',
        'R',
        '--source',
        'S',
      );
    run('import', 'a.cotejo', join(root, 'data/bodies/oas.toml'));
    const methods = JSON.parse(run('methods', '--json'));
    const findings = [];
    const refused = [];
    for (const { id, options } of methods)
      for (const words of asked[id] ?? [[...count, ...(options.some((option) => option.name === 'replicates') ? fast : [])]])
        try {
          findings.push(JSON.parse(run('run', 'a.cotejo', id, ...words, '--json')));
        } catch (problem) {
          refused.push(`${id}: ${String(problem.stderr ?? problem).slice(0, 400)}`);
        }
    return { findings, refused };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
