"""What the pages say exists: files, tests, verbs. A page that names what is gone fails here."""

import re

import pytest
from source import SOURCE, below, text, tracked

PAGES = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", *below("docs", suffixes=(".md",)),
         "policy/README.md"]
FOLDERS = ("src", "tests", "tools", "policy", "deploy", "docs", "fuzz", "cmake", "bench")


def pages():
    return pytest.mark.parametrize("page", PAGES)


def code_spans(page):
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text(page), flags=re.DOTALL | re.MULTILINE))


def exists(path):
    """A tracked file, a folder of one, or a pattern that matches one."""
    path = path.rstrip("/")
    pattern = re.compile(re.escape(path).replace(r"\*", "[^/]*") + "(/.*)?")
    return any(pattern.fullmatch(name) for name in tracked())


@pages()
def test_links_lead_somewhere(page):
    folder = page.rpartition("/")[0]
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(page)):
        if not target.startswith("http"):
            assert (SOURCE / folder / target).exists(), target


@pages()
def test_named_paths_exist(page):
    blocks = "\n".join(re.findall(r"^```.*?^```", text(page), re.DOTALL | re.MULTILINE))
    words = " ".join(code_spans(page)).split() + blocks.split()
    named = {w for w in words if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w.*/-]+", w)}
    assert not [n for n in named if not exists(n)]


def names_of_tests():
    unit = {f"{suite}.{name}" for n in below("tests", suffixes=("_test.cc",))
            for suite, name in re.findall(r"^TEST(?:_P|_F)?\((\w+),\s*(\w+)\)", text(n), re.MULTILINE)}
    python = {name for n in below("tests", suffixes=(".py",))
              for name in re.findall(r"^def (test_\w+)", text(n), re.MULTILINE)}
    assert len(unit) > 200 and len(python) > 100
    return unit, python


@pages()
def test_named_tests_exist(page):
    unit, python = names_of_tests()
    suites = {name.split(".")[0] for name in unit}
    for span in code_spans(page):
        if re.fullmatch(r"test_\w+", span):
            assert span in python, span
        elif re.fullmatch(r"\w+\.[A-Z*]\w*\*?", span) and (span.split(".")[0] in suites or "Test." in span):
            pattern = re.compile(re.escape(span).replace(r"\*", r"\w*"))
            assert any(pattern.fullmatch(name) for name in unit), span


def test_every_lack_has_its_test():
    section = text("SECURITY.md").split("lacks that")[1].split("\n## ")[0]
    rows = [r for r in section.splitlines() if r.startswith("| ") and not r.startswith("| room")]
    assert len(rows) > 10
    for row in rows:
        lacks, tests = [cell.strip() for cell in row.strip("|").split("|")][-2:]
        assert lacks and re.search(r"`(\w+\.\w+|test_\w+)`", tests), row


def test_named_verbs_exist():
    verbs = set(re.findall(r"^  ([a-z |]+)\)", text("dev"), re.MULTILINE))
    verbs = {v.strip() for group in verbs for v in group.split("|")}
    for page in PAGES:
        for verb in re.findall(r"\./dev ([a-z]+)", text(page)):
            assert verb in verbs, f"{page}: ./dev {verb}"


def test_the_changelog_has_the_version():
    version = re.search(r"project\(dotkeep VERSION ([\d.]+)", text("CMakeLists.txt")).group(1)
    assert f"[{version}]" in text("CHANGELOG.md")
    assert f"dotkeep:{version}" in text("deploy/kubernetes/dotkeep.yaml")


def test_the_dashboard_and_the_rules_show_what_there_is():
    """Every name in them is one of docs/metrics.md."""
    there = set(re.findall(r"^\| `(dotkeep_\w+)`", text("docs/metrics.md"), re.MULTILINE))
    for page in ("deploy/grafana/dotkeep.json", "deploy/prometheus/prometheus.yml"):
        named = set(re.findall(r"dotkeep_[a-z]\w+", text(page)))
        assert named and named <= there, f"{page}: {named - there}"
