"""The JSON Schema of an issue, so that editors complete and check as one types."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from newsletter.load import IssueFile
from newsletter.sections import section_type, section_types


def issue_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of an issue's file, with every section type there is."""
    types = [section_type(name) for name in section_types()]
    schemas, shared = TypeAdapter.json_schemas(
        [(name, "validation", TypeAdapter(model)) for name, model in zip(section_types(), types, strict=True)]
    )
    whole = IssueFile.model_json_schema()
    definitions = whole.setdefault("$defs", {})
    definitions.update(shared.get("$defs", {}))
    whole["properties"]["sections"]["items"] = {"oneOf": [schema for _, schema in sorted(_by_name(schemas))]}
    everything = str(whole)
    whole["$defs"] = {name: schema for name, schema in definitions.items() if f"#/$defs/{name}'" in everything}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "title": "An issue of the newsletter"}


def _by_name(schemas: dict[Any, Any]) -> list[tuple[str, Any]]:
    return [(str(name), schema) for (name, _), schema in schemas.items()]
