"""docs/accepted.md and docs/errors.md name every reason for which a message is not believed, with its tests."""

import re

import pytest
from source import SOURCE, text
from test_documents import names_of_tests


def kinds(header, enum):
    body = re.search(rf"enum class {enum} : std::uint8_t {{(.*?)}};", text(header), re.DOTALL).group(1)
    return re.findall(r"^\s*(\w+)\b", re.sub(r"//.*", "", body), re.MULTILINE)


REJECTIONS = kinds("src/dns/query.h", "RejectionKind")
FAULTS = kinds("src/dns/reply.h", "ReplyFault")
# Who reads the stream drops or ends these before check_reply sees them; check_reply holds them all the same.
BEFORE = {"too_short", "id_mismatch", "question_mismatch"}


def rows(page, heading):
    """The cells of each row of the first table below a heading."""
    section = re.split(r"^## ", text(page).split(f"## {heading}\n")[1], flags=re.MULTILINE)[0]
    table = re.findall(r"^\|(.*)\|$", section, re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)] for row in table[2:]]


def test_the_lists_are_whole():
    assert len(REJECTIONS) == 18 and len(FAULTS) == 22


@pytest.mark.parametrize("heading, all_kinds", [("From clients", REJECTIONS), ("From upstreams", FAULTS)])
def test_each_has_a_row_of_what_is_accepted(heading, all_kinds):
    named = [cells[2].strip("`") for cells in rows("docs/accepted.md", heading) if cells[2]]
    assert sorted(named) == sorted(all_kinds)


@pytest.mark.parametrize("heading, all_kinds",
                         [("Rejections of a client's message", REJECTIONS), ("Faults of an upstream's reply", FAULTS)])
def test_each_has_a_row_of_errors(heading, all_kinds):
    assert sorted(cells[0].strip("`") for cells in rows("docs/errors.md", heading)) == sorted(all_kinds)


@pytest.mark.parametrize("heading", ["From clients", "From upstreams"])
def test_each_row_names_tests_that_exist(heading):
    unit, python = names_of_tests()
    rejection_rows = text("tests/dns/query_rejection_test.cc")
    found = rows("docs/accepted.md", heading)
    assert len(found) > 20
    for cells in found:
        tests = cells[3]
        for quoted in re.findall(r'"([^"]+)"', tests):
            assert f'{{"{quoted}",' in rejection_rows, quoted
        for span in re.findall(r"`(\w+\.[\w*]+)`", tests):
            pattern = re.compile(re.escape(span).replace(r"\*", r"\w*"))
            assert any(pattern.fullmatch(name) for name in unit), span
        assert re.search(r'rows? "|`\w+\.[\w*]+`', tests) or set(re.findall(r"`(test_\w+)`", tests)) & python, cells


def test_each_is_met_by_the_running_program():
    """One that is counted has a row there, so each counter is moved: both files end with a count of all kinds."""
    sent = text("tests/process/support/client_rows.py")
    assert not [kind for kind in REJECTIONS if f'"{kind}"' not in sent]
    told = text("tests/process/support/lies.py")
    assert not [fault for fault in FAULTS if f'"{fault}"' not in told and fault not in BEFORE]


def test_each_type_of_the_table_has_a_good_and_a_bad_seed():
    table = re.findall(r'^    \{"(\w+)", Type::\w+, \d+, (\w+),', text("src/dns/rdata_table.cc"), re.MULTILINE)
    types = [mnemonic.lower() for mnemonic, names in table if names != "misplaced"]
    assert len(types) > 50
    for folder in ("reply", "differential"):
        seeds = {path.name for path in (SOURCE / "fuzz/seeds" / folder).iterdir()}
        assert not [t for t in types if f"good-{t}" not in seeds]
        assert [t for t in types if f"bad-{t}" not in seeds] == ["null"], "whatever is in NULL is good"


def test_each_has_its_own_name_and_counter():
    for names, page in ((REJECTIONS, "src/dns/rejection.cc"), (FAULTS, "src/dns/reply.cc")):
        said = re.findall(r'"(\w+)"', text(page).split("to_string", 1)[1])
        assert [n for n in said if n != "unknown"] == names
    counters = text("src/frontend/counters.h")
    assert "std::array<Count, dns::kRejectionKinds> rejections" in counters
    assert "std::array<Count, dns::kReplyFaults> reply_faults" in counters
