"""Writes docs/reference/cli.md from the commands of the program: ``python -m tools.cli_reference``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from statuspage.cli import messages
from statuspage.cli.command_table import GROUPS, SHORT_COMMANDS
from statuspage.cli.framework import Program, common_flags

FILE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "cli.md"

HEAD = """\
# Command line

<!-- Made by `python -m tools.cli_reference`. Do not edit: change the commands or content/languages/en/desk.toml. -->

`statuspage COMMAND` for what is used most, `statuspage NOUN VERB` for everything else. `statuspage --help`,
`statuspage NOUN --help` and `statuspage NOUN VERB --help` say the same in the terminal, in Japanese where the locale is
Japanese, else in English; `statuspage --version` says the version. This page is generated: after a change of a command
run `python -m tools.cli_reference`.

An instance is a folder, named by `--home` or `STATUSPAGE_HOME`. Every command works with no server running.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | refused; the reasons are on standard error, and with `--json` on standard output |
| 2 | wrong use: an unknown command, flag or choice, or no instance |
| 3 | stored, but the page could not be written or uploaded |

## Completion in the shell

The shell completes commands, flags and choices. For bash, put this into `~/.bashrc`:

```
eval "$(_STATUSPAGE_COMPLETE=bash_source statuspage)"
```

For zsh, into `~/.zshrc`, with `zsh_source`; for fish, `_STATUSPAGE_COMPLETE=fish_source statuspage | source` in
`~/.config/fish/completions/statuspage.fish`.

## Flags of every command
"""


def page() -> str:
    """The text of the page."""
    texts = messages.messages_in("en")
    lines = [HEAD, *_flag_table(common_flags(), texts), ""]
    program = Program()
    context = click.Context(program, info_name="statuspage")
    for heading, commands in SHORT_COMMANDS.items():
        lines += [f"## {texts.label(f'cli.heading.{heading}')}", ""]
        for name in commands:
            lines += _command_section(program.get_command(context, name), context, name, texts)
    for noun, verbs in GROUPS.items():
        lines += [f"## {noun}", "", f"{texts.label(f'cli.command.{noun}')}.", ""]
        group = program.get_command(context, noun)
        assert isinstance(group, click.Group)
        inner = click.Context(group, parent=context, info_name=noun)
        for verb in verbs:
            lines += _command_section(group.get_command(inner, verb), inner, f"{noun}-{verb}", texts)
    return "\n".join(lines).rstrip("\n") + "\n"


def _command_section(
    command: click.Command | None, parent: click.Context, label: str, texts: messages.Messages
) -> Iterator[str]:
    """A heading with the command and its arguments, its description, and its own flags."""
    assert command is not None
    context = click.Context(command, parent=parent, info_name=command.name)
    arguments = [
        parameter.make_metavar(context) for parameter in command.params if isinstance(parameter, click.Argument)
    ]
    yield f"### `{' '.join([context.command_path, *arguments])}`"
    yield ""
    yield f"{texts.label(f'cli.command.{label}')}."
    yield ""
    common = {parameter.name for parameter in common_flags()}
    own_flags = [parameter for parameter in command.params if parameter.name not in common]
    if rows := [*_flag_table(own_flags, texts)]:
        yield from (*rows, "")


def _flag_table(parameters: list[click.Parameter], texts: messages.Messages) -> Iterator[str]:
    rows = []
    for parameter in parameters:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            context = click.Context(click.Command(""))
            metavar = "" if parameter.is_flag else f" {parameter.make_metavar(context)}"
            label = getattr(parameter, "label", parameter.name)
            rows.append(f"| `{_escaped(parameter.opts[0] + metavar)}` | {_escaped(texts.label(f'cli.flag.{label}'))} |")
    if rows:
        yield from ("| flag | meaning |", "|---|---|", *rows)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Writes the page."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(page(), "utf-8")


if __name__ == "__main__":
    os.environ["STATUSPAGE_LANGUAGE"] = "en"
    main()
