//! What the daemon on this machine says of itself at `/ready`: it knows what it cannot write into the store.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use crate::daemon::reachable;
use crate::problem::ProblemKind;

/// How long the daemon may take to answer. One that does not is judged by its lock and its heartbeat.
const PATIENCE: Duration = Duration::from_secs(2);

/// The most that is read of an answer.
const MOST: u64 = 16 * 1024;

/// The kinds of problem with which the daemon that listens at `listen` is not ready; none when it is, or does not answer.
pub(super) fn not_ready(listen: &str) -> Vec<ProblemKind> {
    ask(listen).as_deref().map(kinds).unwrap_or_default()
}

fn ask(listen: &str) -> Option<String> {
    let address = listen.to_socket_addrs().ok()?.next().map(reachable)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    write!(stream, "GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.take(MOST).read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// The kinds in an answer, each at the beginning of its line.
fn kinds(answer: &str) -> Vec<ProblemKind> {
    if !answer.starts_with("HTTP/1.1 503") {
        return Vec::new();
    }
    answer.lines().filter_map(|line| line.split_once(": ")?.0.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_kinds() {
        let head = "content-type: text/plain\r\n\r\nnot ready\n";
        let full = "store-unwritable: the store cannot be written\n";
        let told = |answer: &str| kinds(answer);
        assert_eq!(told(&format!("HTTP/1.1 503 S\r\n{head}{full}")), [ProblemKind::StoreUnwritable]);
        assert_eq!(told(&format!("HTTP/1.1 503 S\r\n{head}")), []);
        assert_eq!(told(&format!("HTTP/1.1 200 OK\r\n{head}{full}")), []);
    }

    #[test]
    fn who_does_not_listen_says_nothing() {
        assert_eq!(not_ready("127.0.0.1:1"), [], "nobody listens there");
        assert_eq!(not_ready("no address"), []);
    }
}
