//! The messages of the DNS (RFC 1035, section 4): a question is written, and what came back is read with nothing believed of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kinds of records that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsRecordType {
    /// An address of four bytes.
    A,
    /// An address of sixteen bytes.
    Aaaa,
    /// Who takes mail for a domain.
    Mx,
    /// A text.
    Txt,
}

impl DnsRecordType {
    fn number(self) -> u16 {
        match self {
            Self::A => 1,
            Self::Mx => 15,
            Self::Txt => 16,
            Self::Aaaa => 28,
        }
    }

    /// Its name, as zone files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Mx => "MX",
            Self::Txt => "TXT",
        }
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsRecord {
    /// Where a machine is.
    Address(IpAddr),
    /// A machine that takes mail; the empty name says that nobody does (RFC 7505).
    Exchange(String),
    /// A text, its parts put together.
    Text(String),
}

/// How a message begins that is an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyCode {
    /// There is such a name.
    NoError,
    /// There is none.
    NoSuchName,
    /// Whoever was asked cannot say or does not want to: SERVFAIL, REFUSED and the rest.
    Failure(u8),
}

/// What came back to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsReply {
    /// How it begins.
    pub code: ReplyCode,
    /// Whether it was cut off, and has to be asked for over TCP.
    pub truncated: bool,
    /// The records of the kind that was asked for, also those at the end of a chain of other names.
    pub records: Vec<DnsRecord>,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct DnsQuestion<'a> {
    /// A number by which an answer to it is known.
    pub id: u16,
    /// The name, with all its labels.
    pub name: &'a str,
    /// The kind of record.
    pub kind: DnsRecordType,
}

const INTERNET: u16 = 1;

/// The bits of the flags: this is an answer, it was cut off, recursion is wanted.
const RESPONSE: u16 = 0x8000;
const TRUNCATED: u16 = 0x0200;
const RECURSION: u16 = 0x0100;

/// How long a name may be, and one of its labels.
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

impl DnsQuestion<'_> {
    /// The message; `None` where the name cannot be one.
    pub fn write(&self) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(64);
        for word in [self.id, RECURSION, 1, 0, 0, 0] {
            out.extend(word.to_be_bytes());
        }
        let name = self.name.trim_end_matches('.');
        if name.is_empty() || name.len() > LONGEST_NAME || !name.is_ascii() {
            return None;
        }
        for label in name.split('.') {
            if label.is_empty() || label.len() > LONGEST_LABEL {
                return None;
            }
            out.push(u8::try_from(label.len()).ok()?);
            out.extend(label.as_bytes());
        }
        out.push(0);
        out.extend(self.kind.number().to_be_bytes());
        out.extend(INTERNET.to_be_bytes());
        Some(out)
    }

    /// What `bytes` answer to this question. `None` for what is no message, or answers another question.
    pub fn read(&self, bytes: &[u8]) -> Option<DnsReply> {
        let mut reader = MessageReader { message: bytes, at: 0 };
        let (id, flags) = (reader.word()?, reader.word()?);
        let (questions, answers) = (reader.word()?, reader.word()?);
        let (_, _) = (reader.word()?, reader.word()?);
        if id != self.id || flags & RESPONSE == 0 || questions > 1 {
            return None;
        }
        // A server that understood nothing may leave the question out.
        if questions == 1 {
            let asked = reader.name()?;
            let (kind, class) = (reader.word()?, reader.word()?);
            let same = asked.eq_ignore_ascii_case(self.name.trim_end_matches('.'));
            if !same || kind != self.kind.number() || class != INTERNET {
                return None;
            }
        }
        let code = match flags & 0xf {
            0 => ReplyCode::NoError,
            3 => ReplyCode::NoSuchName,
            other => ReplyCode::Failure(u8::try_from(other).ok()?),
        };
        let truncated = flags & TRUNCATED != 0;
        let mut records = Vec::new();
        for _ in 0..answers {
            match reader.record(self.kind) {
                Some(NextRecord::Wanted(record)) => records.push(record),
                Some(NextRecord::OfAnotherKind) => {}
                // What was cut off may end anywhere; it is asked for again.
                None if truncated => break,
                None => return None,
            }
        }
        Some(DnsReply { code, truncated, records })
    }
}

/// A record that was read.
enum NextRecord {
    Wanted(DnsRecord),
    OfAnotherKind,
}

/// Reads a message from its beginning on.
struct MessageReader<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> MessageReader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.message.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn word(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// A name, which may go on elsewhere in the message: always further to the front, so that it ends.
    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        let mut back = None;
        let mut before = self.at;
        loop {
            let length = self.byte()?;
            match length {
                0 => break,
                1..=63 => {
                    let label = self.take(usize::from(length))?;
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.extend(label.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' }));
                    if name.len() > LONGEST_NAME {
                        return None;
                    }
                }
                0xc0.. => {
                    let place = (usize::from(length & 0x3f) << 8) | usize::from(self.byte()?);
                    back.get_or_insert(self.at);
                    if place >= before {
                        return None;
                    }
                    before = place;
                    self.at = place;
                }
                _ => return None,
            }
        }
        if let Some(back) = back {
            self.at = back;
        }
        Some(name)
    }

    /// The next record.
    fn record(&mut self, wanted: DnsRecordType) -> Option<NextRecord> {
        self.name()?;
        let (kind, class) = (self.word()?, self.word()?);
        self.take(4)?;
        let length = usize::from(self.word()?);
        let begin = self.at;
        let data = self.take(length)?;
        if kind != wanted.number() || class != INTERNET {
            return Some(NextRecord::OfAnotherKind);
        }
        let end = self.at;
        let record = match wanted {
            DnsRecordType::A => DnsRecord::Address(Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?).into()),
            DnsRecordType::Aaaa => DnsRecord::Address(Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?).into()),
            DnsRecordType::Mx => {
                self.at = begin;
                self.word()?;
                let host = self.name()?;
                if self.at != end {
                    return None;
                }
                DnsRecord::Exchange(host)
            }
            DnsRecordType::Txt => {
                let mut parts = MessageReader { message: data, at: 0 };
                let mut text = Vec::new();
                while parts.at < data.len() {
                    let length = parts.byte()?;
                    text.extend(parts.take(usize::from(length))?);
                }
                DnsRecord::Text(String::from_utf8_lossy(&text).into_owned())
            }
        };
        Some(NextRecord::Wanted(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: DnsQuestion<'static> = DnsQuestion { id: 0x1234, name: "b.example.fr", kind: DnsRecordType::Mx };

    /// An answer to [`QUESTION`], with `flags` and these answers, whose names point to that of the question.
    fn answer(flags: u16, kind: u16, data: &[&[u8]]) -> Vec<u8> {
        let mut message = QUESTION.write().unwrap();
        message[2..4].copy_from_slice(&flags.to_be_bytes());
        message[6..8].copy_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
        for data in data {
            message.extend([0xc0, 12]);
            message.extend(kind.to_be_bytes());
            message.extend([0, 1, 0, 0, 0, 60]);
            message.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            message.extend(*data);
        }
        message
    }

    #[test]
    fn a_question_names_what_is_asked_for() {
        let written = QUESTION.write().unwrap();
        assert_eq!(written[12..], *b"\x01b\x07example\x02fr\0\0\x0f\0\x01");
        for name in ["", ".", "a..b", &"a".repeat(64), &"a.".repeat(150), "é.example"] {
            assert!(DnsQuestion { name, ..QUESTION }.write().is_none(), "{name}");
        }
    }

    #[test]
    fn an_answer_says_what_there_is_or_that_there_is_nothing() {
        let reply = QUESTION.read(&answer(0x8180, 15, &[b"\0\x0a\x02mx\xc0\x0c"])).unwrap();
        assert_eq!(reply.records, [DnsRecord::Exchange("mx.b.example.fr".to_owned())]);
        assert_eq!(reply.code, ReplyCode::NoError);
        assert_eq!(
            QUESTION.read(&answer(0x8180, 15, &[b"\0\0\0"])).unwrap().records,
            [DnsRecord::Exchange(String::new())]
        );
        // An alias on the way is no record of the kind that was asked for.
        assert_eq!(QUESTION.read(&answer(0x8180, 5, &[b"\x02mx\xc0\x0c"])).unwrap().records, []);
        assert_eq!(QUESTION.read(&answer(0x8183, 15, &[])).unwrap().code, ReplyCode::NoSuchName);
        assert_eq!(QUESTION.read(&answer(0x8182, 15, &[])).unwrap().code, ReplyCode::Failure(2));
        assert!(QUESTION.read(&answer(0x8380, 15, &[])).unwrap().truncated);
        let text = DnsQuestion { kind: DnsRecordType::Txt, ..QUESTION };
        let mut message = answer(0x8180, 16, &[b"\x02v=\x04spf1"]);
        message[26..28].copy_from_slice(&16_u16.to_be_bytes());
        assert_eq!(text.read(&message).unwrap().records, [DnsRecord::Text("v=spf1".to_owned())]);
    }

    #[test]
    fn what_is_no_answer_to_the_question_is_not_taken_for_one() {
        let good = answer(0x8180, 15, &[b"\0\x0a\x02mx\xc0\x0c"]);
        assert!(DnsQuestion { id: 1, ..QUESTION }.read(&good).is_none());
        assert!(DnsQuestion { name: "c.example.fr", ..QUESTION }.read(&good).is_none());
        assert!(DnsQuestion { kind: DnsRecordType::A, ..QUESTION }.read(&good).is_none());
        assert!(QUESTION.read(&answer(0x0100, 15, &[])).is_none(), "a question");
        for length in 0..good.len() {
            assert!(QUESTION.read(&good[..length]).is_none(), "{length} bytes of it");
        }
        // A name that goes on at itself, and one that goes on further behind.
        for place in [41_u8, 43, 44, 0xff] {
            assert!(QUESTION.read(&answer(0x8180, 15, &[&[0, 10, 0xc0, place]])).is_none());
        }
    }
}
