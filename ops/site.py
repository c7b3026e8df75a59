"""What the documentation site needs beside `mkdocs.yml`: pages from outside docs/, and anchors."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    "bench/README.md": "measurements.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "Containerfile": "Containerfile",
    "helm/frontdesk/README.md": "chart.md",
    "README.md": "index.md",
}
"""Pages that stand beside what they are about, and what they are called on the site."""

SAME = {"LICENSE", "../LICENSE"}
LINK = re.compile(r"(\]\()([^)\s#]+)")


def anchor(title: str, _separator: str) -> str:
    """What a link names a heading by: the same as where the code is read."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from elsewhere."""
    for source, name in ELSEWHERE.items():
        if files.get_file_from_path(name) is None:
            text = (ROOT / source).read_text(encoding="utf-8")
            files.append(File.generated(config, name, content=_led(text, ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links to pages from elsewhere lead to where they are on the site."""
    del files
    source = page.file.abs_src_path
    return markdown if source is None else _led(markdown, Path(source), Path(config.docs_dir))


def _led(text: str, source: Path, docs: Path = ROOT / "docs") -> str:
    """A page's text with links to pages of the site."""

    def lead(found: re.Match[str]) -> str:
        target = (source.parent / found[2]).resolve()
        name = ELSEWHERE.get(target.relative_to(ROOT).as_posix()) if _is_inside(target) else None
        if name is not None:
            return found[1] + _from(source, docs / name, docs)
        if source.is_relative_to(docs) or not target.is_relative_to(docs):
            return found[0]
        return found[1] + target.relative_to(docs).as_posix()

    return LINK.sub(lead, text)


def _is_inside(target: Path) -> bool:
    return target.is_relative_to(ROOT)


def _from(source: Path, target: Path, docs: Path) -> str:
    """The way from a page to another; pages from elsewhere are at the top of the site."""
    depth = len(source.relative_to(docs).parts) - 1 if source.is_relative_to(docs) else 0
    return "../" * depth + target.name
