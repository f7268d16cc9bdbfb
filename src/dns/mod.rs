//! What the DNS says: one question to the resolver that this machine uses, and its answer, in which three things are kept apart:
//! that there is something, that there is nothing, and that nobody could be asked.
//!
//! It is for `carillon doctor`, which asks a dozen questions in all. So it is a client of the plainest kind: no cache, no names
//! that are completed, one question at a time.

mod message;
mod policy;
mod resolver;
mod servers;

pub use message::{DnsQuestion, DnsRecord, DnsRecordType, DnsReply, ReplyCode};
pub use policy::{DkimPublished, DmarcPolicy, PolicyFault, SpfAll, SpfPolicy};
pub use resolver::{DnsAnswer, DnsResolver, NotAsked};
pub use servers::{ResolverFile, server_named};
