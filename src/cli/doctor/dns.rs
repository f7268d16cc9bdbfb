//! What the world knows of the mail that leaves here, by the DNS: who may send it, with which keys it is signed, what receivers are
//! to do with what proves neither, and where it comes back to.
//!
//! What this machine's resolver says need not be what the world sees, where a network has its own view; `--resolver` asks another.
//! What could not be asked is never taken for missing.

use std::io;
use std::net::IpAddr;

use super::{CheckOutcome, CheckReport, DoctorCheck};
use crate::config::{DkimSettings, Settings};
use crate::dns::{
    DkimPublished, DmarcPolicy, DnsAnswer, DnsRecord, DnsRecordType, DnsResolver, NotAsked, PolicyFault, SpfAll,
    SpfPolicy,
};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken as _};

/// Asks for all of it. Where letters go into a folder nobody needs any of it.
pub(super) fn look(settings: &Settings, resolver: &DnsResolver) -> Vec<CheckReport> {
    let relays = settings.mail.transport.relays();
    if relays.is_empty() {
        return Vec::new();
    }
    let asker = Asker { resolver };
    let mut checks = vec![asker.spf(&settings.mail.return_domain)];
    let mut names: Vec<&str> = relays.iter().filter_map(|relay| relay.dkim_record.as_deref()).collect();
    names.dedup();
    checks.extend(settings.mail.dkim.iter().flat_map(|dkim| asker.own_keys(dkim)));
    checks.extend(names.iter().map(|name| asker.relays_key(name)));
    let from = settings.mail.from.domain();
    if settings.mail.dkim.is_none() && names.is_empty() {
        checks.push(CheckReport::said(
            DoctorCheck::Dkim,
            CheckOutcome::Warning,
            phrase!("doctor-dkim-unknown", domain = from),
        ));
    }
    checks.push(asker.dmarc(from));
    checks.push(asker.way_back(&settings.mail.return_domain));
    checks.extend(asker.home(settings.public.url.host()));
    checks
}

/// The same where it is not known whom to ask.
pub(super) fn no_resolver(settings: &Settings, why: &io::Error) -> Vec<CheckReport> {
    if settings.mail.transport.relays().is_empty() {
        return Vec::new();
    }
    let words = phrase!("doctor-dns-no-resolver", why = why.phrase());
    let report = |check| CheckReport::said(check, CheckOutcome::Unknown, words.clone());
    [DoctorCheck::Spf, DoctorCheck::Dkim, DoctorCheck::Dmarc, DoctorCheck::ReturnPath].map(report).into()
}

struct Asker<'a> {
    resolver: &'a DnsResolver,
}

/// What a word of policy could not be used for.
fn fault(why: &PolicyFault) -> Phrase {
    match why {
        PolicyFault::Absent => phrase!("dns-absent"),
        PolicyFault::Several(count) => phrase!("dns-several", count = *count),
        PolicyFault::Word(word) => phrase!("dns-word", word = word.as_str()),
        PolicyFault::TooManyLookups(count) => phrase!("dns-lookups", count = *count),
        PolicyFault::Lacks(tag) => phrase!("dns-lacks", tag = *tag),
        PolicyFault::Revoked => phrase!("dns-revoked"),
    }
}

/// The report of what could not be asked.
fn unasked(check: DoctorCheck, why: Phrase) -> CheckReport {
    CheckReport::said(check, CheckOutcome::Unknown, why)
}

impl Asker<'_> {
    /// The records of a kind at `name`: none where there are none.
    fn records(&self, name: &str, kind: DnsRecordType) -> Result<Vec<DnsRecord>, Phrase> {
        let why = match self.resolver.ask(name, kind) {
            Ok(DnsAnswer::Records(records)) => return Ok(records),
            Ok(DnsAnswer::NoSuchName | DnsAnswer::NoSuchRecord) => return Ok(Vec::new()),
            Err(why) => why,
        };
        let why = match why {
            NotAsked::Name => phrase!("dns-no-name"),
            NotAsked::Silent => phrase!("dns-silent", servers = self.resolver.name()),
            NotAsked::Failed(2) => phrase!("dns-failed", servers = self.resolver.name(), code = "SERVFAIL"),
            NotAsked::Failed(5) => phrase!("dns-failed", servers = self.resolver.name(), code = "REFUSED"),
            NotAsked::Failed(code) => phrase!("dns-failed", servers = self.resolver.name(), code = Fact::text(code)),
            NotAsked::Machine => phrase!("dns-machine"),
        };
        Err(phrase!("doctor-dns-unasked", kind = kind.name(), name = name, why = why))
    }

    /// Receivers ask the domain of the return path.
    fn spf(&self, domain: &str) -> CheckReport {
        let check = DoctorCheck::Spf;
        let records = match self.records(domain, DnsRecordType::Txt) {
            Ok(records) => records,
            Err(why) => return unasked(check, why),
        };
        let policy = match SpfPolicy::among(&records) {
            Ok(policy) => policy,
            Err(why) => {
                let words = phrase!("doctor-spf-wrong", domain = domain, why = fault(&why));
                return CheckReport::said(check, CheckOutcome::Error, words);
            }
        };
        match (policy.all, policy.redirect) {
            (Some(SpfAll::Fail), _) => {
                CheckReport::ok(check, phrase!("doctor-spf-good", domain = domain, all = "-all"))
            }
            (Some(SpfAll::SoftFail), _) => {
                CheckReport::ok(check, phrase!("doctor-spf-good", domain = domain, all = "~all"))
            }
            (Some(SpfAll::Pass), _) => {
                CheckReport::said(check, CheckOutcome::Error, phrase!("doctor-spf-open", domain = domain))
            }
            (None, Some(other)) => {
                CheckReport::ok(check, phrase!("doctor-spf-elsewhere", domain = domain, other = other.as_str()))
            }
            (Some(SpfAll::Neutral) | None, _) => {
                CheckReport::said(check, CheckOutcome::Warning, phrase!("doctor-spf-loose", domain = domain))
            }
        }
    }

    fn own_keys(&self, dkim: &DkimSettings) -> Vec<CheckReport> {
        let reports = dkim.keys.iter().map(|key| {
            let (name, algorithm) = (dkim.name_of(key), key.key.algorithm().name());
            let check = DoctorCheck::Dkim;
            match self.key_at(&name) {
                Err(report) => report.unwrap_or_else(|why| {
                    let words = phrase!("doctor-dkim-wrong", name = name.as_str(), why = fault(&why));
                    CheckReport::of(check, CheckOutcome::Error, words.clone(), words.part("remedy-own"))
                }),
                Ok(published) if !published.is_that_of(&key.key.record()) => {
                    CheckReport::said(check, CheckOutcome::Error, phrase!("doctor-dkim-other", name = name))
                }
                Ok(DkimPublished { is_tried: true, .. }) => {
                    CheckReport::said(check, CheckOutcome::Warning, phrase!("doctor-dkim-tried", name = name))
                }
                Ok(_) => CheckReport::ok(check, phrase!("doctor-dkim-own", name = name, algorithm = algorithm)),
            }
        });
        reports.collect()
    }

    /// The key that a relay is said to sign with. That it does only shows in a delivered copy.
    fn relays_key(&self, name: &str) -> CheckReport {
        let check = DoctorCheck::Dkim;
        match self.key_at(name) {
            Err(report) => report.unwrap_or_else(|why| {
                let words = phrase!("doctor-dkim-wrong", name = name, why = fault(&why));
                CheckReport::of(check, CheckOutcome::Error, words.clone(), words.part("remedy-relay"))
            }),
            Ok(DkimPublished { is_tried: true, .. }) => {
                CheckReport::said(check, CheckOutcome::Warning, phrase!("doctor-dkim-tried", name = name))
            }
            Ok(published) => {
                CheckReport::ok(check, phrase!("doctor-dkim-relay", name = name, kind = published.kind.as_str()))
            }
        }
    }

    /// The key at `name`: else the report that nobody could be asked, or what is wrong with it.
    fn key_at(&self, name: &str) -> Result<DkimPublished, Result<CheckReport, PolicyFault>> {
        let records = self.records(name, DnsRecordType::Txt).map_err(|why| Ok(unasked(DoctorCheck::Dkim, why)))?;
        DkimPublished::among(&records).map_err(Err)
    }

    /// Where a domain says nothing the one above it speaks for it, up to the one below the top.
    fn dmarc(&self, domain: &str) -> CheckReport {
        let (check, mut asked) = (DoctorCheck::Dmarc, domain);
        loop {
            let place = format!("_dmarc.{asked}");
            let records = match self.records(&place, DnsRecordType::Txt) {
                Ok(records) => records,
                Err(why) => return unasked(check, why),
            };
            let why = match DmarcPolicy::among(&records, asked != domain) {
                Ok(policy) => {
                    let words = phrase!("doctor-dmarc-good", place = place, policy = policy.id());
                    return CheckReport::ok(check, words);
                }
                Err(why) => why,
            };
            if let Some((_, above)) =
                asked.split_once('.').filter(|(_, above)| why == PolicyFault::Absent && above.contains('.'))
            {
                asked = above;
            } else {
                let place = if why == PolicyFault::Absent { format!("_dmarc.{domain}") } else { place };
                let words = phrase!("doctor-dmarc-wrong", place = place, why = fault(&why));
                return CheckReport::said(check, CheckOutcome::Error, words);
            }
        }
    }

    /// Whoever takes mail for the domain of the return paths has an address.
    fn way_back(&self, domain: &str) -> CheckReport {
        let check = DoctorCheck::ReturnPath;
        let records = match self.records(domain, DnsRecordType::Mx) {
            Ok(records) => records,
            Err(why) => return unasked(check, why),
        };
        let named: Vec<&str> = records
            .iter()
            .filter_map(|record| if let DnsRecord::Exchange(host) = record { Some(host.as_str()) } else { None })
            .collect();
        if named == [""] {
            return CheckReport::said(check, CheckOutcome::Error, phrase!("doctor-return-refused", domain = domain));
        }
        // Without an MX the domain itself is the one (RFC 5321, section 5.1).
        let hosts = if named.is_empty() { vec![domain] } else { named.clone() };
        let mut lost = Vec::new();
        for host in &hosts {
            match self.has_address(host) {
                Ok(true) => {}
                Ok(false) => lost.push(*host),
                Err(why) => return unasked(check, why),
            }
        }
        match (lost.first(), named.is_empty()) {
            (None, _) => {
                CheckReport::ok(check, phrase!("doctor-return-good", domain = domain, hosts = Fact::texts(hosts)))
            }
            (Some(_), true) => {
                CheckReport::said(check, CheckOutcome::Error, phrase!("doctor-return-nobody", domain = domain))
            }
            (Some(host), false) => {
                let outcome = if lost.len() == hosts.len() { CheckOutcome::Error } else { CheckOutcome::Warning };
                CheckReport::said(check, outcome, phrase!("doctor-return-lost", domain = domain, host = *host))
            }
        }
    }

    /// Whether the name that all links lead to is known. Only what is not well is said.
    fn home(&self, host: &str) -> Option<CheckReport> {
        let check = DoctorCheck::PublicUrl;
        match self.has_address(host) {
            Ok(true) => None,
            Ok(false) => {
                Some(CheckReport::said(check, CheckOutcome::Error, phrase!("doctor-public-unknown", host = host)))
            }
            Err(why) => Some(unasked(check, why)),
        }
    }

    fn has_address(&self, host: &str) -> Result<bool, Phrase> {
        if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            return Ok(true);
        }
        Ok(!self.records(host, DnsRecordType::A)?.is_empty() || !self.records(host, DnsRecordType::Aaaa)?.is_empty())
    }
}
