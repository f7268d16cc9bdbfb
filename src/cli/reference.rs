//! `carillon completions` and `carillon man`: the command line, for shells and for `man`.

use std::io::Write as _;

use clap_complete::Shell;

use super::exit::Exit;
use super::{Context, command};

/// The arguments of `carillon completions`.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell to complete for
    shell: Shell,
}

pub(super) fn completions(args: CompletionsArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "carillon", &mut script);
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
    match args.out {
        Some(folder) => {
            std::fs::create_dir_all(&folder)?;
            clap_mangen::generate_to(command(), &folder)?;
            context.note(format!("the pages are in `{}`", folder.display()))?;
        }
        None => clap_mangen::Man::new(command()).render(&mut context.out)?,
    }
    Ok(Exit::Done)
}
