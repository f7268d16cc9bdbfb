//! `carillon mail test`: one sample letter through the configured transport.

use anyhow::Context as _;

use super::sample::{For, Writer};
use super::{Context, Exit};
use crate::cli::exit::Failure;
use crate::cli::outbox;
use crate::mail::{Kind, MessageId};
use crate::member::{Address, Language};
use crate::phrase;
use crate::phrase::Fact;
use crate::smtp::{Envelope, MessageBytes, Verdict};
use crate::transport::Transport;

/// The arguments of `carillon mail test`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Who receives it; your own address
    address: Address,
    /// Which letter: announcement, opening, last-hours, confirmation or renewal
    kind: Kind,
    /// In which language: fr, en, nl, de, it, es or pt
    #[arg(long, value_name = "LANGUAGE", default_value = "fr")]
    language: Language,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let settings = context.settings()?;
    let templates = match super::templates(None, Some(&settings)) {
        Ok(templates) => templates,
        Err(findings) => return Ok(context.findings(&findings)?),
    };
    let writer = Writer::new(Some(&settings), templates)?;
    let now = context.clock.now();
    let from = &writer.sender.from.address;
    let id = MessageId::parse(&format!("test.{}.{}@{}", now.as_microsecond(), args.kind, from.domain()))?;
    let person = For { to: &args.address, language: args.language, id: &id, now };
    let letters = writer.letters(args.kind)?.pop().context("there is no such letter")?;
    let bytes = writer.write(&letters.into_test(), &person)?.bytes;
    let envelope = Envelope::new(from.as_str(), args.address.as_str())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    let message = MessageBytes { message_id: id.as_str(), bytes: &bytes };
    let sent = Transport::send(&settings.mail.transport, &envelope, &message, now);
    let verdict = runtime.block_on(sent).map_err(|failure| Failure::unreachable(failure.with_cause()))?;
    match verdict {
        Verdict::Accepted { text, .. } => {
            match outbox::warning(settings.mail.transport.outbox()) {
                Some(warning) => {
                    context.say(&phrase!("mail-test-filed", said = Fact::english(text), warning = warning))?;
                }
                None => context.say(&phrase!("mail-test-accepted", said = Fact::english(text)))?,
            }
            Ok(Exit::Done)
        }
        Verdict::Deferred(reason) => {
            Err(Failure::unreachable(phrase!("mail-test-deferred", reason = Fact::english(reason))))
        }
        Verdict::Refused(reason) => Err(Failure::refused(phrase!("mail-test-refused", reason = Fact::english(reason)))),
        Verdict::InDoubt(reason) => {
            Err(Failure::unreachable(phrase!("mail-test-in-doubt", reason = Fact::english(reason))))
        }
    }
}
