//! `carillon alert`: whether somebody is told when something is wrong.

use anyhow::Context as _;
use clap::Subcommand;

use super::Context;
use super::exit::{Exit, Failure};
use super::outbox;
use crate::alert::{Alert, AlertChannel};
use crate::sending::alerts::AlertSenders;

/// The arguments of `carillon alert`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Tell whoever `[alerts]` names that nothing is wrong, and say what came of it
    ///
    /// Ends with 0 when all of them were told, and with 3 when one could not be. Needs neither the store nor a daemon.
    Test,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Test => test(context),
    }
}

fn test(context: &mut Context) -> anyhow::Result<Exit> {
    let settings = context.settings()?;
    let senders = AlertSenders::new(&settings);
    let channels = senders.channels();
    if channels.is_empty() {
        let message = "nobody is told when something is wrong; add `[alerts]` with `mail_to`, `command` or `[alerts.webhook]` to the configuration";
        return Err(Failure::refused(message));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    let mut exit = Exit::Done;
    for channel in channels {
        let alert =
            Alert { shop: senders.shop().to_owned(), at: context.clock.now(), test: true, problems: Vec::new() };
        let attempt = runtime.block_on(senders.tell(channel, &alert));
        match attempt.outcome {
            Ok(words) => context.tell(format!("{}: told; {words}", channel.name()))?,
            Err(unsent) => {
                context.tell(format!("{}: not told: {unsent}", channel.name()))?;
                exit = Exit::Unreachable;
            }
        }
        if !attempt.output.is_empty() {
            context.tell(format!("  it said: {}", attempt.output))?;
        }
        let mail = settings.alerts.as_ref().and_then(|alerts| alerts.mail.as_ref());
        let into = mail.filter(|_| channel == AlertChannel::Mail).and_then(|mail| mail.transport.outbox());
        if let Some(warning) = outbox::warning(into) {
            context.tell(format!("  {warning}"))?;
        }
    }
    Ok(exit)
}
