"""The README's tour is what happens: its commands are run as they stand there, on a server as `make run` starts it."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.server import serving

README = Path(__file__).parent.parent.parent / "README.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def tour() -> list[str]:
    """The shell blocks between the two headings."""
    section = README.read_text(encoding="utf-8").partition("## Five minutes")[2].partition("\n## ")[0]
    return _BLOCK.findall(section)


@pytest.mark.timeout(90)
def test_the_tour_of_the_readme_is_what_happens(tmp_path: Path) -> None:
    blocks = tour()
    assert len(blocks) >= 8, "the tour was not found in the README"
    marker = "--- end of block"
    script = "\n".join(f"{block}\necho '{marker}'" for block in blocks)
    with serving(tmp_path / "data", "--demo") as server:
        mail_host, mail_port = server.mail
        script = script.replace("http://127.0.0.1:8090", server.url)
        script = script.replace("127.0.0.1:2525", f"{mail_host}:{mail_port}")
        run = subprocess.run(["bash", "-eu", "-c", script], capture_output=True, text=True, timeout=60, check=False)

    assert run.returncode == 0, run.stderr
    for block, output in zip(blocks, run.stdout.split(marker), strict=False):
        for expected in re.findall(r"^# → (.*)$", block, re.MULTILINE):
            assert expected in output, f"the README promises {expected!r} after:\n{block}\nbut it was:\n{output}"
