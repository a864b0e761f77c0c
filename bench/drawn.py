"""A national file of drawn votes, the same on every run, and the profile that reads it."""
import numpy

OPTIONS = 20
PROFILE = """schema = "cotejo.profile/1"
[file]
path = "national.csv"
[count]
id = "bench/final"
contest = "bench/president"
[unit]
key = "unit"
""" + "".join(f'[[place]]\nlevel = "{level}"\nname = "{level}"\n' for level in ("province", "town", "precinct")) + """
[columns]
registered = "registered"
blank = "blank"
null = "null"
[rule]
use = "plurality"
""" + "".join(f'[[option]]\nid = "P{i}"\ncolumn = "p{i}"\n' for i in range(OPTIONS))


def write_file(path, units):
    random = numpy.random.default_rng(20191020)
    totals = numpy.zeros(OPTIONS, dtype=numpy.int64)
    with open(path, "w") as out:
        out.write("unit,province,town,precinct,registered,blank,null," + ",".join(f"p{i}" for i in range(OPTIONS)) + "\n")
        for begin in range(0, units, 100_000):
            n = min(100_000, units - begin)
            votes = random.integers(0, 60, size=(n, OPTIONS))
            others = random.integers(0, 20, size=(n, 2))
            registered = votes.sum(axis=1) + others.sum(axis=1) + random.integers(0, 90, size=n)
            totals += votes.sum(axis=0)
            for i in range(n):
                unit = begin + i
                place = f"Province {unit // 100_000},Town {unit // 2_000},Precinct {unit // 10}"
                out.write(f"{1_000_000 + unit},{place},{registered[i]},{others[i, 0]},{others[i, 1]},{','.join(map(str, votes[i]))}\n")
    return totals
