"""The engine on its own: its folder alone, in another process, runs what its README shows."""

import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree

ROOT = Path(__file__).parents[3]
ENGINE = ROOT / "api" / "engine"
AROUND = """
import asyncio, sys
from graphql import GraphQLArgument, GraphQLField, GraphQLInt, GraphQLList, GraphQLNonNull
from graphql import GraphQLObjectType, GraphQLSchema, parse

async def items(root, info, most):
    return [{{"number": number}} for number in range(most)]

item = GraphQLObjectType("Item", {{"number": GraphQLField(GraphQLNonNull(GraphQLInt))}})
listed = GraphQLField(GraphQLList(item), args={{"most": GraphQLArgument(GraphQLInt)}}, resolve=items)
schema = GraphQLSchema(GraphQLObjectType("Query", {{"items": listed}}))
document = parse("query Few($most: Int!) {{ items(most: $most) {{ number }} }}")
operation = document.definitions[0]
root, context, variables = None, None, {{"most": 2}}

async def shown():
{example}
    return answer

answer = asyncio.run(shown())
assert (answer.data, list(answer.errors)) == ({{"items": [{{"number": 0}}, {{"number": 1}}]}}, []), answer
ours = sorted(name for name in sys.modules if name.partition(".")[0] in {{"services", "mobile_contracts", "api"}})
print([name for name in ours if not name.startswith("api.engine") and name != "api"], sys.modules["api.engine"].__file__)
"""


def test_its_readme_runs_with_nothing_of_ours_around_it(tmp_path: Path) -> None:
    copytree(ENGINE, tmp_path / "api" / "engine")
    (tmp_path / "api" / "__init__.py").write_text("")
    found = re.search(r"```python\n(.*?)```", (ENGINE / "README.md").read_text("utf-8"), re.DOTALL)
    assert found
    example = "\n".join(f"    {line}" for line in found[1].splitlines())
    program = tmp_path / "program.py"
    program.write_text(AROUND.format(example=example), "utf-8")
    ran = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    *source, last = ran.stdout.splitlines()
    assert any(line.startswith("def ") or " def " in line for line in source)
    assert last == f"[] {tmp_path / 'api' / 'engine' / '__init__.py'}"
