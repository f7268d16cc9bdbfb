//! What a relay's log says of letters of which nobody knows whether it took them: Postfix, Exim and Sendmail write a line when they
//! have, with the return path, which names the delivery and proves that we made it.
//!
//! | log | the line |
//! |---|---|
//! | Postfix, Sendmail | `QUEUEID: from=<b+4711.…@b.example.fr>, size=…` |
//! | Exim | `… MESSAGEID <= b+4711.…@b.example.fr H=…` |
//!
//! Postfix writes that line when a message is in its queue, and a refusal (`NOQUEUE: reject`) has no size. What is missing from a log says
//! nothing by itself: the log may begin later, or be another one.

/// The return path of the message that a line of a relay's log says it took.
pub fn taken(line: &str) -> Option<&str> {
    let postfix = || {
        let (path, after) = line.split_once(": from=<")?.1.split_once('>')?;
        after.starts_with(", size=").then_some(path)
    };
    let exim = || line.split_once(" <= ")?.1.split_whitespace().next();
    postfix().or_else(exim).filter(|path| path.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_says_that_a_message_was_taken_names_its_return_path() {
        const PATH: &str = "b+4711.0123456789abcdef@b.example.fr";
        for line in [
            "Nov 27 21:00:01 relay postfix/qmgr[812]: 4bF3kZ1Xyz: from=<PATH>, size=6123, nrcpt=1 (queue active)",
            "2026-11-27T21:00:01.123456+01:00 relay postfix/qmgr[812]: 4bF3kZ1Xyz: from=<PATH>, size=6123, nrcpt=1 (queue active)",
            "Nov 27 21:00:01 relay sm-mta[99]: 5ARK01ab012345: from=<PATH>, size=6123, class=-60, nrcpts=1, msgid=<1@example.fr>",
            "2026-11-27 21:00:01 1vOabc-000000001-0abc <= PATH H=shop.example.fr [192.0.2.1] P=esmtps S=6123 id=1@example.fr",
        ] {
            assert_eq!(taken(&line.replace("PATH", PATH)), Some(PATH), "{line}");
        }
        for line in [
            "Nov 27 21:00:01 relay postfix/smtpd[8]: NOQUEUE: reject: RCPT from a[192.0.2.1]: 554 5.7.1 no; from=<PATH> to=<x@example.org>",
            "Nov 27 21:00:01 relay postfix/smtp[9]: 4bF3kZ1Xyz: to=<x@example.org>, relay=none, status=deferred",
            "Nov 27 21:00:01 relay postfix/qmgr[812]: 4bF3kZ1Xyz: from=<>, size=6123, nrcpt=1 (queue active)",
            "2026-11-27 21:00:01 1vOabc-000000001-0abc <= <> R=1vOabb P=local S=6123",
            "2026-11-27 21:00:01 1vOabc-000000001-0abc => x@example.org R=dnslookup T=remote_smtp",
            "from=<",
            "",
        ] {
            assert_eq!(taken(&line.replace("PATH", PATH)), None, "{line}");
        }
    }
}
