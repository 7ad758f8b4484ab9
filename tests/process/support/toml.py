"""Writes a configuration: dictionaries become tables, lists of dictionaries arrays of tables."""

import json


def _value(value):
    if isinstance(value, list):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return json.dumps(value)  # TOML's basic strings, integers and booleans are JSON's


def dump(config):
    lines = []
    for section, value in config.items():
        tables = value if isinstance(value, list) else [value]
        head = f"[[{section}]]" if isinstance(value, list) else f"[{section}]"
        for table in tables:
            lines.append(head)
            lines += [f"{key} = {_value(v)}" for key, v in table.items()]
            lines.append("")
    return "\n".join(lines)
