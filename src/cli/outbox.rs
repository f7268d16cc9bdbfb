//! What is said wherever letters count as accepted and went into a folder instead of to people.

use std::path::Path;

/// Where letters go that nobody receives, when that is how the shop is set up.
pub(super) fn warning(outbox: Option<&Path>) -> Option<String> {
    let folder = outbox?.display();
    Some(format!(
        "letters are written to files in `{folder}` and nobody is written to: `transport` in `[mail]` is \"directory\""
    ))
}

/// Says of `count` accepted deliveries that they are files, and where.
pub(super) fn filed(count: u64, outbox: Option<&Path>) -> String {
    let place = match outbox {
        Some(folder) => format!("`{}`", folder.display()),
        None => "the folder that `[mail.directory]` named then".to_owned(),
    };
    let are = if count == 1 { "1 of the accepted is a file" } else { &format!("{count} of the accepted are files") };
    format!("{are} in {place}; nobody was written to")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_from_mail() {
        let folder = Some(Path::new("/srv/carillon/outbox"));
        assert_eq!(filed(1, folder), "1 of the accepted is a file in `/srv/carillon/outbox`; nobody was written to");
        assert_eq!(filed(5, folder), "5 of the accepted are files in `/srv/carillon/outbox`; nobody was written to");
        assert_eq!(warning(None), None);
        assert!(warning(folder).is_some_and(|said| said.contains("`/srv/carillon/outbox` and nobody is written to")));
    }
}
