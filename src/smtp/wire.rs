//! One command, one reply, never out of step.
//!
//! A wire is in step when every command sent has had its reply read. It leaves step before it writes and returns to it
//! only after a whole reply, so a future that was dropped, a timer that ran out and a connection that broke all leave a
//! wire that refuses to be used. A reply that nobody asked for does too.

use std::fmt::Display;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use super::reply::{Reply, ReplyLine};
use super::stream::Stream;

/// Far above the 512 octets of RFC 5321 §4.5.3.1.5.
const LONGEST_LINE: u64 = 8 * 1024;
/// The most lines one reply may have.
const MOST_LINES: usize = 256;
/// How many octets of a reply are kept. It goes into the store.
const KEPT: usize = 8 * 1024;
/// How much of a body is written under one timer.
const BLOCK: usize = 64 * 1024;

/// Why there is no reply. The wire cannot be used again.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("no answer within {} s", .0.as_secs_f32())]
    Stalled(Duration),
    #[error("the relay closed the connection")]
    Closed,
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
    #[error("the relay's answer is not SMTP")]
    NotSmtp,
    #[error("the relay said something that was not asked for")]
    OutOfStep,
    #[error("the relay is closing the connection: {} {}", .0.code, .0.text())]
    Goodbye(Reply),
}

/// A connection on which commands are answered in turn.
pub(super) struct Wire {
    stream: BufReader<Stream>,
    in_step: bool,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream: BufReader::new(stream), in_step: true }
    }

    /// Whether every command so far has had its reply.
    pub(super) fn is_in_step(&self) -> bool {
        self.in_step
    }

    /// Whether the wire is in step and the other end has neither closed it nor said something unasked, as far as is
    /// known here without waiting.
    pub(super) fn is_open(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        self.in_step && Pin::new(&mut self.stream).poll_fill_buf(&mut context).is_pending()
    }

    /// Never use this wire again.
    pub(super) fn give_up(&mut self) {
        self.in_step = false;
    }

    /// The relay's first words.
    pub(super) async fn greeting(&mut self, limit: Duration) -> Result<Reply, Broken> {
        self.in_step = false;
        self.answer(limit).await
    }

    /// Sends `command`, which carries its own line end, and reads its reply.
    pub(super) async fn command(&mut self, command: impl Display, limit: Duration) -> Result<Reply, Broken> {
        self.leave_step().await?;
        self.write(&command.to_string(), limit).await?;
        self.answer(limit).await
    }

    /// Sends commands in one go, to a relay that takes them so, and reads the reply to each within the limit that stands for
    /// it. What is missing at the end got none: the relay said goodbye, or the connection broke, at the one before.
    pub(super) async fn group(&mut self, commands: &str, limits: &[Duration]) -> Vec<Result<Reply, Broken>> {
        let mut answers = Vec::with_capacity(limits.len());
        let first = limits.first().copied().unwrap_or_default();
        let sent = match self.leave_step().await {
            Ok(()) => self.write(commands, first).await,
            broken => broken,
        };
        if let Err(broken) = sent {
            answers.push(Err(broken));
            return answers;
        }
        for limit in limits {
            let answer = within(*limit, self.read_reply()).await;
            let goes_on = answer.as_ref().is_ok_and(|reply| reply.code != 421);
            answers.push(answer);
            if !goes_on {
                return answers;
            }
        }
        self.in_step = true;
        answers
    }

    async fn write(&mut self, commands: &str, limit: Duration) -> Result<(), Broken> {
        within(limit, async {
            self.stream.write_all(commands.as_bytes()).await?;
            self.stream.flush().await?;
            Ok(())
        })
        .await
    }

    /// Sends a body with its final dot, already in wire form, and reads its reply. To be called after
    /// [`leave_step`](Self::leave_step), which tells a wire that broke before the body from one that broke in it.
    pub(super) async fn body(&mut self, encoded: &[u8], block: Duration, dot: Duration) -> Result<Reply, Broken> {
        for part in encoded.chunks(BLOCK) {
            within(block, async { Ok(self.stream.write_all(part).await?) }).await?;
        }
        within(block, async { Ok(self.stream.flush().await?) }).await?;
        self.answer(dot).await
    }

    /// The connection itself, to be encrypted. Words that came after the last reply would be taken for words that came
    /// encrypted, so there must be none.
    pub(super) async fn into_stream(mut self) -> Result<Stream, Broken> {
        self.leave_step().await?;
        Ok(self.stream.into_inner())
    }

    /// Leaves step before something is written, provided that the wire is in step, open and silent.
    pub(super) async fn leave_step(&mut self) -> Result<(), Broken> {
        if !std::mem::replace(&mut self.in_step, false) {
            return Err(Broken::OutOfStep);
        }
        let stream = &mut self.stream;
        let heard = poll_fn(|context| match Pin::new(&mut *stream).poll_fill_buf(context) {
            Poll::Ready(bytes) => Poll::Ready(Some(bytes.map(|bytes| !bytes.is_empty()))),
            Poll::Pending => Poll::Ready(None),
        });
        match heard.await {
            None => Ok(()),
            Some(Ok(false)) => Err(Broken::Closed),
            Some(Ok(true)) => Err(self.unasked().await),
            Some(Err(why)) => Err(why.into()),
        }
    }

    /// What the relay said while it was not asked: a relay that closes an idle connection may say 421 first.
    async fn unasked(&mut self) -> Broken {
        match within(Duration::from_secs(1), self.read_reply()).await {
            Ok(reply) if reply.code == 421 => Broken::Goodbye(reply),
            _ => Broken::OutOfStep,
        }
    }

    async fn answer(&mut self, limit: Duration) -> Result<Reply, Broken> {
        let reply = within(limit, self.read_reply()).await?;
        self.in_step = reply.code != 421;
        Ok(reply)
    }

    async fn read_reply(&mut self) -> Result<Reply, Broken> {
        let (mut lines, mut read, mut kept) = (Vec::new(), 0, 0);
        loop {
            let mut bytes = Vec::new();
            (&mut self.stream).take(LONGEST_LINE).read_until(b'\n', &mut bytes).await?;
            match bytes.last() {
                Some(b'\n') => {}
                Some(_) if bytes.len() as u64 == LONGEST_LINE => return Err(Broken::NotSmtp),
                _ => return Err(Broken::Closed),
            }
            let line = ReplyLine::parse(&bytes).ok_or(Broken::NotSmtp)?;
            kept += line.text.len();
            if kept <= KEPT {
                lines.push(line.text);
            }
            if line.last {
                return Ok(Reply { code: line.code, lines });
            }
            read += 1;
            if read == MOST_LINES {
                return Err(Broken::NotSmtp);
            }
        }
    }
}

async fn within<T>(limit: Duration, step: impl Future<Output = Result<T, Broken>>) -> Result<T, Broken> {
    timeout(limit, step).await.unwrap_or(Err(Broken::Stalled(limit)))
}

/// A message in wire form: CRLF line ends only, a dot before each line that starts with one, and the final dot.
///
/// A lone CR or LF becomes CRLF. Left alone, relays disagree on whether it ends a line, and a body could smuggle in
/// commands.
pub(super) fn encode(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 32 + 5);
    let mut rest = message;
    while !rest.is_empty() {
        let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
        rest = match after {
            [b'\r', b'\n', after @ ..] | [_, after @ ..] => after,
            [] => after,
        };
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(message: &str, expected: &str) {
        assert_eq!(String::from_utf8(encode(message.as_bytes())).unwrap(), expected);
    }

    #[test]
    fn wire_form() {
        check("a\r\nb\r\n", "a\r\nb\r\n.\r\n");
        check("a\r\nb", "a\r\nb\r\n.\r\n");
        check(".a\r\n.\r\n..\r\n", "..a\r\n..\r\n...\r\n.\r\n");
        check("a\n.\nMAIL", "a\r\n..\r\nMAIL\r\n.\r\n");
        check("a\r.\rMAIL", "a\r\n..\r\nMAIL\r\n.\r\n");
        check("a\r\n\r\n", "a\r\n\r\n.\r\n");
        check("", ".\r\n");
    }

    proptest! {
        #[test]
        fn nothing_is_smuggled(message in "[a.\r\n]{0,40}") {
            let encoded = encode(message.as_bytes());
            let text = String::from_utf8(encoded).unwrap();
            let body = text.strip_suffix(".\r\n").unwrap();
            for line in body.split_terminator("\r\n") {
                prop_assert!(!line.contains(['\r', '\n']) && line != ".");
            }
        }
    }
}
