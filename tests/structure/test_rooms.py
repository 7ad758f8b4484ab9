"""Who can speak to whom, as the linker left it."""

from test_programs import symbols


def decoders(program):
    return [s for s in symbols(program) if "dotkeep::ipc::decode" in s]


def test_the_supervisor_decodes_nothing_of_a_worker():
    """It writes orders and reads nothing: what would read a worker's message is not in the program."""
    assert not decoders("dotkeep")
    assert decoders("dotkeep-frontend") and decoders("dotkeep-connector") and decoders("dotkeep-control")
