//! `carillon completions` and `carillon man`: the command line, for shells and for `man`.

use std::io::Write as _;

use anyhow::Context as _;
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use super::exit::Exit;
use super::{Context, command_in};
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::Fact;

/// The arguments of `carillon completions`.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell to complete for
    shell: Shell,
}

pub(super) fn completions(args: CompletionsArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command_in(context.language), "carillon", &mut script);
    context.out.write_all(&script)?;
    Ok(Exit::Done)
}

/// The arguments of `carillon man`.
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// The folder to write a page for each command into; the first page goes to stdout when left out
    #[arg(long, value_name = "DIR")]
    out: Option<std::path::PathBuf>,
}

pub(super) fn man(args: ManArgs, context: &mut Context) -> anyhow::Result<Exit> {
    if let Some(folder) = args.out {
        std::fs::create_dir_all(&folder)
            .with_context(|| phrase!("cannot-make-folder", path = Fact::text(folder.display())))?;
        // Only then a command knows what it is called below another.
        let mut all = command_in(context.language).disable_help_subcommand(true);
        all.build();
        write_pages(&all, &folder, context.language)?;
        context.hint(format!("the pages are in `{}`", folder.display()))?;
    } else {
        let first = page(&Man::new(command_in(context.language)), context.language)?;
        context.out.write_all(first.as_bytes())?;
    }
    Ok(Exit::Done)
}

/// The page of `command` and of each below it.
fn write_pages(command: &Command, folder: &std::path::Path, language: InterfaceLanguage) -> anyhow::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
        write_pages(below, folder, language)?;
    }
    let man = Man::new(command.clone());
    let path = folder.join(man.get_filename());
    std::fs::write(&path, page(&man, language)?)
        .with_context(|| phrase!("cannot-write", path = Fact::text(path.display())))
}

/// The headings that the library writes, in French.
const HEADINGS: [(&str, &str); 4] =
    [("NAME", "NOM"), ("SUBCOMMANDS", "COMMANDES"), ("EXTRA", "EXEMPLES"), ("AUTHORS", "AUTEURS")];

/// A page, with its headings in `language`.
fn page(man: &Man, language: InterfaceLanguage) -> anyhow::Result<String> {
    let mut written = Vec::new();
    man.render(&mut written)?;
    let text = String::from_utf8(written)?;
    if language == InterfaceLanguage::En {
        return Ok(text);
    }
    let line = |line: &str| match line.strip_prefix(".SH ") {
        None => line.to_owned(),
        Some(heading) => {
            let heading = heading.trim_matches(['"', '\u{a0}']);
            let known = HEADINGS.iter().find(|(english, _)| *english == heading).map_or(heading, |(_, french)| *french);
            format!(".SH \"{}\"", known.to_uppercase())
        }
    };
    Ok(text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n")
}
