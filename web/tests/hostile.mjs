// A small election with hostile text in every field that a stranger fills.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const hostile_text = {
  script: '<script>window.broken = 1</script>',
  image: '<img src=x onerror="window.broken = 1">',
  close: '</script><script>window.broken = 1</script><!--',
  turned: 'abc\u202ecba\u2066',
  control: 'bell\u0007escape\u001b[31m',
  formula: '=HYPERLINK("http://evil","x")',
  long: 'x'.repeat(10_000),
};

// Writes profiles/, plans/ and data/ below `folder`; returns the plan's path.
export function write_hostile_case(folder) {
  for (const part of ['profiles', 'plans', 'data']) mkdirSync(join(folder, part), { recursive: true });
  const h = hostile_text;
  const toml = (text) => JSON.stringify(text);
  const csv = (text) => `"${text.replaceAll('"', '""')}"`;
  writeFileSync(
    join(folder, 'profiles/p.toml'),
    `schema = "cotejo.profile/1"
[source]
title = ${toml(h.script)}
caveats = [${toml(h.image)}, ${toml(h.close)}, ${toml(h.long)}]
[file]
path = "c.csv"
[count]
id = "x/final"
title = ${toml(h.close)}
contest = "x/p"
[unit]
key = "unit"
[[place]]
level = "school"
name = "school"
[columns]
registered = "n"
null = "void"
[[option]]
id = "A"
name = ${toml(h.formula)}
column = "a"
[[option]]
id = "B"
name = ${toml(h.script)}
column = "b"
[rule]
use = "plurality"
`,
  );
  const schools = [h.image, h.turned, h.control, h.formula, h.long, h.close];
  const rows = schools.flatMap((school, i) =>
    [0, 1, 2].map((j) => `${csv(i === 0 && j === 0 ? h.script : `${i}-${j}`)},${csv(school)},100,${j},${50 - i},${40 - j}`),
  );
  writeFileSync(join(folder, 'data/c.csv'), `unit,school,n,void,a,b\n${rows.join('\n')}\n${csv(h.formula)},S,9,1,2,3\n`);
  writeFileSync(join(folder, 'data/o.csv'), `unit\n${csv(h.script)}\n1-1\n3-1\n4-2\n`);
  const plan = join(folder, 'plans/p.toml');
  const finding = (method, more = '') => `[[finding]]\nid = "${method}"\nmethod = "${method}"\ncount = "x/final"\n${more}`;
  writeFileSync(
    plan,
    `schema = "cotejo.plan/1"
id = "hostile"
title = ${toml(`${h.close} ${h.turned}`)}
question = ${toml(h.image)}
seed = 3
data = "data"
[[input]]
profile = "profiles/p.toml"
[[challenge]]
id = "o"
count = "x/final"
file = "o.csv"
by = ${toml(h.formula)}
reason = ${toml(h.script)}
source = ${toml(h.long)}
${finding('count')}${finding('strike', 'challenges = ["o"]\n')}${finding('arithmetic')}`,
  );
  return plan;
}
