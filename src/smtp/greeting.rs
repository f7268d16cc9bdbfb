//! From a connection to a session: greeting, EHLO, STARTTLS where required, login where configured.

use std::fmt::Display;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Ehlo, Starttls};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use secrecy::{ExposeSecret, SecretString};

use super::capabilities::Capabilities;
use super::failure::ConnectFailure;
use super::redact;
use super::reply::Reply;
use super::stream::Relay;
use super::wire::Wire;
use crate::config::{RelayPassword, Security};
use crate::text::is_domain;

/// Opens a connection and brings it to where mail can be offered.
pub(super) async fn greet(relay: &Relay) -> Result<(Wire, Capabilities), ConnectFailure> {
    let mut greeter =
        Greeter { name: relay.name(), limit: relay.limits.command, wire: Wire::new(relay.connect().await?) };
    greeter.hear_greeting(relay.limits.greeting).await?;
    let hello = our_name(relay.settings.helo.as_deref(), ClientId::default(), &relay.settings.public_name);
    let mut capabilities = greeter.ehlo(&hello).await?;
    if relay.settings.security == Security::Starttls {
        greeter = greeter.starttls(relay, capabilities).await?;
        capabilities = greeter.ehlo(&hello).await?;
    }
    match &relay.settings.login {
        None => {}
        Some((user, RelayPassword::Known(password))) => greeter.log_in(capabilities, user, password).await?,
        Some((_, RelayPassword::Withheld(credential))) => {
            return Err(ConnectFailure::PasswordWithheld { relay: relay.name(), credential: credential.clone() });
        }
    }
    Ok((greeter.wire, capabilities))
}

/// The name to greet with: the one that is set, or the machine's own when it is a full one, as RFC 5321 §4.1.1.1 asks; or the
/// one by which the world knows this daemon; or the machine's address.
fn our_name(set: Option<&str>, own: ClientId, public: &str) -> ClientId {
    match (set, own) {
        (Some(set), _) => ClientId::Domain(set.to_owned()),
        (None, ClientId::Domain(own)) if !own.contains('.') && is_domain(public) && public.contains('.') => {
            ClientId::Domain(public.to_owned())
        }
        (None, own) => own,
    }
}

struct Greeter {
    name: String,
    limit: Duration,
    wire: Wire,
}

impl Greeter {
    async fn hear_greeting(&mut self, limit: Duration) -> Result<(), ConnectFailure> {
        let step = "the greeting";
        let reply = self.wire.greeting(limit).await.map_err(|why| ConnectFailure::broken(&self.name, step, &why))?;
        self.expect(step, 220, &reply)
    }

    async fn ehlo(&mut self, hello: &ClientId) -> Result<Capabilities, ConnectFailure> {
        let reply = self.ask("EHLO", Ehlo::new(hello.clone())).await?;
        if reply.code / 100 == 5 {
            // A relay that knows no EHLO knows HELO (RFC 5321 §3.2), and offers nothing beyond it.
            let reply = self.ask("HELO", format!("HELO {hello}\r\n")).await?;
            self.expect("HELO", 250, &reply)?;
            return Ok(Capabilities::default());
        }
        self.expect("EHLO", 250, &reply)?;
        Ok(Capabilities::read(&reply))
    }

    async fn starttls(mut self, relay: &Relay, capabilities: Capabilities) -> Result<Self, ConnectFailure> {
        if !capabilities.starttls {
            return Err(ConnectFailure::NoStarttls { relay: self.name });
        }
        let reply = self.ask("STARTTLS", Starttls).await?;
        self.expect("STARTTLS", 220, &reply)?;
        let plain =
            self.wire.into_stream().await.map_err(|why| ConnectFailure::broken(&self.name, "STARTTLS", &why))?;
        Ok(Self { wire: Wire::new(relay.encrypt(plain).await?), ..self })
    }

    async fn log_in(&mut self, can: Capabilities, user: &str, password: &SecretString) -> Result<(), ConnectFailure> {
        let Some(mechanism) = can.login else {
            return Err(ConnectFailure::NoLogin { relay: self.name.clone() });
        };
        let credentials = Credentials::new(user.to_owned(), password.expose_secret().to_owned());
        let unanswerable = |why: lettre::transport::smtp::Error| {
            let why = why.to_string();
            ConnectFailure::Broken { relay: self.name.clone(), step: "AUTH", why }
        };
        let first = Auth::new(mechanism, credentials.clone(), None).map_err(unanswerable)?;
        let mut reply = self.ask("AUTH", first).await?;
        // LOGIN asks for the user name and the password, each once.
        for _ in 0..2 {
            if reply.code != 334 || mechanism != Mechanism::Login {
                break;
            }
            let next = challenge(&reply)
                .and_then(|challenge| Auth::new_from_response(mechanism, credentials.clone(), &challenge));
            let next = next.map_err(|_| ConnectFailure::Broken {
                relay: self.name.clone(),
                step: "AUTH",
                why: "the relay asks for something other than a user name and a password".to_owned(),
            })?;
            reply = self.ask("AUTH", next).await?;
        }
        match reply.code {
            235 => Ok(()),
            code => {
                let text = redact(&reply.text(), user);
                Err(ConnectFailure::LoginRefused { relay: self.name.clone(), code, text })
            }
        }
    }

    async fn ask(&mut self, step: &'static str, command: impl Display) -> Result<Reply, ConnectFailure> {
        let reply = self.wire.command(command, self.limit).await;
        reply.map_err(|why| ConnectFailure::broken(&self.name, step, &why))
    }

    fn expect(&self, step: &'static str, code: u16, reply: &Reply) -> Result<(), ConnectFailure> {
        if reply.code == code {
            return Ok(());
        }
        Err(ConnectFailure::Unwilling { relay: self.name.clone(), step, code: reply.code, text: reply.text() })
    }
}

/// A 334 in lettre's own type, which its AUTH commands are made from.
fn challenge(reply: &Reply) -> Result<Response, lettre::transport::smtp::Error> {
    format!("{} {}\r\n", reply.code, reply.text()).parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(set: Option<&str>, own: &str, public: &str, expected: &str) {
        let name = our_name(set, ClientId::Domain(own.to_owned()), public);
        assert_eq!(name.to_string(), expected);
    }

    #[test]
    fn we_greet_with_a_full_name() {
        check(None, "vm", "news.example.fr", "news.example.fr");
        check(None, "mail.example.fr", "news.example.fr", "mail.example.fr");
        check(Some("relayed.example"), "vm", "news.example.fr", "relayed.example");
        check(None, "vm", "localhost", "vm");
        let address = ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST);
        assert_eq!(our_name(None, address.clone(), "news.example.fr"), address);
    }
}
