//! `carillon price`: keep the price history, and ask whether a reduction may be announced.

mod import;

use clap::Subcommand;

use super::Context;
use super::exit::Exit;

/// The arguments of `carillon price`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add the prices of a CSV file to the history
    ///
    /// The first line names the columns: sku, channel, market, audience, from, price, currency, and if you like
    /// campaign and source. Commas, semicolons and tabs are understood, and so is a decimal comma. `not-offered` in
    /// place of a price says that the article was not for sale from then on.
    ///
    /// Importing the same file again changes nothing. Rows that cannot be taken are written to FILE.rejected.csv with
    /// the reason; mend them there and import that file.
    Import(import::Args),
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Import(args) => import::run(&args, context),
    }
}
