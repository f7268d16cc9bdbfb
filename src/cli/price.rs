//! `carillon price`: keep the price history, and ask whether a reduction may be announced.

mod check;
mod correct;
mod import;

use clap::Subcommand;

pub(super) use check::{assess, past_reductions};

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
    /// Say for each offer whether its reduction may be announced, and against which prior price
    ///
    /// The prior price is the lowest price of the 30 days before the reduction begins to apply, with the options of the
    /// market's country. Resale below cost and the age of goods in the soldes are checked as well, where the file gives
    /// `purchase_cost`, `on_sale_since` and `paid_on`.
    ///
    /// The command ends with 1 when a verdict is forbidden or anything else is an error.
    Check(check::Args),
    /// Correct a price on record that was typed wrong: both values are kept, with your name and the reason
    ///
    /// The row that was imported stays as it is. From then on the corrected price counts, every answer that rests on it says
    /// so, and `price check --known-on` still gives the answer of before. The campaigns whose answers may change are named.
    Correct(correct::Args),
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Import(args) => import::run(&args, context),
        Verb::Check(args) => check::run(&args, context),
        Verb::Correct(args) => correct::run(&args, context),
    }
}
