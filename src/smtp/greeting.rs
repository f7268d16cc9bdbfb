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
use crate::config::Security;

/// Opens a connection and brings it to where mail can be offered.
pub(super) async fn greet(relay: &Relay) -> Result<(Wire, Capabilities), ConnectFailure> {
    let mut greeter =
        Greeter { name: relay.name(), limit: relay.limits.command, wire: Wire::new(relay.connect().await?) };
    greeter.hear_greeting(relay.limits.greeting).await?;
    let hello = relay.settings.helo.clone().map_or_else(ClientId::default, ClientId::Domain);
    let mut capabilities = greeter.ehlo(&hello).await?;
    if relay.settings.security == Security::Starttls {
        greeter = greeter.starttls(relay, capabilities).await?;
        capabilities = greeter.ehlo(&hello).await?;
    }
    if let Some((user, password)) = &relay.settings.login {
        greeter.log_in(capabilities, user, password).await?;
    }
    Ok((greeter.wire, capabilities))
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
