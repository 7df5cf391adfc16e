"""The page that documents ``report.json``, generated from its models.

``python -m expectations.schema_docs`` writes it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from expectations.run_report import SCHEMA_VERSION, schema

DOCS = Path(__file__).parent.parent / "docs"
HEAD = """# 运行报告 report.json · The run report

本页由 `python -m expectations.schema_docs` 从模型生成，测试保证其与代码一致。
This page is generated from the models by `python -m expectations.schema_docs`; a test keeps it current.

Schema version **{version}**. The number in front rises when a field changes its meaning or goes, the one behind the
point when one is added. Beside `report.json` and `report.html`, the same folder holds the whole lists (`findings`,
`values`, `reports`, `refusals`, `coverage`, `missing`, `changes`, `unmapped`), each as `.parquet` and `.csv`; a list in
the report is capped and says so by `total` against the number of its `rows`, a list that is not whole by `listed`. The
JSON schema itself is [run-report.schema.json](run-report.schema.json).
"""


def schema_page() -> str:
    """The documentation of the schema as Markdown: one table for each model, the report's own first."""
    made = schema()
    models = {"RunReport": made, **made["$defs"]}
    parts = [HEAD.format(version=SCHEMA_VERSION)]
    for name, model in models.items():
        if "properties" not in model:
            continue
        required = set(model.get("required", ()))
        parts.append(
            f"\n## {name}\n\n{model.get('description', '').splitlines()[0] if model.get('description') else ''}\n"
        )
        parts.append("\n| field | type | meaning |\n|---|---|---|\n")
        for field, about in model["properties"].items():
            optional = "" if field in required else " (has a default)"
            said = about.get("description", "").replace("|", "\\|")
            parts.append(f"| `{field}` | {_type(about)}{optional} | {said} |\n")
    return "".join(parts)


def _type(about: dict[str, Any]) -> str:
    """A JSON schema type as people read it."""
    if "$ref" in about:
        name = str(about["$ref"]).rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in about:
        return " or ".join(_type(one) for one in about["anyOf"])
    if "enum" in about:
        return ", ".join(f"`{value}`" for value in about["enum"])
    if "const" in about:
        return f"`{about['const']}`"
    if "prefixItems" in about:
        return f"[{', '.join(_type(one) for one in about['prefixItems'])}]"
    if about.get("type") == "array":
        return f"list of {_type(about.get('items', {}))}"
    return str(about.get("format") or about.get("type", "any"))


def main() -> None:
    """Write the page and the schema into ``docs/``."""
    (DOCS / "run-report.md").write_text(schema_page(), encoding="utf-8")
    text = json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"
    (DOCS / "run-report.schema.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
