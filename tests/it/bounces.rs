//! What comes back is read as it is meant: on a few reports of our own making, and on a collection of real ones where there is one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use carillon::bounce::{self, BounceClass, BounceEffect, BounceTable, FeedbackKind, Returned, ReturnedKind};

use crate::tidy::root;

fn read(file: &Path) -> Returned {
    bounce::read(&fs::read(file).unwrap(), None, BounceTable::built_in())
}

#[track_caller]
fn check(name: &str, kind: ReturnedKind, class: Option<BounceClass>) {
    let returned = read(&root().join("tests/fixtures/bounces").join(name));
    assert_eq!(returned.kind, kind, "{name}: {returned:?}");
    assert_eq!(returned.recipients.first().map(|one| one.class), class, "{name}: {returned:?}");
}

#[test]
fn reports_of_our_own_making() {
    use BounceClass as C;
    use ReturnedKind::{AutoReply, Complaint, Delay, Failure, Other};
    check("postfix-unknown.eml", Failure, Some(C::AddressDead));
    check("postfix-full.eml", Failure, Some(C::MailboxFull));
    check("sendmail-delayed.eml", Delay, None);
    check("qmail-unknown.eml", Failure, Some(C::AddressDead));
    check("exim-domain.eml", Failure, Some(C::DomainDead));
    check("exchange-policy.eml", Failure, Some(C::PolicySender));
    check("orange-spam.eml", Failure, Some(C::PolicyContent));
    check("after-the-body.eml", Failure, Some(C::Unknown));
    check("french.eml", Failure, Some(C::AddressDead));
    check("complaint.eml", Complaint(FeedbackKind::Unwanted), None);
    check("out-of-office.eml", AutoReply, None);
    check("answer.eml", Other, None);
}

#[test]
fn nothing_that_is_kept_names_anybody() {
    for entry in fs::read_dir(root().join("tests/fixtures/bounces")).unwrap() {
        let returned = read(&entry.unwrap().path());
        for one in &returned.recipients {
            assert!(!one.said.contains("camille"), "{}", one.said);
        }
    }
}

/// One file of the collection and its label.
struct Labelled {
    file: PathBuf,
    /// What the labels say: nobody is there, or somebody may be.
    hard: bool,
    reason: String,
}

/// The collection beside the project: messages, and `labels.csv` with `file`, `reason` and `hard_bounce`. What its labels mean here:
///
/// - `hard_bounce` is what we call an address or a domain that is dead. A report that ends somebody only when it comes a second time
///   (`domain-dead`) counts as such; mailboxes that are full, disabled or filtered, and everything about us, do not.
/// - A file whose rows contradict each other says nothing, and is left out.
/// - `filtered` is given both to people whose filter is on and to `550 user unknown` of operators that are known to say so for
///   them. Words that plainly say at RCPT that there is no such user, with no status that says otherwise, cannot be told from
///   those that mean it (B-11): such a file counts as a disagreement, not as a living person.
fn collection() -> Option<Vec<Labelled>> {
    let folder = root().parent()?.join("shared/bounces");
    let labels = fs::read_to_string(folder.join("labels.csv")).ok()?;
    let mut found: BTreeMap<String, Vec<(bool, String)>> = BTreeMap::new();
    for line in labels.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        found.entry(fields[0].to_owned()).or_default().push((fields[5] == "true", fields[4].to_owned()));
    }
    let labelled = found.into_iter().filter(|(_, rows)| rows.iter().all(|row| row.0 == rows[0].0));
    Some(
        labelled
            .map(|(file, rows)| Labelled {
                file: folder.join("messages").join(file),
                hard: rows[0].0,
                reason: rows[0].1.clone(),
            })
            .collect(),
    )
}

#[test]
fn labelled_reports_are_read_as_their_labels_say() {
    let Some(collection) = collection() else { return };
    let table = BounceTable::built_in();
    let (mut agreed, mut wrong, mut living) = (0, Vec::new(), Vec::new());
    for Labelled { file, hard, reason } in &collection {
        let returned = read(file);
        let ends = |one: &bounce::Undelivered| {
            matches!(table.effect(one.class), BounceEffect::Dead | BounceEffect::DeadIfTwice)
        };
        let ours = returned.recipients.iter().any(ends);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if ours && !hard && reason != "filtered" {
            living.push(name.clone());
        }
        if ours == *hard {
            agreed += 1
        } else {
            wrong.push(format!("{name} ({reason})"))
        }
        match reason.as_str() {
            "feedback" => assert!(matches!(returned.kind, ReturnedKind::Complaint(_)), "{name}: {returned:?}"),
            "vacation" => assert_eq!(returned.kind, ReturnedKind::AutoReply, "{name}"),
            "delivered" => assert_eq!(returned.kind, ReturnedKind::Delivered, "{name}"),
            _ => {}
        }
    }
    assert!(living.is_empty(), "somebody who is alive is taken for dead: {living:?}");
    assert!(agreed * 100 >= collection.len() * 95, "{agreed} of {} agree; not {wrong:?}", collection.len());
}
