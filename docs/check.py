#!/usr/bin/env python3
"""What the pages and comments name exists: docs/check.py PROGRAM

1. Every method has a page, in its room (src/methods/FAMILY/NAME/NAME.md) or in docs/methods, with an option table of the registry's options
   and defaults, and every page a method.
2. Every test that a comment or a page cites is there.
3. Every link of a page to a file of the repository leads to one, and so does every page that a comment or text cites.
4. Every kind of figure that a method makes has its picture in web/src/charts/kinds.ts.
5. Every text that a page passes to t('...') has its translation in every language of web/i18n.
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = {"synthetic-election"}  # of docs/methods, about no method
NOT_OURS = {"build", "node_modules", "out", ".git"}
CITED = re.compile(r"(?<![\w/.-])((?:[\w.-]+/)*[\w.-]+_test\.(?:cpp|py))")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
DOCUMENT = re.compile(r"(?<![\w/.:-])((?:[\w.-]+/)*[\w-]+\.md)\b")
WRITTEN_LATER = {"README.md"}  # of a folder that the text is about, not of this repository


def files(*patterns):
    for pattern in patterns:
        for path in sorted(ROOT.rglob(pattern)):
            if not NOT_OURS.intersection(path.relative_to(ROOT).parts):
                yield path


def registry(program):
    methods = json.loads(subprocess.run([program, "methods", "--json"], check=True, capture_output=True).stdout)
    return {method["id"]: method for method in (methods["methods"] if isinstance(methods, dict) else methods)}


def plain(value):
    """A default as a page or the registry writes it, as one text: 10,000 and 1e4 are 10000, no and empty are nothing."""
    text = str(value).strip().strip("`").replace(",", "").replace("−", "-")
    if text.lower() in ("", "empty", "none", "-", "—", "–", "the lowest", "lowest"):
        return ""
    if text.lower() in ("true", "on"):
        return "yes"
    if text.lower() in ("false", "off"):
        return "no"
    try:
        return repr(float(text))
    except ValueError:
        return text


def options_of_page(text):
    section = re.search(r"^## Options\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    rows = {}
    for line in section.group(1).splitlines() if section else ():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        names = re.findall(r"`(\w+)`", cells[0]) if line.startswith("| `") else []
        default = cells[1] if len(cells) > 1 else ""
        # Several options in one row have their defaults in the same order.
        each = default.split(", ") if len(names) > 1 and default.count(", ") == len(names) - 1 else [default] * len(names)
        rows |= dict(zip(names, each))
    return rows


def check_pages(program):
    methods = registry(program)
    pages = {}
    for page in sorted([*(ROOT / "docs/methods").glob("*.md"), *(ROOT / "src/methods").glob("*/*/*.md")]):
        name = page.stem.replace("_", "-")
        if name not in methods and name not in PAGES:
            yield f"{page.relative_to(ROOT)}: no method has this name"
        if name in pages:
            yield f"{page.relative_to(ROOT)}: the method has another page, {pages[name].relative_to(ROOT)}"
        pages[name] = page
    for name, method in methods.items():
        if name not in pages:
            yield f"{name}: the method has no page"
            continue
        page = pages[name]
        shown = page.relative_to(ROOT)
        written = options_of_page(page.read_text())
        for option in method["options"]:
            if option["name"] not in written:
                yield f"{shown}: option `{option['name']}` is not in the table"
            # An empty text stands for what the method finds itself, which a page describes in words.
            elif option["default"] != "" and plain(written[option["name"]]) != plain(option["default"]):
                yield f"{shown}: option `{option['name']}`: the page has {written[option['name']]!r}, the program {option['default']!r}"
        for option in sorted(set(written) - {option["name"] for option in method["options"]}):
            yield f"{shown}: the method has no option `{option}`"


def check_tests():
    for file in files("*.hpp", "*.cpp", "*.ts", "*.py", "*.md", "*.toml", "dev"):
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            for cited in CITED.findall(line):
                at = [ROOT / cited] + [folder / cited for folder in file.parents if folder.is_relative_to(ROOT)]
                if "/" in cited and not any(path.exists() for path in at):
                    yield f"{file.relative_to(ROOT)}:{number}: there is no test {cited}"


def check_documents():
    """A page that a source or page cites by name: from the root, from its own folder, or by its bare name."""
    names = {path.name for path in files("*.md")}
    for file in files("*.hpp", "*.cpp", "*.ts", "*.svelte", "*.py", "*.md", "*.toml", "*.cmake", "CMakeLists.txt", "packages.txt", "dev"):
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            for cited in DOCUMENT.findall(line):
                if pathlib.PurePath(cited).name in WRITTEN_LATER or "NAME" in cited:
                    continue
                if not ((ROOT / cited).exists() or (file.parent / cited).exists() or ("/" not in cited and cited in names)):
                    yield f"{file.relative_to(ROOT)}:{number}: there is no document {cited}"


def check_figures():
    """The kinds of figure that methods make, {ID, "KIND", TITLE, ...}, are the ones that kinds.ts draws."""
    made = re.compile(r'(?:figures\.push_back\(\{|Figure(?: \w+)?\{|return \{)\s*[^,{}]+,\s*(?:\w+ \? "([\w-]+)" : )?"([\w-]+)",')
    sources = {file: file.read_text() for file in files("*.cpp") if "src/methods" in file.as_posix() and "/tests/" not in file.as_posix()}
    drawn = set(re.findall(r"^  '?([\w-]+)'?[:,]", (ROOT / "web/src/charts/kinds.ts").read_text().split("charts: Record")[1], re.M))
    for file, text in sources.items():
        if "Figure" in text or "figures.push_back" in text:
            for kind in {kind for found in made.findall(text) for kind in found if kind} - drawn:
                yield f"{file.relative_to(ROOT)}: web/src/charts/kinds.ts has no picture of the kind {kind}"


def check_translations():
    """The pages' own texts, as literals; those of findings are checked by web/src/lib/translations.test.ts."""
    texts = {}
    for pattern in ("*.ts", "*.svelte"):
        for file in files(pattern):
            if "web/src" in file.as_posix() and ".test." not in file.name:
                for text in re.findall(r"(?<![\w.])t\(\s*'((?:[^'\\]|\\.)*)'", file.read_text()):
                    texts.setdefault(re.sub(r"\\(.)", r"\1", text), file)
    for language in sorted((ROOT / "web/i18n").iterdir()):
        known = set().union(*(json.loads(file.read_text()) for file in language.glob("*.json")))
        for text, file in texts.items():
            if text not in known:
                yield f"{file.relative_to(ROOT)}: web/i18n/{language.name} has no translation of {text!r}"


def check_links():
    for page in files("*.md"):
        for number, line in enumerate(page.read_text().splitlines(), 1):
            for target in LINK.findall(line):
                if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
                    yield f"{page.relative_to(ROOT)}:{number}: there is no file {target}"


if __name__ == "__main__":
    problems = [*check_pages(sys.argv[1]), *check_tests(), *check_documents(), *check_figures(), *check_translations(), *check_links()]
    print("\n".join(problems) if problems else "Every option, test and file that the pages name is there.")
    sys.exit(1 if problems else 0)
