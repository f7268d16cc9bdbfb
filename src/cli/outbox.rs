//! What is said wherever letters count as accepted and went into a folder instead of to people.

use std::path::Path;

use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// Where letters go that nobody receives, when that is how the shop is set up.
pub(super) fn warning(outbox: Option<&Path>) -> Option<Phrase> {
    Some(phrase!("outbox-warning", folder = Fact::text(outbox?.display())))
}

/// Says of `count` accepted deliveries that they are files, and where.
pub(super) fn filed(count: u64, outbox: Option<&Path>) -> Phrase {
    match outbox {
        Some(folder) => phrase!("outbox-filed", count = count, folder = Fact::text(folder.display())),
        None => phrase!("outbox-filed-then", count = count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_from_mail() {
        let folder = Some(Path::new("/srv/carillon/outbox"));
        let filed = |count| filed(count, folder).to_string();
        assert_eq!(filed(1), "1 of the accepted is a file in `/srv/carillon/outbox`; nobody was written to");
        assert_eq!(filed(5), "5 of the accepted are files in `/srv/carillon/outbox`; nobody was written to");
        assert_eq!(warning(None), None);
        let said = warning(folder).unwrap().to_string();
        assert!(said.contains("`/srv/carillon/outbox` and nobody is written to"), "{said}");
    }
}
