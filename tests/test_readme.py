"""What the README shows is what the code says."""

import re
from pathlib import Path

from sweet_spot.evidence.checks import examine, rules_table


def test_rules_table_is_made_from_the_rules(checkout: Path) -> None:
    text = (checkout / "README.md").read_text(encoding="utf-8")
    shown = text.split("<!-- rules -->\n")[1].split("<!-- /rules -->")[0]
    assert shown.strip() == rules_table().strip()


def test_example_of_a_forecast_passes_the_check(checkout: Path, tmp_path: Path) -> None:
    text = (checkout / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(schema: 1\nsource:.*?)```", text, flags=re.DOTALL)
    path = tmp_path / "example.yaml"
    path.write_text(example, encoding="utf-8")
    assert examine(checkout / "data", [path]).findings == ()
