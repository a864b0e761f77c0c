"""The site's pages of the methods that have a room: mkdocs.yml, `hooks`.

A method's page lies beside its sources, src/methods/FAMILY/NAME/NAME.md, outside the folder of the documentation. On the site it
stands with those of the other methods, as methods/NAME. Links between pages are written as the repository has them, so that they
also lead somewhere on a forge; here they are made to follow the pages.
"""
import pathlib
import posixpath
import re

from mkdocs.structure.files import File, Files

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"(\]\()([^)#\s]+\.md)([^)]*\))")


def on_files(files, config):
    pages = {}
    for page in sorted((ROOT / "src/methods").glob("*/*/*.md")):
        file = File(f"methods/{page.stem.replace('_', '-')}.md", config["docs_dir"], config["site_dir"], config["use_directory_urls"])
        file.abs_src_path = str(page)
        pages[file.src_uri] = file
    others = list(files)
    first = next((i for i, file in enumerate(others) if file.src_uri.startswith("methods/")), len(others))
    pages |= {file.src_uri: file for file in others if file.src_uri.startswith("methods/")}
    rest = [file for file in others if file.src_uri not in pages]
    before = len([file for file in others[:first] if file.src_uri not in pages])
    return Files(rest[:before] + [pages[name] for name in sorted(pages)] + rest[before:])


def on_page_markdown(markdown, page, config, files):
    where = {pathlib.Path(file.abs_src_path).resolve(): file.src_uri for file in files.documentation_pages()}
    folder = pathlib.Path(page.file.abs_src_path).resolve().parent

    def on_the_site(match):
        target = where.get((folder / match[2]).resolve())
        here = posixpath.dirname(page.file.src_uri)
        return match[1] + (posixpath.relpath(target, here or ".") if target else match[2]) + match[3]

    return LINK.sub(on_the_site, markdown)
